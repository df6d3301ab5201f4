import Foundation
import Specs
import Testing

/// Recorded texts and the folders that they come from.
///
/// `RECORD_GOLDEN=1` rewrites every text and then fails, so that the difference gets read.
enum Golden {
    /// The folders of cases in a folder of this target's sources; none where it cannot be read.
    static func cases(in folder: URL) -> [String] {
        // A folder that cannot be read is noticed by the test that counts the cases.
        let names = try? FileManager.default.contentsOfDirectory(atPath: folder.path)
        return (names ?? []).filter { !$0.hasPrefix(".") }.sorted()
    }

    /// All files of a folder, by their names.
    static func files(in folder: URL) throws -> [SpecFile] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted().map { name in
            SpecFile(path: name, bytes: [UInt8](try Data(contentsOf: folder.appending(path: name))))
        }
    }

    /// Compares the text with the recorded one.
    static func expect(
        _ text: String, in file: URL, sourceLocation: Testing.SourceLocation = #_sourceLocation
    ) throws {
        if ProcessInfo.processInfo.environment["RECORD_GOLDEN"] != nil {
            try text.write(to: file, atomically: true, encoding: .utf8)
            Issue.record(
                "recorded \(file.lastPathComponent); read the difference, then run without RECORD_GOLDEN",
                sourceLocation: sourceLocation)
        } else {
            #expect(text == (try String(contentsOf: file, encoding: .utf8)), sourceLocation: sourceLocation)
        }
    }
}
