import Foundation
import GRDB
import Reconciler
import Specs
import Testing

@testable import Storage

/// A folder that goes away with the test.
final class ScratchState: Sendable {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent("state-\(UUID().uuidString)").path

    var database: String { path + "/state.sqlite" }
    var audit: String { path + "/audit.jsonl" }

    init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

    deinit {
        // What a test leaves in the system's temporary folder does no harm.
        try? FileManager.default.removeItem(atPath: path)
    }

    /// The names in the folder, sorted.
    var names: [String] { get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() } }

    /// Makes the state file that an old version of the program left.
    func lay(_ format: String) throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Formats/\(format).sql")
        let sql = try String(contentsOf: file, encoding: .utf8)
        let database = try DatabaseQueue(path: database)
        // Migrations of GRDB leave the file as it was before them.
        try database.writeWithoutTransaction { try $0.execute(sql: "PRAGMA journal_mode = WAL;" + sql) }
        try database.close()
    }
}

let testMoment = Instant(secondsSince1970: 1_795_267_500)

func accepted(_ id: String, _ files: SpecFile...) -> AcceptedRevision {
    AcceptedRevision(revision: Revision(id: id, reference: "main"), files: files)
}
