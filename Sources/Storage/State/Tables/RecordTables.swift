import GRDB
import Reconciler
import Specs

/// What happened, a bounded number of the newest.
enum EventTable {
    static func insert(_ event: EventRecord, keeping kept: Int, in database: Database) throws {
        try database.run(
            "INSERT INTO event (time, severity, key, reason, message, revision) VALUES (?, ?, ?, ?, ?, ?)",
            [
                event.time.secondsSince1970, event.severity.rawValue, event.key?.description, event.reason,
                event.message, event.revision,
            ])
        let number = database.lastInsertedRowID
        // Now and then: a delete for each insert would double the work.
        if number % 256 == 0 { try database.run("DELETE FROM event WHERE number <= ?", [number - Int64(kept)]) }
    }

    /// Oldest first.
    static func newest(_ limit: Int, in database: Database) throws -> [EventRecord] {
        try database.rows("SELECT * FROM event ORDER BY number DESC LIMIT ?", [max(0, limit)]).reversed().map { row in
            EventRecord(
                time: row.instant("time"), severity: EventRecord.Severity(rawValue: row["severity"]) ?? .normal,
                key: (row["key"] as String?).flatMap { Key($0) }, reason: row["reason"], message: row["message"],
                revision: row["revision"])
        }
    }
}

/// What became of revisions, a bounded number of the newest.
enum HistoryTable {
    static func replace(_ record: RevisionRecord, keeping kept: Int, in database: Database) throws {
        let revision = record.revision
        let commit = try record.commit ?? commit(of: revision, in: database)
        try database.run("DELETE FROM history WHERE id = ? AND reference = ?", [revision.id, revision.reference])
        try database.run(
            """
            INSERT INTO history (id, reference, outcome, message, time, author, commit_time, subject)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                revision.id, revision.reference, record.outcome.rawValue, record.message,
                record.time.secondsSince1970, commit?.author, commit?.time.secondsSince1970, commit?.subject,
            ])
        try database.run(
            "DELETE FROM history WHERE number NOT IN (SELECT number FROM history ORDER BY number DESC LIMIT ?)",
            [max(0, kept)])
    }

    /// Oldest first. An outcome that this version does not know belongs to a newer one, and is kept for it.
    static func newest(_ limit: Int, in database: Database) throws -> [RevisionRecord] {
        try database.rows("SELECT * FROM history ORDER BY number DESC LIMIT ?", [max(0, limit)]).reversed()
            .compactMap { row in
                guard let revision = row.revision, let outcome = RevisionRecord.Outcome(rawValue: row["outcome"])
                else { return nil }
                return RevisionRecord(
                    revision: revision, commit: commit(row), outcome: outcome, message: row["message"],
                    time: row.instant("time"))
            }
    }

    private static func commit(of revision: Revision, in database: Database) throws -> CommitFacts? {
        try database.rows(
            "SELECT author, commit_time, subject FROM history WHERE id = ? AND reference = ?",
            [revision.id, revision.reference]
        ).first.flatMap(commit)
    }

    private static func commit(_ row: Row) -> CommitFacts? {
        guard let author: String = row["author"], let time: Int64 = row["commit_time"],
            let subject: String = row["subject"]
        else { return nil }
        return CommitFacts(author: author, time: Instant(secondsSince1970: time), subject: subject)
    }
}
