import Foundation
import GRDB
package import Reconciler

/// The state store in one SQLite file, durable before a write returns.
///
/// WAL with `synchronous=FULL`: with NORMAL a power loss took every acknowledged commit of a test, with FULL none.
/// The format has a version; a file of a newer version is refused, never half read. See
/// `docs/design/0009-state-in-one-file.md`.
package final class SQLiteStateStore: Sendable {
    let database: DatabaseQueue
    let bounds: JournalBounds

    /// Opens the file, or makes it, checks all of it, and brings its format up to date.
    ///
    /// - Parameters:
    ///   - host: the id of this host, which the file is tied to when it is tied to none; nil asks nothing.
    ///   - bounds: how much is kept of what only grows.
    /// - Throws: `StateStoreError` when the file cannot be used; it is left as it is.
    package init(
        path: String, host: String? = nil, bounds: JournalBounds = JournalBounds()
    ) throws(StateStoreError) {
        self.bounds = bounds
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        configuration.prepareDatabase(Self.makeDurable)
        do {
            database = try DatabaseQueue(path: path, configuration: configuration)
            try Self.prepare(database, path, host: host)
        } catch {
            throw Self.typed(error, path)
        }
    }

    /// What must hold before anything is read: in this order, so that a file is refused before it is touched.
    private static func prepare(_ database: DatabaseQueue, _ path: String, host: String?) throws {
        let migrator = StateFormat.migrator
        try database.read { database in
            try StateFormat.refuseNewer(database, path)
            if let host { try HostTable.refuseOther(than: host, in: database, path) }
            try checkPages(database, path)
        }
        try migrator.migrate(database)
        if let host { try database.write { try HostTable.bind(host, in: $0) } }
    }

    /// Asks for durable commits, and makes sure to get them: SQLite answers a wish that it cannot meet with silence.
    @Sendable private static func makeDurable(_ database: Database) throws {
        try demand("journal_mode", "WAL", reads: "wal", of: database)
        try demand("synchronous", "FULL", reads: "2", of: database)
        // One large revision must not leave a large log behind for ever.
        try database.execute(sql: "PRAGMA journal_size_limit = 4194304")
    }

    /// Sets a pragma and reads it back.
    ///
    /// - Throws: `StateStoreError` with `unavailable` when it reads otherwise.
    static func demand(_ pragma: String, _ value: String, reads expected: String, of database: Database) throws {
        try database.execute(sql: "PRAGMA \(pragma) = \(value)")
        let found = try Row.fetchOne(database, sql: "PRAGMA \(pragma)").map { "\($0[0] ?? "nothing")" } ?? "nothing"
        guard found == expected else {
            throw StateStoreError(
                .unavailable,
                "the state file has \(pragma) '\(found)' and should have '\(expected)': commits would not be durable; "
                    + "put the state directory on a local disk that can be written")
        }
    }

    private static func checkPages(_ database: Database, _ path: String) throws {
        let findings = try String.fetchAll(database, sql: "PRAGMA quick_check(3)")
        if findings != ["ok"] { throw damaged(path, findings.joined(separator: "; ")) }
    }

    /// One transaction; GRDB's errors become ours.
    func perform<Value>(_ body: (Database) throws -> Value) throws(StateStoreError) -> Value {
        do {
            return try database.write(body)
        } catch {
            throw Self.typed(error, database.path)
        }
    }

    static func typed(_ error: any Error, _ path: String) -> StateStoreError {
        switch error {
        case let error as StateStoreError: error
        case let error as DatabaseError
        where error.resultCode == .SQLITE_CORRUPT || error.resultCode == .SQLITE_NOTADB:
            damaged(path, error.message ?? "no detail")
        // The message alone: the description repeats the statement.
        case let error as DatabaseError:
            StateStoreError(
                .unavailable,
                "state file '\(path)' cannot be used: \(error.message ?? "SQLite says \(error.resultCode.rawValue)")")
        default: StateStoreError(.unavailable, "state file '\(path)' cannot be used: \(error)")
        }
    }

    private static func damaged(_ path: String, _ detail: String) -> StateStoreError {
        StateStoreError(
            .corrupt,
            "state file '\(path)' is damaged (\(detail)); move it away to start anew: "
                + "containers are found again by their labels")
    }
}
