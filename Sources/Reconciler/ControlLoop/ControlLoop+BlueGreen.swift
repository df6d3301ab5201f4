import Logging
import Specs

/// The switch of a blue-green rollout: when it is made, and for how long the old members are kept after it.
///
/// That it was made is in the journal before anything follows from it. Who does the work by then, and who may go, is for the
/// planner to see (`BlueGreenOrder`).
extension ControlLoop {
    /// A rollout that is under way knows who did the work when it began; others have nothing to switch.
    ///
    /// - Parameter before: that of the rollout before it, or of this one.
    func followSwitch(of object: DesiredObject, _ state: inout RolloutState, after before: BlueGreenState?) {
        guard object.strategy.type == .blueGreen, state.isOpen else {
            state.blueGreen = nil
            return
        }
        if state.blueGreen != nil { return }
        state.blueGreen = .beginning(after: before, incarnations: incarnations(of: object.id))
    }

    /// The highest that was ever seen of each slot.
    func incarnations(of id: ResourceID) -> [Int] {
        let known = informer.observed.storedIncarnations.filter { $0.key.object == id }
        let last = known.keys.map(\.slot).max() ?? -1
        return (0..<(last + 1)).map { known[MemberID(id, $0)] ?? 0 }
    }

    /// What planning must know of it; nil where the strategy is another one.
    func switchOrder(for watch: RolloutWatch, _ object: DesiredObject) -> BlueGreenOrder? {
        guard object.strategy.type == .blueGreen else { return nil }
        var order = BlueGreenOrder()
        guard watch.state.isOpen, let state = watch.state.blueGreen else {
            // Nothing is under way: whatever is left of an earlier template goes.
            order.stage = .retiring
            return order
        }
        order.serving = state.serving
        order.isPromoted = isPromoted(watch.state, object)
        guard let switched = state.switched else { return order }
        if watch.state.phase == .failed {
            order.stage = .switched(until: nil)
        } else if let end = holdEnd(of: watch, object), end > now.uptime {
            order.stage = .switched(
                until: switched.advanced(bySeconds: hold(of: watch.state, object).components.seconds))
        } else {
            order.stage = .retiring
        }
        return order
    }

    /// When the old members need not be kept any more, in time since the start; nil before the switch.
    func holdEnd(of watch: RolloutWatch, _ object: DesiredObject) -> Duration? {
        watch.switchedAt.map { $0 + hold(of: watch.state, object) }
    }

    /// From what is brought back nobody wants another way back.
    private func hold(of state: RolloutState, _ object: DesiredObject) -> Duration {
        if [.undo, .rollback].contains(state.cause) { return .zero }
        return (object.strategy.blueGreen ?? RolloutStrategy.BlueGreen()).hold
    }

    private func isPromoted(_ state: RolloutState, _ object: DesiredObject) -> Bool {
        let promotion = (object.strategy.blueGreen ?? RolloutStrategy.BlueGreen()).promotion
        return promotion == .automatic || state.blueGreen?.isPromoted == true
            || [.undo, .rollback].contains(state.cause)
    }

    /// Makes the switch when all new members are available and nobody has to be asked, and ends the time for which old ones
    /// are kept.
    ///
    /// - Returns: whether something is new, and what was planned before says nothing any more.
    mutating func tendSwitch(of object: DesiredObject, _ watch: RolloutWatch, _ view: ObjectView) -> Bool {
        guard var state = watch.state.blueGreen, view.pause == nil else { return false }
        var watch = watch
        guard state.switched == nil else {
            guard gates.rollouts[object.id]?.blueGreen != switchOrder(for: watch, object) else { return false }
            write(watch, of: object.id, isNews: false)
            wakeHeldKeys(of: object.id)
            return true
        }
        guard view.canSwitch else { return false }
        let key = Key.object(object.id)
        if isPromoted(watch.state, object) {
            state.switched = now.wall
            // The next rollout must know who did it before this one.
            if state.serving == nil { state.serving = ServingMembers(after: [], upTo: view.incarnationsBefore) }
            watch.switchedAt = now.uptime
            note(event(.normal, key, "Switched", "\(watch.state.revision): the new members do the work from now on"))
        } else if !state.hasAsked {
            state.hasAsked = true
            let message = "all new members are ready; 'reconcile rollout promote \(object.id)' switches to them"
            note(event(.normal, key, Hold.Gate.awaitsPromotion.rawValue, message))
        } else {
            return false
        }
        watch.state.blueGreen = state
        write(watch, of: object.id)
        wakeHeldKeys(of: object.id)
        return true
    }

    /// What a person's word would make of a rollout that waits for it.
    func promotion(
        of id: ResourceID, _ state: RolloutState, isFull: Bool, by name: String
    ) throws(CommandRefusal) -> CommandAnswer {
        if let object = desired?.objects[id], object.strategy.type == .canary {
            return try canaryPromotion(of: object, state, isFull: isFull, by: name)
        }
        if isFull { throw CommandRefusal(.invalid, "\(id) has no steps to pass over: only canaries have") }
        guard state.isOpen, var blueGreen = state.blueGreen, let object = desired?.objects[id] else {
            throw CommandRefusal(
                .conflict,
                "nothing of \(id) waits for a person: its rollout of \(state.revision) is "
                    + state.phase.rawValue.lowercased())
        }
        if let switched = blueGreen.switched {
            throw CommandRefusal(.conflict, "the new members of \(id) do the work since \(switched)")
        }
        if isPromoted(state, object) {
            throw CommandRefusal(
                .conflict, "nobody is asked about \(id): the switch is made when all new members are ready")
        }
        blueGreen.isPromoted = true
        var next = state
        next.blueGreen = blueGreen
        let when = blueGreen.hasAsked ? "now" : "as soon as all of them are ready"
        return CommandAnswer(
            command: .promote(id, next, by: name), message: "\(id) switches to its new members \(when)")
    }
}
