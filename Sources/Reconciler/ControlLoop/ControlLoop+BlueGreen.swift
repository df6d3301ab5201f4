import Logging
import Specs

/// The switch of a blue-green rollout: when it is made, and for how long the old members are kept after it.
///
/// That it was made is in the journal before anything follows from it. Who does the work by then, and who may go, is for the
/// planner to see (`BlueGreenOrder`).
extension ControlLoop {
    /// When the old members need not be kept any more, in time since the start; nil before the switch.
    func holdEnd(of watch: RolloutWatch, _ object: DesiredObject) -> Duration? {
        watch.switchedAt.map { $0 + watch.state.hold(of: object) }
    }

    /// Makes the switch when all new members are available and nobody has to be asked, and ends the time for which old ones
    /// are kept.
    ///
    /// - Returns: whether something is new, and what was planned before says nothing any more.
    mutating func tendSwitch(of object: DesiredObject, _ watch: RolloutWatch, _ view: ObjectView) -> Bool {
        guard var state = watch.state.blueGreen, view.pause == nil else { return false }
        var watch = watch
        guard state.switched == nil else {
            guard gates.rollouts[object.id]?.blueGreen != order(for: watch, object)?.blueGreen else { return false }
            write(watch, of: object.id, isNews: false)
            wakeHeldKeys(of: object.id)
            return true
        }
        guard view.canSwitch else { return false }
        let key = Key.object(object.id)
        if watch.state.isPromoted(of: object) {
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
        if state.isPromoted(of: object) {
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
