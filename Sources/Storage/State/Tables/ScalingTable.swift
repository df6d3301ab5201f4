import Foundation
import GRDB
import Reconciler
import Specs

/// What autoscalers remember, as one document for each object that is scaled.
enum ScalingTable {
    static func replace(_ object: ResourceID, _ state: ScalingState, in database: Database) throws {
        let document = String(decoding: try JSONEncoder().encode(state), as: UTF8.self)
        try database.run(
            "INSERT OR REPLACE INTO scaling (object, document) VALUES (?, ?)", [object.description, document])
    }

    static func remove(_ object: ResourceID, in database: Database) throws {
        try database.run("DELETE FROM scaling WHERE object = ?", [object.description])
    }

    /// What cannot be read belongs to a newer version, and is as good as lost: the members that there are go on.
    static func all(in database: Database) throws -> [ResourceID: ScalingState] {
        var states: [ResourceID: ScalingState] = [:]
        for row in try database.rows("SELECT object, document FROM scaling") {
            let data = Data((row["document"] as String).utf8)
            guard let object = ResourceID(row["object"] as String),
                let state = try? JSONDecoder().decode(ScalingState.self, from: data)
            else { continue }
            states[object] = state
        }
        return states
    }
}
