import GRDB
import Reconciler

/// Whose state this is, so that a copy of it is not taken for the truth about another host.
enum HostTable {
    /// - Throws: `StateStoreError` with `foreignHost` when the file is tied to another host.
    static func refuseOther(than host: String, in database: Database, _ path: String) throws {
        guard try database.tableExists("host"),
            let found = try String.fetchOne(database, sql: "SELECT id FROM host"), found != host
        else { return }
        throw StateStoreError(
            .foreignHost,
            "state file '\(path)' belongs to host '\(found)', and this host is '\(host)' (file 'host-id' beside it); "
                + "on a copy of a host, move the state file away: containers are found again by their labels; "
                + "on the same host, put '\(found)' back into 'host-id'")
    }

    /// Ties the file to this host if it is tied to none.
    static func bind(_ host: String, in database: Database) throws {
        if try database.number("SELECT 1 FROM host") != nil { return }
        try database.run("INSERT INTO host (only, id) VALUES (1, ?)", [host])
    }
}
