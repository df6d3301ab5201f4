package import Specs

/// What becomes of the members of one object while they are replaced or sent away, by the bounds that the planner keeps.
package struct Outlook: Hashable, Sendable, CustomStringConvertible {
    package var object: ResourceID
    package var position: SourcePosition?
    /// Members that get a successor, but for those whose replacement is held. Of a pool only those that nobody has.
    package var replaced: Int
    /// Members that go and get no successor here, since the host is emptied of them; but for those whose removal is held.
    package var sentAway: Int
    /// How many there are to be when all is done; of a pool those that nobody has.
    package var desired: Int
    /// Those that are ready now; of a pool those that nobody has.
    package var ready: Int
    /// As few as may be ready on the way, as long as nothing fails.
    package var lowestReady: Int
    /// Members of a pool that somebody has.
    package var claimed: Int
    /// Those of them that an earlier template made: they stay as they are until they are released.
    package var claimedKept: Int
    /// Why members of a pool are replaced, where fields of its template differ: most of them have no action of their own yet.
    package var changes: [FieldChange] = []

    /// `3 recycled (image agent:1 -> agent:2), 2 claimed kept until they are released, at least 4 of 5 ready on the way`.
    package var description: String {
        var parts: [String] = []
        if replaced > 0 { parts.append("\(replaced) \(object.kind == .warmPool ? "recycled" : "replaced")\(reason)") }
        if claimedKept > 0 {
            parts.append("\(claimedKept) claimed kept until \(claimedKept == 1 ? "it is" : "they are") released")
        }
        if sentAway > 0 { parts.append("\(sentAway) sent away without a successor here") }
        if replaced + sentAway > 0, ready > 0 { parts.append("at least \(lowestReady) of \(ready) ready on the way") }
        return parts.joined(separator: ", ")
    }

    private var reason: String {
        changes.isEmpty ? "" : " (" + changes.map(\.description).joined(separator: ", ") + ")"
    }

    /// Of every object of which members are replaced or sent away, or kept although they are of an earlier template.
    static func all(in context: PlanContext, _ plan: Plan) -> [Outlook] {
        let held = plan.held.reduce(into: [ResourceID: Set<Int>]()) { held, action in
            if let object = action.key.object, let slot = action.slot { held[object, default: []].insert(slot) }
        }
        let sentAway = plan.actions.reduce(into: [ResourceID: Set<Int>]()) { all, action in
            guard action.emptiesTheHost, !action.isHeld, let object = action.key.object, let slot = action.slot else {
                return
            }
            all[object, default: []].insert(slot)
        }
        return context.desired.objects.keys.sorted().compactMap { id in
            let view = context.view(id)
            guard let object = view.object, view.hold == nil, context.observed.hasContainers(of: id) else { return nil }
            let gone = sentAway[id] ?? []
            let others = gone.union(held[id] ?? [])
            var outlook = view.roster?.outlook(of: view, object, but: others) ?? view.outlook(of: object, but: others)
            if !gone.isEmpty {
                outlook.sentAway = gone.count
                // Who has the host emptied by force has said that the budget does not count.
                let budget = view.drain?.stage == .forced ? nil : object.disruptionBudget
                outlook.lowestReady = min(outlook.ready, budget?.minimum(of: object.slots) ?? 0)
            }
            return outlook.replaced + outlook.sentAway + outlook.claimedKept > 0 ? outlook : nil
        }
    }
}

extension PoolRoster {
    fileprivate func outlook(of view: ObjectView, _ object: DesiredObject, but held: Set<Int>) -> Outlook {
        let status = status(of: view)
        let replaced = view.allContainers.filter { container in
            switch roles[container.id] {
            case .stale, .leaving(.changed), .leaving(.tooOld), .leaving(.noClaimFolder):
                !held.contains(container.slot)
            case .claimed, .current, .leaving, nil: false
            }
        }
        let changes = replaced.lazy.map(view.changes).first { !$0.isEmpty } ?? []
        let ready = view.allContainers.count {
            view.isClaimable($0) && roles[$0.id] != .claimed && !view.isRetiring($0)
        }
        let kept = view.allContainers.count { roles[$0.id] == .claimed && view.isOutdated($0) }
        return Outlook(
            object: view.id,
            position: object.position(of: changes.isEmpty ? "spec.template" : Planner.Member.path(of: changes)),
            replaced: replaced.count, sentAway: 0, desired: needed, ready: ready,
            lowestReady: min(ready, max(0, leastReady)), claimed: status.claimed,
            claimedKept: kept, changes: changes)
    }
}

extension ObjectView {
    fileprivate func outlook(of object: DesiredObject, but held: Set<Int>) -> Outlook {
        let replaced = (0..<object.slots).count { slot in
            if held.contains(slot) { return false }
            let all = containers(slot)
            return !all.isEmpty && keeper(among: all) == nil
        }
        let ready = availableSlots
        let budget = object.disruptionBudget?.minimum(of: object.slots) ?? 0
        let least = max(rolloutBounds(for: object.slots).leastAvailable, budget)
        return Outlook(
            object: id, position: object.position(of: "spec.template"), replaced: object.task == nil ? replaced : 0,
            sentAway: 0, desired: object.slots, ready: ready, lowestReady: min(ready, max(0, least)), claimed: 0,
            claimedKept: 0)
    }
}

extension Action {
    /// A member is taken away because it may not be on this host, and not for another one.
    fileprivate var emptiesTheHost: Bool {
        switch reason {
        case .draining, .tainted: verb == .remove
        default: false
        }
    }
}
