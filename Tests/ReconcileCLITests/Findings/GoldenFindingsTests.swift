import Foundation
import GitSource
import Specs
import Testing

@testable import ReconcileCLI

/// `Golden/<case>/`: specs in, what a terminal shows of them out.
///
/// `RECORD_GOLDEN=1` rewrites every text and then fails, so that the difference gets read.
struct GoldenFindingsTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden")

    private static var cases: [String] {
        // A folder that cannot be read is noticed by the test below.
        let names = try? FileManager.default.contentsOfDirectory(atPath: folder.path)
        return (names ?? []).filter { !$0.hasPrefix(".") }.sorted()
    }

    @Test("there are cases")
    func casesExist() { #expect(Self.cases.count >= 12) }

    @Test("specs give this text on a terminal", arguments: cases)
    func findings(name: String) throws {
        let folder = Self.folder.appending(path: name)
        let text = try text(folder.appending(path: "specs").path) + "\n"
        let file = folder.appending(path: "findings.txt")
        if ProcessInfo.processInfo.environment["RECORD_GOLDEN"] != nil {
            try text.write(to: file, atomically: true, encoding: .utf8)
            Issue.record("recorded \(name); read the difference, then run without RECORD_GOLDEN")
        } else {
            let recorded = try String(contentsOf: file, encoding: .utf8)
            #expect(text == recorded)
        }
    }

    private func text(_ folder: String) throws -> String {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        let files = try names.map { name in
            SpecFile(path: name, bytes: [UInt8](try Data(contentsOf: URL(filePath: folder + "/" + name))))
        }
        let loaded = SpecLoader.load(files)
        var renderer = FindingsRenderer(files)
        let report = FindingsReport(loaded.diagnostics, files: files.count, objects: loaded.specs?.count)
        return renderer.text(report.diagnostics) + "\n\n" + report.summary
    }
}
