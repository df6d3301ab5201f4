import Specs

extension Planner {
    /// What one slot needs on a host that is emptied; nil where there is nothing of it and nothing asks for it.
    static func needWhileDraining(of slot: Int, _ drain: Drain, _ object: DesiredObject, _ view: ObjectView) -> Action?
    {
        let all = view.containers(slot)
        // What was begun is finished, whatever has become of the drain.
        if let leaving = all.first(where: view.isRetiring) {
            return removal(of: [leaving], slot, view, because: view.roster?.reasonToLeave(leaving) ?? .draining)
        }
        // Nothing new is started, which the gates say.
        guard !all.isEmpty else { return usualNeed(of: slot, view) }
        switch drain.stage {
        case .draining: return removal(ofUnclaimed: all, slot, view, because: .draining)
        // It came to light just now: whether the deadline is over is for the loop to find out first.
        case .drained: return nil
        case .forced: return removal(of: all, slot, view, because: .draining)
        case .exceeded: return usualNeed(of: slot, view) ?? leftBehind(all, slot, drain, view)
        }
    }

    /// It was to go, and stays.
    private static func leftBehind(
        _ all: [ObservedContainer], _ slot: Int, _ drain: Drain, _ view: ObjectView
    ) -> Action? {
        var action = removal(of: all, slot, view, because: .draining)
        action?.steps = []
        let message = "it was still here when the time was up; \(drain.what)"
        action?.verdict = .held(Hold(.drainDeadlineExceeded, message, until: drain.end))
        return action
    }
}

extension PoolRoster {
    fileprivate func reasonToLeave(_ container: ObservedContainer) -> Reason? {
        if case .leaving(let reason) = roles[container.id] { reason } else { nil }
    }
}

/// Nothing new is started on a host that is being emptied, nor afterwards.
struct DrainGate: Gate {
    func hold(on action: Action, of view: ObjectView) -> Hold? {
        guard action.startsMember, let drain = view.drain else { return nil }
        return Hold(.draining, "\(drain.what): nothing new is started", until: drain.end)
    }
}
