import Foundation
import GRDB
package import Reconciler
package import Specs

#if canImport(Glibc)
    import Glibc
#endif

/// Reading beside a daemon that may be running: nothing is written and nobody is kept waiting.
///
/// Each answers with nothing when there is no such file that we may read, and throws `StateStoreError` when the file
/// cannot be understood.
extension SQLiteStateStore {
    /// The revision in force.
    package static func acceptedRevision(readingFrom path: String) throws(StateStoreError) -> AcceptedRevision? {
        try read(path, whenAbsent: nil) { database in
            try StateFormat.hasJournal(database)
                ? try RevisionTable.accepted(in: database) : try FirstFormat.accepted(in: database)
        }
    }

    /// The newest events, oldest first.
    package static func events(readingFrom path: String, limit: Int) throws(StateStoreError) -> [EventRecord] {
        try read(path, whenAbsent: []) { database in
            try StateFormat.hasJournal(database) ? try EventTable.newest(limit, in: database) : []
        }
    }

    /// What became of the last revisions, oldest first.
    package static func history(readingFrom path: String, limit: Int) throws(StateStoreError) -> [RevisionRecord] {
        try read(path, whenAbsent: []) { database in
            try StateFormat.hasJournal(database) ? try HistoryTable.newest(limit, in: database) : []
        }
    }

    /// Steps that were begun and have no outcome yet, oldest first.
    package static func openIntents(readingFrom path: String) throws(StateStoreError) -> [Intent] {
        try read(path, whenAbsent: []) { database in
            try StateFormat.hasJournal(database) ? try IntentTable.open(in: database).0 : []
        }
    }

    /// What autoscalers remember, by what they scale.
    package static func scaling(
        readingFrom path: String
    ) throws(StateStoreError) -> [ResourceID: ScalingState] {
        try read(path, whenAbsent: [:]) { database in
            try database.tableExists("scaling") ? try ScalingTable.all(in: database) : [:]
        }
    }

    /// What is remembered of the runs of tasks.
    package static func tasks(readingFrom path: String) throws(StateStoreError) -> [ResourceID: TaskMemory] {
        try read(path, whenAbsent: [:]) { database in
            try database.tableExists("task") ? try TaskTable.all(in: database) : [:]
        }
    }

    /// Everything that a start would read. Of a file of an earlier format only the revision in force, and what autoscalers and
    /// tasks remember: the daemon of this version brings it up to date.
    package static func storedState(readingFrom path: String) throws(StateStoreError) -> StoredState {
        try read(path, whenAbsent: StoredState()) { database in
            if try StateFormat.migrator.hasCompletedMigrations(database) { return try state(JournalBounds(), database) }
            var state = StoredState()
            state.accepted =
                try StateFormat.hasJournal(database)
                ? try RevisionTable.accepted(in: database) : try FirstFormat.accepted(in: database)
            if try database.tableExists("scaling") { state.scaling = try ScalingTable.all(in: database) }
            if try database.tableExists("task") { state.tasks = try TaskTable.all(in: database) }
            return state
        }
    }

    private static func read<Value>(
        _ path: String, whenAbsent nothing: Value, _ body: (Database) throws -> Value
    ) throws(StateStoreError) -> Value {
        guard access(path, R_OK) == 0 else { return nothing }
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        do {
            return try DatabaseQueue(path: path, configuration: configuration).read { database in
                try StateFormat.refuseNewer(database, path)
                return try body(database)
            }
        } catch {
            throw typed(error, path)
        }
    }
}
