import Foundation
import Specs
import Testing

@Suite("The examples are valid")
struct ExampleSpecsTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "examples/specs")

    private func files(under folder: String) throws -> [SpecFile] {
        let root = Self.root.appending(path: folder).path()
        let paths = try FileManager.default.subpathsOfDirectory(atPath: root).filter { $0.hasSuffix(".yaml") }
        return try paths.map { path in
            SpecFile(path: path, bytes: Array(try Data(contentsOf: URL(filePath: root).appending(path: path))))
        }
    }

    @Test("each folder on its own and the whole tree", arguments: ["", "quickstart", "publish", "agents"])
    func examples(folder: String) throws {
        let files = try files(under: folder)
        #expect(!files.isEmpty)
        let loaded = SpecLoader.load(files)
        #expect(loaded.diagnostics.map(\.description) == [])
        #expect(loaded.specs?.isEmpty == false)
    }

    @Test("every folder is tested")
    func folders() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.root.path()).sorted()
        #expect(names == ["agents", "publish", "quickstart"])
    }
}
