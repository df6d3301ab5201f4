import Specs

/// What keeps a rollout from its end, when its time is up.
enum RolloutFailure {
    /// How many members are named.
    private static let mostNamed = 3

    /// Members of the new template that do not do their work although nothing holds them, in words; nil where whatever
    /// is missing is held by a gate or waits for another object, which is no fault of the template.
    static func words(of view: ObjectView, stalls: [Key: Stall]) -> String? {
        guard let object = view.object, view.hold == nil else { return nil }
        var failing: [String] = []
        for slot in 0..<object.slotsWithinCapacity {
            guard let why = why(slot, of: view, stalls) else { continue }
            failing.append("\(view.id.name)/\(slot): \(why)")
        }
        guard !failing.isEmpty else { return nil }
        let more = failing.count > mostNamed ? " and \(failing.count - mostNamed) more" : ""
        return failing.prefix(mostNamed).joined(separator: "; ") + more
    }

    private static func why(_ slot: Int, of view: ObjectView, _ stalls: [Key: Stall]) -> String? {
        let all = view.containers(slot)
        let kept = view.keeper(among: all)
        if let kept, view.isAvailable(kept) { return nil }
        let action = Planner.memberAction(slot, of: view)
        switch action?.verdict {
        case .held: return nil
        case .waitFor(.object(view.id)): return waitsForObject(view, stalls)
        case .waitFor(.member(let other)) where other.object == view.id: return nil
        case .waitFor: return nil
        case .stalled(let stall): return stall.message
        case .go, .notBefore, nil: break
        }
        if let stall = stalls[.member(MemberID(view.id, slot))] { return stall.message }
        guard let kept else { return all.isEmpty ? "was not made" : nil }
        return words(kept)
    }

    /// An image that cannot be pulled fails all members, which wait for it; a gate in its way fails none.
    private static func waitsForObject(_ view: ObjectView, _ stalls: [Key: Stall]) -> String? {
        let needs = Planner.objectActions(view)
        if needs.contains(where: \.isHeld) { return nil }
        if let stall = stalls[.object(view.id)] { return stall.message }
        return needs.first.map { "waits: \($0.verb.rawValue) \($0.steps.first?.subject ?? "") is not done" }
    }

    private static func words(_ container: ObservedContainer) -> String {
        switch container.status {
        case .exited, .dead: return "'\(container.name)' stopped with exit code \(container.exitCode)"
        case .created: return "'\(container.name)' was made and did not start"
        case .running where container.health == .unhealthy: return "'\(container.name)' is unhealthy"
        case .running where !container.isReady: return "'\(container.name)' is not ready"
        case .running: return "'\(container.name)' has not been ready for long enough"
        case .paused, .restarting, .removing: return "'\(container.name)' is \(container.status.rawValue)"
        }
    }
}
