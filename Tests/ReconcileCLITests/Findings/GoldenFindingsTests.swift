import Foundation
import GitSource
import Specs
import Testing

@testable import ReconcileCLI

/// `Golden/<case>/`: specs in, what a terminal shows of them out.
struct GoldenFindingsTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden")

    private static var cases: [String] { Golden.cases(in: folder) }

    @Test("there are cases")
    func casesExist() { #expect(Self.cases.count >= 12) }

    @Test("specs give this text on a terminal", arguments: cases)
    func findings(name: String) throws {
        let folder = Self.folder.appending(path: name)
        let text = try text(folder.appending(path: "specs")) + "\n"
        try Golden.expect(text, in: folder.appending(path: "findings.txt"))
    }

    private func text(_ folder: URL) throws -> String {
        let files = try Golden.files(in: folder)
        let loaded = SpecLoader.load(files)
        var renderer = FindingsRenderer(files)
        let report = FindingsReport(loaded.diagnostics, files: files.count, objects: loaded.specs?.count)
        return renderer.text(report)
    }
}
