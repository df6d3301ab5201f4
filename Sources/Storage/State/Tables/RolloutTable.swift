import Foundation
import GRDB
import Reconciler
import Specs

/// What is remembered of rollouts, as one document for each object.
enum RolloutTable {
    static func replace(_ object: ResourceID, _ state: RolloutState, in database: Database) throws {
        let document = String(decoding: try JSONEncoder().encode(state), as: UTF8.self)
        try database.run(
            """
            INSERT OR REPLACE INTO rollout (object, is_open, good_id, good_reference, document)
            VALUES (?, ?, ?, ?, ?)
            """,
            [object.description, state.isOpen, state.lastGood?.id, state.lastGood?.reference, document])
    }

    static func remove(_ object: ResourceID, in database: Database) throws {
        try database.run("DELETE FROM rollout WHERE object = ?", [object.description])
    }

    /// What cannot be read belongs to a newer version, and is as good as lost: what is there is rolled out anew.
    static func all(in database: Database) throws -> [ResourceID: RolloutState] {
        var states: [ResourceID: RolloutState] = [:]
        for row in try database.rows("SELECT object, document FROM rollout") {
            let data = Data((row["document"] as String).utf8)
            guard let object = ResourceID(row["object"] as String),
                let state = try? JSONDecoder().decode(RolloutState.self, from: data)
            else { continue }
            states[object] = state
        }
        return states
    }
}
