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

    /// Makes the switch when all new members are available and whoever has to be asked lets it be made, and ends the time for which old ones
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
        let consent = watch.state.consent(to: object)
        if consent != .person {
            if view.switchHold(by: consent) != nil { return false }
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

    /// When windows let a switch be made that nothing else stands against, in time since the start.
    func switchDue(of watch: RolloutWatch, _ object: DesiredObject, _ view: ObjectView) -> Duration? {
        guard watch.state.blueGreen?.switched == nil, view.canSwitch,
            case .time(let opening)? = view.switchHold(by: watch.state.consent(to: object))?.until
        else { return nil }
        return uptime(of: opening)
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
        if state.consent(to: object) != .person {
            throw CommandRefusal(
                .conflict, "nobody is asked about \(id): the switch is made when all new members are ready")
        }
        blueGreen.isPromoted = true
        var next = state
        next.blueGreen = blueGreen
        let hold = view(of: id)?.switchHold(by: next.consent(to: object))
        let soon = hold.map { "as soon as windows let it: \($0)" } ?? "now"
        let when = blueGreen.hasAsked ? soon : "as soon as all of them are ready"
        return CommandAnswer(
            command: .promote(id, next, by: name), message: "\(id) switches to its new members \(when)")
    }
}
