// swift-tools-version: 6.2
import PackageDescription

/// Every target of ours: Swift 6 language mode, warnings as errors, and imports that say who may see them.
let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

let log = Target.Dependency.product(name: "Logging", package: "swift-log")
let deque = Target.Dependency.product(name: "DequeModule", package: "swift-collections")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let httpClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let nio = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")

let package = Package(
    name: "reconcile",
    products: [.executable(name: "reconcile", targets: ["reconcile"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-collections", exact: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", exact: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1"),
        .package(url: "https://github.com/swift-server/async-http-client", exact: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", exact: "1.0.2"),
    ],
    targets: [
        // Debian's libyaml and libgit2, as they are.
        .systemLibrary(name: "CMalloc"),
        .systemLibrary(name: "CSched"),
        .systemLibrary(name: "CStatfs"),
        .systemLibrary(name: "CTimex"),
        .systemLibrary(name: "CLibYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(name: "CGit2", pkgConfig: "libgit2", providers: [.apt(["libgit2-dev"])]),
        // Files of this host that decide whom we obey.
        .target(name: "HostFiles", swiftSettings: strict),
        // Bytes in, typed and validated specs out.
        .target(name: "Specs", dependencies: ["CLibYAML"], swiftSettings: strict),
        // The heart: states in, plan out; the queue, the controller and the protocols that the outside conforms to.
        .target(name: "Reconciler", dependencies: ["Specs", crypto, log, deque], swiftSettings: strict),
        // Event loops that come before everything else on a busy host.
        .target(name: "PromptThreads", dependencies: ["CSched", nio, nioPosix], swiftSettings: strict),
        // Which names containers may resolve, and the addresses that are opened for them.
        .target(name: "NameFilter", dependencies: ["Specs", log, nio, nioPosix], swiftSettings: strict),
        // The only code that touches the host.
        .target(
            name: "Drivers",
            dependencies: [
                "CStatfs", "CTimex", "NameFilter", "Reconciler", "Specs", httpClient, nio, nioHTTP1, nioPosix, log,
                subprocess,
            ],
            swiftSettings: strict),
        // A commit in, spec files out.
        .target(
            name: "GitSource", dependencies: ["HostFiles", "Reconciler", "Specs", "CGit2", crypto, log],
            swiftSettings: strict),
        // What must survive a restart.
        .target(
            name: "Storage",
            dependencies: ["Reconciler", "Specs", crypto, .product(name: "GRDB", package: "GRDB.swift")],
            swiftSettings: strict),
        // The daemon's API: its server on a Unix socket and TCP, and its client.
        .target(
            name: "API",
            dependencies: [
                "HostFiles", "PromptThreads", "Reconciler", "Specs", crypto, deque, httpClient, log, nio, nioHTTP1,
                nioPosix,
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "HummingbirdTLS", package: "hummingbird"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ], swiftSettings: strict),
        // Commands and their rendering.
        .target(
            name: "ReconcileCLI",
            dependencies: [
                "API", "CMalloc", "Drivers", "GitSource", "HostFiles", "NameFilter", "PromptThreads", "Reconciler",
                "Specs",
                "Storage", crypto, log,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ], swiftSettings: strict),
        .executableTarget(
            name: "reconcile",
            dependencies: ["ReconcileCLI", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            swiftSettings: strict),
        // The figures of docs/performance.md.
        .executableTarget(
            name: "reconcile-bench",
            dependencies: [
                "Drivers", "GitSource", "NameFilter", "PromptThreads", "Reconciler", "ReconcileTesting", "Specs",
                crypto, log, nio,
                nioPosix,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], swiftSettings: strict),
        // Random faults against real engines and daemons; the command of scripts/soak.
        .executableTarget(
            name: "reconcile-soak",
            dependencies: [
                "Drivers", "Reconciler", "ReconcileTesting", "Storage",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], swiftSettings: strict),
        // Test vectors of other projects, run against the program's own code; and the command for it.
        .target(name: "Vectors", dependencies: ["Reconciler", "Specs"], swiftSettings: strict),
        .executableTarget(
            name: "conformance",
            dependencies: ["Vectors", .product(name: "ArgumentParser", package: "swift-argument-parser")],
            swiftSettings: strict),
        // Twins, clocks, engines and proxies for tests and benchmarks.
        .target(
            name: "ReconcileTesting",
            dependencies: ["Drivers", "NameFilter", "Reconciler", "Specs", nio, nioPosix, nioHTTP1, subprocess],
            swiftSettings: strict),
        // What must hold in every run of the program, recomputed from a trace of it.
        .target(name: "Invariants", dependencies: ["Reconciler", "Specs"], swiftSettings: strict),
        // The heart against an engine, a git and a clock made of dice; and the command for it.
        .target(
            name: "Simulation", dependencies: ["Invariants", "Reconciler", "ReconcileTesting", "Specs", log],
            swiftSettings: strict),
        .executableTarget(
            name: "reconcile-sim",
            dependencies: [
                "CMalloc", "Invariants", "Simulation",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ], swiftSettings: strict),

        .testTarget(
            name: "SpecsTests", dependencies: ["Specs"],
            exclude: ["Findings", "Kinds/Complete", "Rejected", "Vectors"],
            swiftSettings: strict),
        .testTarget(
            name: "ReconcilerTests", dependencies: ["Reconciler", "ReconcileTesting", "Vectors"], exclude: ["Vectors"],
            swiftSettings: strict),
        .testTarget(
            name: "DriversTests",
            dependencies: ["Drivers", "Reconciler", "ReconcileTesting", "Specs", log, nio, nioPosix],
            exclude: ["Fixtures"], swiftSettings: strict),
        .testTarget(
            name: "GitSourceTests",
            dependencies: ["GitSource", "Reconciler", "ReconcileTesting", "Specs", "reconcile", log],
            swiftSettings: strict),
        .testTarget(
            name: "SimulationTests",
            dependencies: ["Invariants", "Simulation", "Reconciler", "ReconcileTesting", "Specs"],
            exclude: ["seeds.txt"], swiftSettings: strict),
        .testTarget(
            name: "NameFilterTests",
            dependencies: ["NameFilter", "ReconcileTesting", "Specs", log, nio, nioPosix], swiftSettings: strict),
        .testTarget(
            name: "StorageTests",
            dependencies: [
                "Storage", "Reconciler", "ReconcileTesting", "Specs", .product(name: "GRDB", package: "GRDB.swift"),
            ],
            exclude: ["Formats"], swiftSettings: strict),
        .testTarget(
            name: "APITests",
            dependencies: [
                "API", "PromptThreads", "Reconciler", "Specs", "ReconcileTesting", crypto, httpClient, log, nio,
                nioHTTP1,
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "ReconcileCLITests",
            dependencies: [
                "ReconcileCLI", "API", "Drivers", "GitSource", "NameFilter", "Reconciler", "ReconcileTesting", "Specs",
                "Storage", "reconcile", log,
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            exclude: ["ExamplePlans", "Golden", "Findings/Golden", "Snapshots/Formats"], swiftSettings: strict),
        .testTarget(
            name: "IntegrationTests",
            dependencies: ["Drivers", "Reconciler", "ReconcileTesting", "Specs", "reconcile"],
            swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
