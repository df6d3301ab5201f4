import Foundation
import GRDB
import Reconciler
import Specs

/// What is remembered of the runs of tasks, as one document for each.
enum TaskTable {
    static let definition = """
        CREATE TABLE task (object TEXT PRIMARY KEY, document TEXT NOT NULL) STRICT, WITHOUT ROWID;
        """

    static func replace(_ object: ResourceID, _ memory: TaskMemory, in database: Database) throws {
        let document = String(decoding: try JSONEncoder().encode(memory), as: UTF8.self)
        try database.run(
            "INSERT OR REPLACE INTO task (object, document) VALUES (?, ?)", [object.description, document])
    }

    static func remove(_ object: ResourceID, in database: Database) throws {
        try database.run("DELETE FROM task WHERE object = ?", [object.description])
    }

    /// What cannot be read belongs to a newer version, and is as good as lost: containers say which runs there were.
    static func all(in database: Database) throws -> [ResourceID: TaskMemory] {
        var memories: [ResourceID: TaskMemory] = [:]
        for row in try database.rows("SELECT object, document FROM task") {
            let data = Data((row["document"] as String).utf8)
            guard let object = ResourceID(row["object"] as String),
                let memory = try? JSONDecoder().decode(TaskMemory.self, from: data)
            else { continue }
            memories[object] = memory
        }
        return memories
    }
}
