import Foundation
import GRDB
import Reconciler
import Specs

/// The revision in force, the one before it, and those that pins name, with their files in the order in which they came.
enum RevisionTable {
    static func accept(_ accepted: AcceptedRevision, in database: Database) throws {
        let revision = accepted.revision
        try database.run("UPDATE revision SET is_accepted = 0 WHERE is_accepted = 1")
        // A plain folder has one revision for ever, with other files each time.
        try database.run("DELETE FROM revision WHERE id = ? AND reference = ?", [revision.id, revision.reference])
        try database.run(
            "INSERT INTO revision (id, reference, is_accepted) VALUES (?, ?, 1)", [revision.id, revision.reference])
        let number = database.lastInsertedRowID
        for (position, file) in accepted.files.enumerated() {
            try database.run(
                "INSERT INTO revision_file (revision, position, path, folder, is_spec, bytes) VALUES (?, ?, ?, ?, ?, ?)",
                [number, position, file.path, file.folder, file.isSpec, Data(file.bytes)])
        }
    }

    /// The revision before the one in force, one that a pin names or that an open rollout would go back to, or one of the
    /// newest so many that an undo would.
    private static let isEarlier = """
        (is_accepted = 0 AND number = (SELECT max(number) FROM revision WHERE is_accepted = 0) OR EXISTS (
            SELECT * FROM pin WHERE pin.id = revision.id AND pin.reference = revision.reference) OR EXISTS (
            SELECT * FROM rollout WHERE is_open = 1
                AND good_id = revision.id AND good_reference = revision.reference) OR number IN (
            SELECT DISTINCT kept.number FROM revision AS kept JOIN rollout
                ON is_open = 0 AND good_id = kept.id AND good_reference = kept.reference
                ORDER BY kept.number DESC LIMIT ?))
        """

    /// Drops the files of every revision that nobody can go back to.
    ///
    /// - Parameter most: how many are kept for nothing but an undo.
    static func dropUnneeded(keeping most: Int, in database: Database) throws {
        try database.run("DELETE FROM revision WHERE is_accepted = 0 AND NOT \(isEarlier)", [most])
    }

    static func accepted(in database: Database) throws -> AcceptedRevision? {
        try database.rows("SELECT number, id, reference FROM revision WHERE is_accepted = 1").first
            .flatMap { try read($0, in: database) }
    }

    static func earlier(keeping most: Int, in database: Database) throws -> [AcceptedRevision] {
        try database.rows(
            "SELECT number, id, reference FROM revision WHERE \(isEarlier) ORDER BY number", [most]
        )
        .compactMap { try read($0, in: database) }
    }

    private static func read(_ row: Row, in database: Database) throws -> AcceptedRevision? {
        guard let revision = row.revision else { return nil }
        let number: Int64 = row["number"]
        let files = try database.rows(
            "SELECT path, folder, is_spec, bytes FROM revision_file WHERE revision = ? ORDER BY position", [number])
        return AcceptedRevision(revision: revision, files: files.map(file))
    }

    private static func file(_ row: Row) -> SpecFile {
        SpecFile(
            path: row["path"], bytes: [UInt8](row["bytes"] as Data), folder: row["folder"],
            isSpec: row["is_spec"] as Bool)
    }
}

/// Reads what the first version of the format kept, for those who must not bring it up to date.
enum FirstFormat {
    static func accepted(in database: Database) throws -> AcceptedRevision? {
        guard let row = try database.rows("SELECT id, reference FROM accepted_revision").first,
            let revision = row.revision
        else { return nil }
        let files = try database.rows("SELECT path, bytes FROM accepted_file ORDER BY path").map {
            SpecFile(path: $0["path"], bytes: [UInt8]($0["bytes"] as Data))
        }
        return AcceptedRevision(revision: revision, files: files)
    }
}
