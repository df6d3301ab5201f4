import Foundation
import Specs
import Testing

@Suite("The examples are valid")
struct ExampleSpecsTests {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "examples/specs")

    static let folders = [
        "agent-workspaces", "agents", "ai-services", "microservices", "price-alerts", "publish", "quickstart", "rag",
    ]

    /// The files below a folder of the examples; of all of them where it is empty.
    static func files(under folder: String) throws -> [SpecFile] {
        let root = Self.root.appending(path: folder).path()
        let paths = try FileManager.default.subpathsOfDirectory(atPath: root).filter { $0.hasSuffix(".yaml") }
        return try paths.map { path in
            SpecFile(path: path, bytes: Array(try Data(contentsOf: URL(filePath: root).appending(path: path))))
        }
    }

    @Test("each folder on its own and the whole tree, as such and in every environment", arguments: [""] + folders)
    func examples(folder: String) throws {
        let files = try Self.files(under: folder)
        #expect(!files.isEmpty)
        let loaded = SpecLoader.validate(files)
        #expect(loaded.diagnostics.filter { $0.code != .notYetEnforced }.map(\.description) == [])
        #expect(loaded.specs?.isEmpty == false)
        // What is checked is what runs: the revision means something where a host names no environment, too.
        #expect(SpecLoader.load(files).specs == loaded.specs)
    }

    @Test("every folder is tested, and says what it shows")
    func everyFolder() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.root.path()).sorted()
        #expect(names.filter { $0 != "README.md" } == Self.folders)
        let overview = try String(contentsOf: Self.root.appending(path: "README.md"), encoding: .utf8)
        for folder in Self.folders { #expect(overview.contains("](\(folder)/)"), "\(folder)") }
    }

    @Test("the examples show every kind of the language")
    func everyKind() throws {
        let specs = try #require(SpecLoader.load(try Self.files(under: "")).specs)
        for kind in KindDefinition.all { #expect(kind.count(specs) > 0, "\(kind.kind)") }
    }

    @Test(
        "an environment changes what it names and nothing else",
        arguments: [
            ("staging", 1, "registry.example.com/shop/catalog:4.2.0-rc.1", "debug", 1...2),
            ("production", 4, "registry.example.com/shop/catalog:4.1.0", "info", 3...10),
            (nil, 3, "registry.example.com/shop/catalog:4.1.0", "info", 3...10),
        ] as [(String?, Int, String, String, ClosedRange<Int>)])
    func environments(name: String?, replicas: Int, image: String, level: String, bounds: ClosedRange<Int>) throws {
        let specs = try #require(SpecLoader.load(try Self.files(under: "microservices"), environment: name).specs)
        let catalog = try #require(specs.workloads.first { $0.id.name == "catalog" })
        #expect(catalog.spec.replicas == replicas)
        #expect(catalog.spec.source.template.image == image)
        #expect(catalog.spec.source.template.env["LOG_LEVEL"] == level)
        #expect(catalog.labels["environment"] == name)
        let autoscaler = try #require(specs.autoscalers.first { $0.id.name == "catalog" })
        #expect(autoscaler.spec.min...autoscaler.spec.max == bounds)
    }
}
