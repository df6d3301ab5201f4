import GRDB
package import Reconciler

extension SQLiteStateStore: StateJournal {
    package func load() throws(StateStoreError) -> StoredState {
        do {
            let bounds = bounds
            return try database.read { try Self.state(bounds, $0) }
        } catch {
            throw Self.typed(error, database.path)
        }
    }

    static func state(_ bounds: JournalBounds, _ database: Database) throws -> StoredState {
        var state = StoredState()
        state.accepted = try RevisionTable.accepted(in: database)
        state.pins = try PinTable.all(in: database)
        state.earlierRevisions = try RevisionTable.earlier(keeping: bounds.undoRevisions, in: database)
        (state.openIntents, state.unknownIntents) = try IntentTable.open(in: database)
        state.lastIntent = try IntentTable.last(in: database)
        state.incarnations = try IncarnationTable.all(in: database)
        state.phases = try PhaseTable.all(in: database)
        state.claims = try ClaimTable.all(in: database)
        state.scaling = try ScalingTable.all(in: database)
        state.rollouts = try RolloutTable.all(in: database)
        state.tasks = try TaskTable.all(in: database)
        state.probedStarts = try ProbeTable.all(in: database)
        state.pauses = try PauseTable.all(in: database)
        state.overrides = try OverrideTable.all(in: database)
        state.drains = try DrainTable.all(in: database)
        state.approvals = try ApprovalTable.all(in: database)
        return state
    }

    /// Costs one `fdatasync` of SQLite's log, however many changes there are.
    package func commit(_ changes: [StateChange]) throws(StateStoreError) {
        if changes.isEmpty { return }
        let bounds = bounds
        try perform { database in
            for change in changes { try Self.make(change, bounds, in: database) }
            // At the end: a group may accept a revision and pin objects to the one before.
            if changes.contains(where: \.changesWhatIsNeeded) {
                try RevisionTable.dropUnneeded(keeping: bounds.undoRevisions, in: database)
            }
        }
    }

    private static func make(_ change: StateChange, _ bounds: JournalBounds, in database: Database) throws {
        switch change {
        case .accept(let revision): try RevisionTable.accept(revision, in: database)
        case .begin(let intent): try IntentTable.begin(intent, keeping: bounds.endedIntents, in: database)
        case .end(let intent, let outcome): try IntentTable.end(intent, outcome, in: database)
        case .seen(let instance):
            try IncarnationTable.raise(instance.member, to: instance.incarnation, in: database)
        case .transition(let instance, let from, let to):
            try PhaseTable.move(instance, from: from, to: to, in: database)
        case .forget(let instance): try PhaseTable.forget(instance, in: database)
        case .claim(let claim): try ClaimTable.replace(claim, keeping: bounds.endedClaims, in: database)
        case .scaled(let object, let state): try ScalingTable.replace(object, state, in: database)
        case .forgetScaling(let object): try ScalingTable.remove(object, in: database)
        case .rollout(let object, let state): try RolloutTable.replace(object, state, in: database)
        case .forgetRollout(let object): try RolloutTable.remove(object, in: database)
        case .task(let object, let memory): try TaskTable.replace(object, memory, in: database)
        case .forgetTask(let object): try TaskTable.remove(object, in: database)
        case .probed(let container, let start): try ProbeTable.record(container, start, in: database)
        case .forgetProbes(let containers): try ProbeTable.forget(containers, in: database)
        case .event(let event): try EventTable.insert(event, keeping: bounds.events, in: database)
        case .history(let record): try HistoryTable.replace(record, keeping: bounds.history, in: database)
        case .pin(let pin): try PinTable.replace(pin, in: database)
        case .unpin(let object): try PinTable.remove(object, in: database)
        case .pause(let pause): try PauseTable.replace(pause, in: database)
        case .resume(let object): try PauseTable.remove(object, in: database)
        case .override(let override): try OverrideTable.replace(override, in: database)
        case .endOverride(let object): try OverrideTable.remove(object, in: database)
        case .drain(let drain): try DrainTable.replace(drain, in: database)
        case .endDrain(let pool): try DrainTable.remove(pool, in: database)
        case .approve(let approval): try ApprovalTable.replace(approval, keeping: bounds.approvals, in: database)
        }
    }

    package func events(limit: Int) throws(StateStoreError) -> [EventRecord] {
        let limit = min(limit, bounds.events)
        return try perform { try EventTable.newest(limit, in: $0) }
    }

    package func history(limit: Int) throws(StateStoreError) -> [RevisionRecord] {
        let limit = min(limit, bounds.history)
        return try perform { try HistoryTable.newest(limit, in: $0) }
    }
}

extension StateChange {
    /// Whether files of revisions may be needed no more.
    fileprivate var changesWhatIsNeeded: Bool {
        switch self {
        case .accept, .pin, .unpin, .rollout, .forgetRollout: true
        default: false
        }
    }
}
