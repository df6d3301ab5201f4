import Foundation
import GRDB
import Reconciler
import Specs

/// Objects that follow an earlier revision, or none.
enum PinTable {
    static func replace(_ pin: Pin, in database: Database) throws {
        try database.run(
            """
            INSERT OR REPLACE INTO pin (object, id, reference, cause, reason, rejected, since)
            VALUES (?, ?, ?, ?, ?, ?, ?)
            """,
            [
                pin.object.description, pin.revision?.id, pin.revision?.reference, pin.cause.rawValue, pin.reason,
                pin.rejected, pin.since.secondsSince1970,
            ])
    }

    static func remove(_ object: ResourceID, in database: Database) throws {
        try database.run("DELETE FROM pin WHERE object = ?", [object.description])
    }

    static func all(in database: Database) throws -> [Pin] {
        try database.rows("SELECT * FROM pin").compactMap { row in
            // A kind that this version does not know belongs to a newer one, and is kept for it.
            guard let object = ResourceID(row["object"] as String) else { return nil }
            // A cause of a newer version is a reason all the same: the pin holds until somebody takes it away.
            return Pin(
                object: object, revision: row.revision, cause: Pin.Cause(rawValue: row["cause"]) ?? .requested,
                reason: row["reason"], rejected: row["rejected"], since: row.instant("since"))
        }.sorted { $0.object < $1.object }
    }
}

/// What nobody touches until it is resumed; the empty object is the whole host.
enum PauseTable {
    private static let host = ""

    static func replace(_ pause: Pause, in database: Database) throws {
        try database.run(
            "INSERT OR REPLACE INTO pause (object, reason, requested_by, since) VALUES (?, ?, ?, ?)",
            [pause.object?.description ?? host, pause.reason, pause.by, pause.since.secondsSince1970])
    }

    static func remove(_ object: ResourceID?, in database: Database) throws {
        try database.run("DELETE FROM pause WHERE object = ?", [object?.description ?? host])
    }

    static func all(in database: Database) throws -> [Pause] {
        try database.rows("SELECT * FROM pause").compactMap { row in
            let text: String = row["object"]
            let object = ResourceID(text)
            if object == nil && text != host { return nil }
            return Pause(
                object: object, reason: row["reason"], by: row["requested_by"], since: row.instant("since"))
        }.sorted { first, second in
            guard let a = first.object, let b = second.object else { return first.object == nil }
            return a < b
        }
    }
}

/// Removals that people have allowed, a bounded number of the newest.
enum ApprovalTable {
    static func replace(_ approval: Approval, keeping kept: Int, in database: Database) throws {
        let removals = String(decoding: try JSONEncoder().encode(approval.removals), as: UTF8.self)
        try database.run(
            "DELETE FROM approval WHERE revision = ? AND removals = ?", [approval.revision, removals])
        try database.run(
            "INSERT INTO approval (revision, removals, granted_by, granted_at) VALUES (?, ?, ?, ?)",
            [approval.revision, removals, approval.by, approval.at.secondsSince1970])
        try database.run(
            "DELETE FROM approval WHERE number NOT IN (SELECT number FROM approval ORDER BY number DESC LIMIT ?)",
            [max(0, kept)])
    }

    /// Oldest first.
    static func all(in database: Database) throws -> [Approval] {
        try database.rows("SELECT * FROM approval ORDER BY number").compactMap { row in
            let removals: String = row["removals"]
            // What cannot be read allows nothing.
            guard let names = try? JSONDecoder().decode([String].self, from: Data(removals.utf8)) else { return nil }
            return Approval(
                revision: row["revision"], removals: names, by: row["granted_by"], at: row.instant("granted_at"))
        }
    }
}
