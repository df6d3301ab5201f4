import Logging
import Specs

/// What is written down: before what it announces is begun, or with the next commit.
extension ControlLoop {
    mutating func newIntentID() -> Int64 {
        lastIntent += 1
        return lastIntent
    }

    /// To be written with the next commit, at the latest when this input has been taken in.
    mutating func note(_ change: StateChange) { changes.append(change) }

    func event(_ severity: EventRecord.Severity = .normal, _ key: Key?, _ reason: String, _ message: String)
        -> StateChange
    {
        .event(
            EventRecord(
                time: now.wall, severity: severity, key: key, reason: reason, message: message,
                revision: desired?.revision.id))
    }

    /// Writes what was noted and these, all of it or nothing.
    ///
    /// - Throws: when the store refuses: what was noted is kept for the next commit, and these are not.
    mutating func commit(_ more: [StateChange] = []) throws(StateStoreError) {
        try journal.commit(changes + more)
        changes = []
    }

    mutating func commit() {
        do throws(StateStoreError) {
            try commit([])
        } catch {
            // Outcomes and events are only history: without an outcome a step counts as unknown, which is safe.
            complain(error)
        }
    }

    /// Containers that are not `ready`; nothing leads back from there.
    var phases: [MemberInstance: MemberPhase] {
        get { gates.phases }
        _modify { yield &gates.phases }
    }

    func complain(_ error: StateStoreError) {
        logger.error("state store", metadata: ["event": "store.failed", "message": "\(error)"])
    }
}
