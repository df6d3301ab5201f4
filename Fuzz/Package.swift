// swift-tools-version: 6.2
import PackageDescription

// A package of its own, so that ordinary builds know nothing of it: the sources of the reader, the loader and the DNS
// filter's decisions with libFuzzer's instrumentation. scripts/fuzz builds and runs it.

let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .unsafeFlags(["-sanitize=fuzzer,address"]),
]

let package = Package(
    name: "reconcile",
    targets: [
        .systemLibrary(name: "CLibYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(name: "CLibFuzzer"),
        .target(name: "Specs", dependencies: ["CLibYAML"], swiftSettings: strict),
        // Without what needs sockets.
        .target(
            name: "NameFilter", dependencies: ["Specs"],
            exclude: [
                "Server", "Resolving/FilterEngine.swift", "Resolving/UpstreamClient.swift",
                "Resolving/UpstreamExchange.swift", "Resolving/UpstreamServers.swift",
            ],
            sources: ["Answers", "Core", "Grants", "Limits", "Rules", "Wire", "Resolving/UpstreamSettings.swift"],
            swiftSettings: strict),
        .executableTarget(
            name: "fuzz", dependencies: ["NameFilter", "Specs", "CLibFuzzer"], swiftSettings: strict,
            linkerSettings: [.unsafeFlags(["-sanitize=fuzzer,address", "-use-ld=lld"])]),
    ],
    swiftLanguageModes: [.v6]
)
