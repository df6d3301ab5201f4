import GRDB
import Reconciler
import Specs

/// Statements are prepared once a connection: parsing SQL would cost as much as running it.
extension Database {
    func run(_ sql: String, _ arguments: StatementArguments = []) throws {
        try cachedStatement(sql: sql).execute(arguments: arguments)
    }

    func rows(_ sql: String, _ arguments: StatementArguments = []) throws -> [Row] {
        try Row.fetchAll(cachedStatement(sql: sql), arguments: arguments)
    }

    func number(_ sql: String, _ arguments: StatementArguments = []) throws -> Int64? {
        try Int64.fetchOne(cachedStatement(sql: sql), arguments: arguments)
    }
}

extension Row {
    func instant(_ column: String) -> Instant { Instant(secondsSince1970: self[column]) }

    /// The revision of the columns `id` and `reference`; nil where they are null.
    var revision: Revision? {
        guard let id: String = self["id"], let reference: String = self["reference"] else { return nil }
        return Revision(id: id, reference: reference)
    }
}
