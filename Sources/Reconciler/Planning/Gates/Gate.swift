import Specs

/// One reason to hold actions back. Gates compose: each looks at an action by itself, and all that hold it are kept.
///
/// A gate is pure like the planner: it may ask the view for everything that planning knows, and for nothing else. A new
/// one is a type with this function and an entry in `Gating.order`.
protocol Gate: Sendable {
    /// nil lets the action pass.
    func hold(on action: Action, of view: ObjectView) -> Hold?
}

/// All gates of single actions, in the order in which they are named: what a person asked for comes first.
///
/// What holds a whole object, so that nothing of it is even planned, is in `ObjectView.hold`.
enum Gating {
    static let order: [any Gate] = [
        PauseGate(), RolloutGate(), BlueGreenGate(), CanaryGate(), PruneGate(), DrainGate(), CordonGate(),
        CapacityGate(),
        AntiAffinityGate(),
        DependencyGate(),
        PreflightGate(),
        ConfinementGate(),
        ObservationGate(), WindowGate(),
    ]

    /// Asked last, of actions that pass all others: who waits for whom, and how a budget is handed out among them.
    static let last: [any Gate] = [TurnGate(), DisruptionGate()]
}

extension ObjectView {
    /// The action with the verdict of the gates. Looking and waiting is never held.
    func gated(_ action: Action) -> Action {
        guard action.verb != .await else { return action }
        // That its time is over is the whole truth: no window or budget would let it go.
        if case .held(let hold) = action.verdict, hold.gate == .drainDeadlineExceeded { return action }
        let holds = Gating.order.compactMap { $0.hold(on: action, of: self) }
        return held(action, by: holds.isEmpty ? Gating.last.compactMap { $0.hold(on: action, of: self) } : holds)
    }

    /// Whether the action may go on as far as all gates but the last are concerned.
    func mayGo(_ action: Action) -> Bool {
        action.verdict == .go && Gating.order.allSatisfy { $0.hold(on: action, of: self) == nil }
    }

    private func held(_ action: Action, by holds: [Hold]) -> Action {
        guard let hold = Hold(holds) else { return action }
        var action = action
        action.verdict = .held(hold)
        return action
    }
}

extension Action {
    /// A container is created for a slot, as a first one or as a successor; or a run begins in the one that it has.
    package var startsMember: Bool {
        guard case .member(let member) = key else { return false }
        if member.object.kind == .scheduledTask, verb == .start { return true }
        return verb == .create || verb == .replace
    }

    /// The slot that it is about; nil for what is about the whole object.
    package var slot: Int? {
        guard case .member(let member) = key else { return nil }
        return member.slot
    }

    /// The containers that its next steps stop or remove, up to the point where something new is needed first.
    package var takesAway: Set<String> {
        var ids: Set<String> = []
        for step in steps {
            switch step {
            case .stop(let reference, _), .remove(let reference): ids.insert(reference.id)
            case .createContainer: return ids
            default: continue
            }
        }
        return ids
    }
}

/// Nothing is taken away or stopped, or made a second time, on the word of an observation that may have missed something.
struct ObservationGate: Gate {
    func hold(on action: Action, of view: ObjectView) -> Hold? {
        let isBold = [.remove, .stop, .restart].contains(action.verb) || action.startsMember
        guard !view.context.observed.isComplete, isBold else { return nil }
        return Hold(.incompleteObservation, "the host could not be read in full")
    }
}

/// Who waits for members whose turn it is waits for what holds them, where all of them are held.
struct TurnGate: Gate {
    func hold(on action: Action, of view: ObjectView) -> Hold? {
        // Those ahead are what the question is about, and do not ask it themselves.
        guard action.verb == .replace, case .waitFor(.member(let other)) = action.verdict, other.object == view.id,
            let slot = action.slot, !view.turns.ahead.contains(slot), view.turns.ahead.contains(other.slot)
        else { return nil }
        return view.holdOfTurns
    }
}
