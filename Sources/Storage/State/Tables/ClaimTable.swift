import Foundation
import GRDB
import Reconciler

/// Who has which member of a pool, as one document each: nobody asks the table for less than a whole claim.
enum ClaimTable {
    /// Keeps all that are open, and the newest of those that are over. One that is over keeps its place among them.
    static func replace(_ claim: Claim, keeping bound: Int, in database: Database) throws {
        let document = String(decoding: try JSONEncoder().encode(claim), as: UTF8.self)
        let id = claim.id.description
        guard !claim.isOpen else {
            return try database.run(
                "INSERT OR REPLACE INTO claim (id, ended, document) VALUES (?, NULL, ?)", [id, document])
        }
        try database.run(
            """
            INSERT INTO claim (id, ended, document)
            VALUES (?, (SELECT coalesce(max(ended), 0) + 1 FROM claim), ?)
            ON CONFLICT DO UPDATE SET document = excluded.document, ended = coalesce(ended, excluded.ended)
            """, [id, document])
        try database.run("DELETE FROM claim WHERE ended <= (SELECT max(ended) FROM claim) - ?", [bound])
    }

    /// - Throws: `StateStoreError` with `newerFormat` for one that this version cannot read: what it does not know of
    ///   might be handed out twice.
    static func all(in database: Database) throws -> [Claim] {
        try database.rows("SELECT id, document FROM claim ORDER BY id").map { row in
            do {
                return try JSONDecoder().decode(Claim.self, from: Data((row["document"] as String).utf8))
            } catch {
                throw StateStoreError(
                    .newerFormat,
                    "claim '\(row["id"] as String)' cannot be read; it may be of a newer version of reconcile: \(error)"
                )
            }
        }
    }
}
