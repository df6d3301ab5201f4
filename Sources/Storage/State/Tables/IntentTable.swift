import GRDB
import Reconciler
import Specs

/// Steps that were begun; those without an outcome may or may not have happened.
enum IntentTable {
    static func last(in database: Database) throws -> Int64 { try database.number("SELECT max(id) FROM intent") ?? 0 }

    /// - Parameter kept: about how many ended intents stay.
    /// - Throws: `StateStoreError` with `conflict` when the id is not above all earlier ones.
    static func begin(_ intent: Intent, keeping kept: Int, in database: Database) throws {
        let last = try last(in: database)
        guard intent.id > last else {
            throw StateStoreError(.conflict, "intent \(intent.id) is not above the last one, \(last)")
        }
        try database.run(
            """
            INSERT INTO intent (id, format, key, step, subject, incarnation, revision, observation, engine, begun)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """,
            [
                intent.id, Intent.format, intent.key.description, intent.step, intent.subject, intent.incarnation,
                intent.revision, Int64(bitPattern: intent.observation), intent.engine, intent.begun.secondsSince1970,
            ])
        // Now and then: a delete for each insert would double the work.
        guard intent.id / 256 != last / 256 else { return }
        try database.run(
            "DELETE FROM intent WHERE id <= ? AND outcome IS NOT NULL", [intent.id.subtractingSaturated(kept)])
    }

    static func end(_ id: Int64, _ outcome: StepOutcome, in database: Database) throws {
        try database.run(
            "UPDATE intent SET outcome = ?, message = ? WHERE id = ? AND outcome IS NULL",
            [outcome.name, outcome.message, id])
    }

    /// What has no outcome, oldest first; apart from it, what this version cannot read.
    static func open(in database: Database) throws -> ([Intent], [UnknownIntent]) {
        var intents: [Intent] = []
        var unknown: [UnknownIntent] = []
        for row in try database.rows("SELECT * FROM intent WHERE outcome IS NULL ORDER BY id") {
            if let intent = intent(row) {
                intents.append(intent)
            } else {
                unknown.append(UnknownIntent(id: row["id"], format: row["format"], key: row["key"]))
            }
        }
        return (intents, unknown)
    }

    private static func intent(_ row: Row) -> Intent? {
        guard row["format"] == Intent.format, let key = Key(row["key"] as String) else { return nil }
        return Intent(
            id: row["id"], key: key, step: row["step"], subject: row["subject"], incarnation: row["incarnation"],
            revision: row["revision"], observation: UInt64(bitPattern: row["observation"]), engine: row["engine"],
            begun: row.instant("begun"))
    }
}

extension Int64 {
    fileprivate func subtractingSaturated(_ other: Int) -> Int64 {
        let (difference, overflow) = subtractingReportingOverflow(Int64(other))
        return overflow ? .min : difference
    }
}
