package import Specs

/// Everything that a preview is made of: a revision, what it is compared with, a host, and what its controller remembers.
package struct PreviewInput: Sendable {
    /// As git says it.
    package var desired: DesiredState
    /// The revision before: what it asks for as well is not the commit's doing. nil where none is known.
    package var base: DesiredState?
    package var observed: ObservedState
    /// What the controller of the host has written down; nothing where there is none that may be read.
    package var memory: StoredState
    /// The wall clock.
    package var now: Instant
    /// Plan for no host in particular: everything that is declared is for it.
    package var isForEveryPool = false

    package init(
        _ desired: DesiredState, since base: DesiredState? = nil, on observed: ObservedState,
        remembering memory: StoredState = StoredState(), at now: Instant
    ) {
        self.desired = desired
        self.base = base
        self.observed = observed
        self.memory = memory
        self.now = now
        self.observed.recall(memory)
    }

    /// One revision with the plan that the daemon would carry out for it.
    struct Planned {
        var desired: DesiredState
        var gates: Gates
        var plan: Plan
    }

    /// What the planner makes of a revision on this host, by all that its controller remembers.
    func planned(_ state: DesiredState) -> Planned {
        let pinned = state.applying(
            pins: memory.pins, revisions: memory.states(of: memory.pins.compactMap(\.revision), for: state.host)
        ).state
        let sized = pinned.withLiveSizes(observed: observed, stored: memory.scaling, at: now)
        let moment = Now(wall: now)
        var gates = Gates(remembered: memory, for: state.revision)
        gates.shares =
            isForEveryPool
            ? state.hostPools.mapValues { _ in .everything }
            : SolitaryCoordinator.shares(of: state.hostPools, for: state.host.identity)
        gates.rollouts = sized.rolloutOrders(on: observed, remembering: memory, at: now)
        gates.pools = sized.demands(of: memory.claims, on: observed, gates)
        gates.tasks = sized.taskOrders(on: observed, gates, stored: memory.tasks, now: moment)
        let plan = Planner.plan(desired: sized, observed: observed, gates: gates, now: moment)
        return Planned(desired: sized, gates: gates, plan: plan)
    }
}

extension Gates {
    /// What people and earlier runs of the controller have left behind, as far as a plan for one revision needs it.
    fileprivate init(remembered memory: StoredState, for revision: Revision) {
        self.init(
            pauses: memory.pauses, approvals: memory.approvals.filter { $0.revision == revision.id },
            phases: memory.phases)
        windowOverrides = memory.overrides
        drains = memory.drains
        for claim in memory.claims where claim.isOpen {
            for container in [claim.predecessor, claim.container].compactMap(\.self) {
                holders[container.instance] = claim.holderWords
            }
        }
    }
}

extension StoredState {
    /// What these revisions say, by their ids, as far as they can still be read.
    fileprivate func states(of revisions: some Sequence<Revision>, for host: HostSettings) -> [String: DesiredState] {
        let named = Set(revisions.map(\.id))
        if named.isEmpty { return [:] }
        var states: [String: DesiredState] = [:]
        for earlier in earlierRevisions + [accepted].compactMap(\.self) where named.contains(earlier.revision.id) {
            guard let specs = SpecLoader.load(earlier.files, environment: host.environment).specs else { continue }
            states[earlier.revision.id] = DesiredState(specs: specs, revision: earlier.revision, host: host)
        }
        return states
    }
}

extension ObservedState {
    /// What was seen before and cannot be seen now: the numbers that slots have used up, and probes that succeeded.
    mutating func recall(_ memory: StoredState) {
        storedIncarnations.merge(memory.incarnations) { max($0, $1) }
        for (id, start) in memory.probedStarts {
            guard var container = containers[id], container.startedAt == start else { continue }
            container.probed = true
            record(container, id: id)
        }
    }
}

extension DesiredState {
    /// What planning must know of rollouts, as the controller will see them when this revision is in force.
    fileprivate func rolloutOrders(
        on observed: ObservedState, remembering memory: StoredState, at now: Instant
    ) -> [ResourceID: RolloutOrder] {
        // Only steps that are given up ask what was there before them.
        let givenUp = memory.rollouts.values.filter { $0.canary != nil }.compactMap(\.lastGood)
        let earlier = EarlierRevisions(states: memory.states(of: givenUp, for: host))
        var orders: [ResourceID: RolloutOrder] = [:]
        for (id, object) in objects where id.kind == .workload {
            var state = memory.rollouts[id] ?? .first(of: object, revision, at: now)
            _ = state.follow(object, of: revision, after: earlier, on: observed, at: now)
            let holdEnd = state.blueGreen?.switched?.advanced(bySeconds: state.hold(of: object).components.seconds)
            orders[id] = RolloutOrder(state, of: object, isHoldOver: holdEnd.map { $0 <= now } ?? false)
        }
        return orders
    }

    /// What pools are asked for where claims say more than their number: limits of their own, and members that are over.
    fileprivate func demands(
        of claims: [Claim], on observed: ObservedState, _ gates: Gates
    ) -> [ResourceID: PoolDemand] {
        var demands: [ResourceID: PoolDemand] = [:]
        for claim in claims {
            guard let object = objects[claim.pool], let pool = object.pool, let container = claim.container else {
                continue
            }
            let members = observed.containers(of: claim.pool)
            var demand =
                demands[claim.pool]
                ?? PoolDemand(
                    pool, object.liveSize, claimed: members.count { gates.phases[$0.instance] == .claimed },
                    unclaimed: members.count { gates.phases[$0.instance] == nil })
            if !claim.isOpen {
                demand.released.insert(container.instance)
            } else if let limits = claim.limits {
                demand.limits[container.instance] = limits
            }
            demands[claim.pool] = demand
        }
        return demands
    }
}
