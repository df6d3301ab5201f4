import Specs

extension Planner {
    /// What one slot of a pool needs next; nil when its member is as it should be, or there is none to be.
    static func poolNeed(of slot: Int, _ object: DesiredObject, _ roster: PoolRoster, _ view: ObjectView) -> Action? {
        let all = view.containers(slot)
        let member = Member(slot: slot, object: object, view: view)
        guard !all.isEmpty else { return roster.creation(of: member) }
        for container in all {
            if case .leaving(let reason) = roster.roles[container.id] {
                return removal(of: [container], slot, view, because: reason)
            }
        }
        for container in all {
            let need =
                switch roster.roles[container.id] {
                case .claimed: member.repair(ofClaimed: container)
                case .current: member.repair(ofUnclaimed: container)
                case .stale, .leaving, nil: Action?.none
                }
            if let need { return need }
        }
        return nil
    }
}

extension PoolRoster {
    /// The member of a slot is replaced later: when enough others are ready, or when its claim is over.
    func isOutdated(_ slot: Int, in view: ObjectView) -> Bool {
        view.containers(slot).contains { container in
            switch roles[container.id] {
            case .stale: true
            case .claimed: view.isOutdated(container)
            case .current, .leaving, nil: false
            }
        }
    }

    /// The member that a free slot gets; nil for one that gets none.
    fileprivate func creation(of member: Planner.Member) -> Action? {
        guard let place = newSlots.firstIndex(of: member.slot) else { return nil }
        var action = member.creation()
        guard action.verdict == .go, place >= startsNow else { return action }
        if let nextStart {
            action.verdict = .notBefore(nextStart)
        } else if let firstUnready {
            action.verdict = .waitFor(.member(firstUnready))
        }
        return action
    }
}

extension ObjectView {
    /// How many members of a pool this host has room for.
    var roomForMembers: Int {
        guard let object else { return 0 }
        guard CapacityGate.reserves(pool) else { return object.slotsWithinCapacity }
        return min(object.slotsWithinCapacity, context.room[id] ?? object.mostSlots)
    }

    /// Whether an unclaimed member could be handed out as far as its container is concerned.
    func isClaimable(_ container: ObservedContainer) -> Bool {
        if container.hasClaimFolder == false { return false }
        return container.isReady || (container.isReadyOnceThawed && object?.pool?.idle.mode == .pause)
    }
}

extension Planner.Member {
    /// A member that nobody has: as any other, and frozen while it waits where the pool says so.
    fileprivate func repair(ofUnclaimed container: ObservedContainer) -> Action? {
        let isFrozen = object.pool?.idle.mode == .pause
        // One that somebody froze before it was ready would never become so.
        if container.status == .paused && isFrozen && view.isClaimable(container) {
            return adjustment(of: container, ContainerReference(container))
        }
        if let repair = repair(of: container) { return repair }
        guard isFrozen, container.isReady else { return nil }
        return action(
            .pause, .idle, at: object.position(of: "spec.idle"), class: .safe,
            steps: [.pause(ContainerReference(container))])
    }

    /// Nothing but limits that follow git in place: what its holder does with it is the holder's business, and one that
    /// has stopped is lost, not started again.
    fileprivate func repair(ofClaimed container: ObservedContainer) -> Action? {
        guard container.status == .running else { return nil }
        return limitsOf(claimed: container) ?? withoutFolder(container)
    }

    /// Nobody could have it again, but somebody has it: it goes when the claim is over.
    private func withoutFolder(_ container: ObservedContainer) -> Action? {
        guard container.hasClaimFolder == false else { return nil }
        let hold = Hold(.claimed, "its claim folder is gone, and somebody has it; it goes when its claim is over")
        return action(
            .remove, .noClaimFolder, at: object.origin, class: .disruptive, steps: [], verdict: .held(hold))
    }

    private func limitsOf(claimed container: ObservedContainer) -> Action? {
        let limits = view.context.gates.pools[object.id]?.limits[container.instance]
        let template = object.container.template.tightened(by: limits)
        let drift = LiveDrift(of: container, from: template, on: view.context.observed.engine, replacesForMemory: false)
        guard let first = drift.updating.first else { return nil }
        return action(
            .update, .changed(drift.updating), at: object.position(of: "spec.template.\(first.field)"), class: .safe,
            steps: [.update(ContainerReference(container), drift.target)])
    }
}

extension ContainerTemplate {
    /// With the limits of a claimed member, which are never above those of the template.
    func tightened(by limits: ClaimLimits?) -> ContainerTemplate {
        guard let limits else { return self }
        var template = self
        if let nanoCPUs = limits.nanoCPUs { template.resources.cpus = CPUQuantity(nanoCPUs: nanoCPUs) }
        if let memory = limits.memory { template.resources.memory = ByteQuantity(bytes: memory) }
        if let pids = limits.pids { template.resources.pids = pids }
        return template
    }
}
