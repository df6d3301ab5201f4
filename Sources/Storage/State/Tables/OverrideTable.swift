import GRDB
import Reconciler
import Specs

/// What people said about windows in an emergency; the empty object is the whole host.
enum OverrideTable {
    private static let host = ""

    static func replace(_ override: WindowOverride, in database: Database) throws {
        try database.run(
            """
            INSERT OR REPLACE INTO window_override (object, reason, requested_by, since, until) VALUES (?, ?, ?, ?, ?)
            """,
            [
                override.object?.description ?? host, override.reason, override.by, override.since.secondsSince1970,
                override.until.secondsSince1970,
            ])
    }

    static func remove(_ object: ResourceID?, in database: Database) throws {
        try database.run("DELETE FROM window_override WHERE object = ?", [object?.description ?? host])
    }

    /// One of an object that this version does not know overrides nothing.
    static func all(in database: Database) throws -> [WindowOverride] {
        try database.rows("SELECT * FROM window_override ORDER BY object").compactMap { row in
            let text: String = row["object"]
            let object = ResourceID(text)
            if object == nil && text != host { return nil }
            return WindowOverride(
                object: object, reason: row["reason"], by: row["requested_by"], since: row.instant("since"),
                until: row.instant("until"))
        }
    }
}
