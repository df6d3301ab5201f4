import Foundation
import GRDB
package import Reconciler
import Specs

/// The state store in one SQLite file, durable before a write returns.
///
/// WAL with `synchronous=FULL`: with NORMAL a power loss took every acknowledged commit of a test, with FULL none.
/// The format has a version; a file of a newer version is refused, never half read.
package final class SQLiteStateStore: StateStore {
    let database: DatabaseQueue

    /// Opens the file, or makes it, and brings its format up to date.
    ///
    /// - Throws: `StateStoreError` when the file cannot be used; it is left as it is.
    package init(path: String) throws(StateStoreError) {
        var configuration = Configuration()
        configuration.prepareDatabase { database in
            try database.execute(
                sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000")
        }
        do {
            database = try DatabaseQueue(path: path, configuration: configuration)
            let migrator = Self.migrator
            if try database.read(migrator.hasBeenSuperseded) {
                throw StateStoreError(
                    .newerFormat,
                    "'\(path)' was written by a newer version of reconcile; run that version, or move the file away")
            }
            try migrator.migrate(database)
        } catch {
            throw Self.typed(error, path)
        }
    }

    /// The revision in force, read beside a daemon that may be running; nothing is written.
    ///
    /// - Returns: nil when there is no such file that we may read, or nothing in it.
    /// - Throws: `StateStoreError` when the file cannot be understood.
    package static func acceptedRevision(readingFrom path: String) throws(StateStoreError) -> AcceptedRevision? {
        guard access(path, R_OK) == 0 else { return nil }
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        do {
            return try DatabaseQueue(path: path, configuration: configuration).read(acceptedRevision)
        } catch {
            throw typed(error, path)
        }
    }

    /// One migration for each version of the format; a migration that has shipped never changes.
    private static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1: revisions, incarnations, probed starts") { database in
            try database.execute(
                sql: """
                    CREATE TABLE accepted_revision (
                        only INTEGER PRIMARY KEY CHECK (only = 1), id TEXT NOT NULL, reference TEXT NOT NULL
                    ) STRICT;
                    CREATE TABLE accepted_file (path TEXT PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
                    CREATE TABLE incarnation (
                        kind TEXT NOT NULL, name TEXT NOT NULL, slot INTEGER NOT NULL, highest INTEGER NOT NULL,
                        PRIMARY KEY (kind, name, slot)
                    ) STRICT, WITHOUT ROWID;
                    CREATE TABLE probed_start (container TEXT PRIMARY KEY, started_at TEXT NOT NULL) STRICT;
                    """)
        }
        return migrator
    }

    package func acceptedRevision() throws(StateStoreError) -> AcceptedRevision? {
        try perform(Self.acceptedRevision)
    }

    private static func acceptedRevision(_ database: Database) throws -> AcceptedRevision? {
        let revisions = try Row.fetchAll(database, sql: "SELECT id, reference FROM accepted_revision")
        guard let row = revisions.first else { return nil }
        let files = try Row.fetchAll(database, sql: "SELECT path, bytes FROM accepted_file ORDER BY path").map {
            SpecFile(path: $0["path"], bytes: [UInt8]($0["bytes"] as Data))
        }
        return AcceptedRevision(revision: Revision(id: row["id"], reference: row["reference"]), files: files)
    }

    package func accept(_ accepted: AcceptedRevision) throws(StateStoreError) {
        try perform { database in
            try database.execute(
                sql: "INSERT OR REPLACE INTO accepted_revision (only, id, reference) VALUES (1, ?, ?)",
                arguments: [accepted.revision.id, accepted.revision.reference])
            try database.execute(sql: "DELETE FROM accepted_file")
            for file in accepted.files {
                try database.execute(
                    sql: "INSERT INTO accepted_file (path, bytes) VALUES (?, ?)",
                    arguments: [file.path, Data(file.bytes)])
            }
        }
    }

    package func incarnations() throws(StateStoreError) -> [MemberID: Int] {
        try perform { database in
            var incarnations: [MemberID: Int] = [:]
            for row in try Row.fetchAll(database, sql: "SELECT kind, name, slot, highest FROM incarnation") {
                // A kind that this version does not know belongs to a newer one, and is kept for it.
                guard let kind = ResourceKind(rawValue: row["kind"]) else { continue }
                incarnations[MemberID(ResourceID(kind, row["name"]), row["slot"])] = row["highest"]
            }
            return incarnations
        }
    }

    package func record(incarnation: Int, of member: MemberID) throws(StateStoreError) {
        try perform { database in
            try database.execute(
                sql: """
                    INSERT INTO incarnation (kind, name, slot, highest) VALUES (?, ?, ?, ?)
                    ON CONFLICT DO UPDATE SET highest = max(highest, excluded.highest)
                    """,
                arguments: [member.object.kind.rawValue, member.object.name, member.slot, incarnation])
        }
    }

    package func probedStarts() throws(StateStoreError) -> [String: String] {
        try perform { database in
            let rows = try Row.fetchAll(database, sql: "SELECT container, started_at FROM probed_start")
            return Dictionary(rows.map { ($0["container"], $0["started_at"]) }, uniquingKeysWith: { _, new in new })
        }
    }

    package func record(probed container: String, startedAt: String) throws(StateStoreError) {
        try perform { database in
            try database.execute(
                sql: "INSERT OR REPLACE INTO probed_start (container, started_at) VALUES (?, ?)",
                arguments: [container, startedAt])
        }
    }

    package func forget(probed containers: Set<String>) throws(StateStoreError) {
        try perform { database in
            for container in containers {
                try database.execute(sql: "DELETE FROM probed_start WHERE container = ?", arguments: [container])
            }
        }
    }

    /// One transaction; GRDB's errors become ours.
    private func perform<Value>(_ body: (Database) throws -> Value) throws(StateStoreError) -> Value {
        do {
            return try database.write(body)
        } catch {
            throw Self.typed(error, database.path)
        }
    }

    private static func typed(_ error: any Error, _ path: String) -> StateStoreError {
        switch error {
        case let error as StateStoreError: error
        case let error as DatabaseError
        where error.resultCode == .SQLITE_CORRUPT || error.resultCode == .SQLITE_NOTADB:
            StateStoreError(
                .corrupt,
                "state file '\(path)' is damaged (\(error.message ?? "no detail")); move it away to start anew: "
                    + "containers are found again by their labels")
        default: StateStoreError(.unavailable, "state file '\(path)' cannot be used: \(error)")
        }
    }
}
