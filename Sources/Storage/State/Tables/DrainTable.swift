import GRDB
import Reconciler
import Specs

/// What empties this host; the empty pool is the whole host.
enum DrainTable {
    static let definition = """
        CREATE TABLE drain (
            pool TEXT PRIMARY KEY, reason TEXT NOT NULL, requested_by TEXT NOT NULL, since INTEGER NOT NULL,
            deadline INTEGER, force INTEGER NOT NULL CHECK (force IN (0, 1)), stage TEXT NOT NULL,
            is_overdue INTEGER NOT NULL CHECK (is_overdue IN (0, 1))
        ) STRICT, WITHOUT ROWID;
        """

    private static let host = ""

    static func replace(_ drain: Drain, in database: Database) throws {
        try database.run(
            """
            INSERT OR REPLACE INTO drain (pool, reason, requested_by, since, deadline, force, stage, is_overdue)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                drain.pool ?? host, drain.reason, drain.by, drain.since.secondsSince1970,
                drain.deadline?.secondsSince1970, drain.force ? 1 : 0, drain.stage.rawValue, drain.isOverdue ? 1 : 0,
            ])
    }

    static func remove(_ pool: String?, in database: Database) throws {
        try database.run("DELETE FROM drain WHERE pool = ?", [pool ?? host])
    }

    /// A stage that this version does not know takes nothing away.
    static func all(in database: Database) throws -> [Drain] {
        try database.rows("SELECT * FROM drain ORDER BY pool").map { row in
            let pool: String = row["pool"]
            let deadline: Int64? = row["deadline"]
            var drain = Drain(
                pool: pool == host ? nil : pool, reason: row["reason"], by: row["requested_by"],
                since: row.instant("since"), deadline: deadline.map { Instant(secondsSince1970: $0) },
                force: row["force"] == 1)
            drain.stage = Drain.Stage(rawValue: row["stage"]) ?? .exceeded
            drain.isOverdue = row["is_overdue"] == 1
            return drain
        }
    }
}
