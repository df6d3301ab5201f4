import Specs

/// What stands against a rollout at one moment.
struct RolloutTrial {
    /// How many members are named.
    private static let mostNamed = 3

    /// Members of the new template that do not do their work although nothing holds them, in words.
    private var failing: [String] = []
    /// Something is held by a gate or waits for another object, which is no fault of the template.
    private(set) var isHeld = false

    /// - Parameters:
    ///   - stalls: what only a person or a commit can help.
    ///   - failures: how often in a row the last step of a key failed.
    init(of view: ObjectView, stalls: [Key: Stall], failures: (Key) -> Int) {
        guard let object = view.object, view.hold == nil else {
            isHeld = true
            return
        }
        for slot in 0..<object.slotsWithinCapacity {
            let key = Key.member(MemberID(view.id, slot))
            switch finding(slot, of: view, stalls, attempts: failures(key)) {
            case .fault(let why): failing.append("\(view.id.name)/\(slot): \(why)")
            case .held: isHeld = true
            case nil: continue
            }
        }
    }

    /// nil where no member is to blame.
    var fault: String? {
        if failing.isEmpty { return nil }
        let more = failing.count > Self.mostNamed ? " and \(failing.count - Self.mostNamed) more" : ""
        return failing.prefix(Self.mostNamed).joined(separator: "; ") + more
    }

    private enum Finding {
        case fault(String)
        case held
    }

    /// nil where the member is as it should be, or waits for its turn.
    private func finding(_ slot: Int, of view: ObjectView, _ stalls: [Key: Stall], attempts: Int) -> Finding? {
        let all = view.containers(slot)
        let kept = view.keeper(among: all)
        let isThere = kept.map(view.isAvailable) ?? false
        if isThere && all.count == 1 { return nil }
        switch Planner.gatedNeed(of: slot, view)?.verdict {
        case .waitFor(.object(view.id)): return waitsForObject(view, stalls)
        case .waitFor(.member(let other)) where other.object == view.id: return nil
        case .held, .waitFor: return .held
        case .stalled(let stall): return .fault(stall.message)
        case .go, .notBefore, nil: break
        }
        if let stall = stalls[.member(MemberID(view.id, slot))] { return .fault(stall.message) }
        let tries = attempts == 1 ? "once" : "\(attempts) times"
        if isThere { return attempts > 0 ? .fault("its predecessor could not be removed, tried \(tries)") : nil }
        if let kept { return .fault(words(kept)) }
        if attempts > 0 { return .fault("its successor could not be made, tried \(tries)") }
        return all.isEmpty ? .fault("was not made") : nil
    }

    /// An image that cannot be pulled fails all members, which wait for it; a gate in its way fails none.
    private func waitsForObject(_ view: ObjectView, _ stalls: [Key: Stall]) -> Finding? {
        let needs = Planner.objectActions(view)
        if needs.contains(where: \.isHeld) { return .held }
        if let stall = stalls[.object(view.id)] { return .fault(stall.message) }
        return needs.first.map { .fault("waits: \($0.verb.rawValue) \($0.steps.first?.subject ?? "") is not done") }
    }

    private func words(_ container: ObservedContainer) -> String {
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
