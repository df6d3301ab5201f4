import Logging
import Specs

/// Pools between two looks: who is lost, who can be served, who is missing.
extension ControlLoop {
    /// Does all that has become due, and all that what was seen since the last time asks for.
    mutating func tendPools() {
        guard isRunning, !isStopping else { return }
        endOverdue()
        refuseOverdue()
        retryBindings()
        for pool in pools.filter({ $0.value.wake.map { $0 <= now.uptime } ?? false }).keys {
            // A pool that is declared no more has nobody to set it anew, and time would come again at once.
            pools[pool]?.wake = nil
            dirtyPools.insert(pool)
        }
        for view in lookAtDirtyPools() { enqueueChanges(of: view) }
    }

    /// Finds out how the pools stand of which something is new, and serves whoever waits.
    ///
    /// - Returns: each of them as it is planned now.
    @discardableResult
    mutating func lookAtDirtyPools() -> [ObjectView] {
        guard isRunning, !isStopping else { return [] }
        var views: [ResourceID: ObjectView] = [:]
        // Each look at a pool may make it dirty again, by a claim that it ends or begins.
        var rounds = 0
        while !dirtyPools.isEmpty, rounds < 100 {
            let dirty = dirtyPools.sorted()
            dirtyPools = []
            for pool in dirty { views[pool] = tend(pool) }
            rounds += 1
        }
        return views.sorted { $0.key < $1.key }.map(\.value)
    }

    /// Something was seen of a container of the object.
    mutating func noticed(_ object: ResourceID) {
        if object.kind == .workload { isTrafficDirty = true }
        if object.kind == .warmPool { dirtyPools.insert(object) }
        if object.kind == .scheduledTask { dirtyTasks.insert(object) }
        if rollouts[object]?.state.isOpen == true || turnWaiters[object] != nil { dirtyRollouts.insert(object) }
        // A run that waits for room, or for somebody to go, has it perhaps.
        for (id, watch) in tasks where watch.waiting != nil && watch.hold != nil { dirtyTasks.insert(id) }
    }

    mutating func noticedAllPools() {
        dirtyPools.formUnion(claims.poolsInUse)
        for object in (desired?.objects ?? [:]).values where object.pool != nil { dirtyPools.insert(object.id) }
    }

    /// - Returns: the pool as it is planned now; nil where nothing can be said of it, or nothing is declared any more.
    private mutating func tend(_ pool: ResourceID) -> ObjectView? {
        guard informer.isCurrent, let desired else { return nil }
        noticeLosses(of: pool)
        guard let object = desired.objects[pool], let spec = object.pool else { return nil }
        guard var view = measure(pool, spec) else { return nil }
        // Who has got a member is one less to start one for. Again where the store knew of a holder that nobody else did.
        var hasServed = false
        while claims.waiting[pool] != nil, serve(pool, candidates(of: view)) { hasServed = true }
        if refuseNewcomers(of: pool, spec) || hasServed, let later = measure(pool, spec) { view = later }
        let free = candidates(of: view).map { $0.id }
        pools[pool]?.free = free[...]
        return view
    }

    private mutating func enqueueChanges(of view: ObjectView) {
        let actions = view.slots.lazy.compactMap { Planner.memberAction($0, of: view) }
        for action in actions where limiter.failures(of: action.key) == 0 {
            switch action.verdict {
            case .go, .waitFor: add(action.key, lane(of: action))
            case .notBefore(let time): add(action.key, lane(of: action), at: time)
            case .held, .stalled: break
            }
        }
    }

    /// Finds out what is asked of the pool now.
    ///
    /// - Returns: the pool as it is planned with that; nil where nothing is declared any more.
    private mutating func measure(_ pool: ResourceID, _ spec: WarmPool) -> ObjectView? {
        let members = informer.observed.containers(of: pool)
        let open = claims.open(of: pool)
        let claimed = open.count { $0.container != nil }
        let unclaimed = members.count { phases[$0.instance] == nil }
        var watch = pools[pool] ?? PoolWatch()
        let asked = watch.size(of: spec, found: unclaimed, at: now.uptime)
        var demand = PoolDemand(spec, desired?.objects[pool]?.liveSize, claimed: claimed, unclaimed: asked)
        demand.waiting = (claims.waiting[pool] ?? []).count { spec.claim.coldStart || $0.recovering != nil }
        demand.startsLeft = watch.startsLeft(of: spec.refill.perMinute, at: now.uptime)
        demand.nextStart = watch.nextStart(of: spec.refill.perMinute)
        if demand.waiting == 0, let calm = watch.calm(at: now.uptime) {
            demand.startsLeft = 0
            demand.nextStart = max(calm, demand.nextStart ?? calm)
        }
        demand.released = releasedMembers(of: pool, members)
        demand.lost = Set(open.compactMap(\.predecessor?.id))
        for claim in open {
            if let limits = claim.limits, let instance = claim.container?.instance { demand.limits[instance] = limits }
        }
        gates.pools[pool] = demand
        watch.keep(Set(members.map(\.instance)))
        pools[pool] = watch
        guard let view = view(of: pool), let roster = view.roster else { return nil }
        follow(view, roster, spec)
        return view
    }

    /// Those on their way out that nobody of the pool's own rules took away: their claims are over.
    private func releasedMembers(of pool: ResourceID, _ members: [ObservedContainer]) -> Set<MemberInstance> {
        Set(members.map(\.instance).filter { phases[$0] == .retiring && formerlyClaimed.contains($0) })
    }

    /// Notes who has become ready, and whether the pool goes on.
    private mutating func follow(_ view: ObjectView, _ roster: PoolRoster, _ spec: WarmPool) {
        let pool = view.id
        for container in view.allContainers where view.isClaimable(container) {
            pools[pool]?.becameReady(container.instance, at: now.uptime)
        }
        let status = roster.status(of: view)
        // On a host that is emptied nothing becomes ready, and that is no fault of the template.
        let isWanting = view.drain == nil && (status.warming > 0 || !roster.newSlots.isEmpty)
        let label = view.object?.recreateLabel ?? ""
        let since = pools[pool]?.note(ready: status.updatedReady, of: label, isWanting: isWanting, at: now.uptime)
        let deadline = since.map { $0 + spec.rollout.progressDeadline }
        let isSlow = deadline.map { $0 <= now.uptime } ?? false
        let nextStart = gates.pools[pool]?.nextStart
        pools[pool]?.wake = [isSlow ? nil : deadline, nextStart].compactMap(\.self).min()
        if isSlow { hold(pool, status, after: spec.rollout.progressDeadline) } else { slowPools[pool] = nil }
    }

    /// No member of the template in force has become ready for too long. The pool keeps what it has, and goes back to what
    /// it had where something of that is left.
    private mutating func hold(_ pool: ResourceID, _ status: PoolStatus, after deadline: Duration) {
        let why = stalls.filter { $0.key.object == pool }.min { $0.key < $1.key }?.value.message
        let message = "no member has become ready for \(deadline)" + (why.map { ": \($0)" } ?? "")
        if slowPools.updateValue(Stall(.warmPoolNotProgressing, message), forKey: pool) == nil {
            note(event(.warning, .object(pool), Stall.Code.warmPoolNotProgressing.rawValue, message))
        }
        guard status.updatedReady == 0, status.stale > 0, pins[pool] == nil, let desired,
            let object = desired.objects[pool], let previous, let before = earlierRevisions[previous.id]?.objects[pool],
            before.meaning != object.meaning
        else { return }
        let pin = Pin(
            object: pool, revision: previous, cause: .quarantined, reason: message, rejected: object.meaning,
            since: now.wall)
        do throws(StateStoreError) { try hear(.pin(pin, by: "reconcile")) } catch { complain(error) }
    }

    /// A member is begun, which counts at once: others have their turns before the pool is looked at again.
    mutating func began(_ pool: ResourceID) {
        var watch = pools[pool] ?? PoolWatch()
        watch.began(at: now.uptime)
        let rate = desired?.objects[pool]?.pool?.refill.perMinute
        gates.pools[pool]?.startsLeft = watch.startsLeft(of: rate, at: now.uptime)
        gates.pools[pool]?.nextStart = watch.nextStart(of: rate)
        pools[pool] = watch
    }

    /// A member came to be; more of them than may be is counted, and must never be.
    ///
    /// - Parameter most: how many could be when it was begun: whoever it was begun for may have gone since.
    mutating func wasMade(_ instance: MemberInstance, most: Int?) {
        let pool = instance.member.object
        pools[pool, default: PoolWatch()].made(instance, at: now.uptime)
        guard let roster = view(of: pool)?.roster else { return }
        if roster.unclaimed > max(roster.mostUnclaimed, most ?? 0) { pools[pool]?.meter.overCreated += 1 }
    }

    // MARK: Candidates

    /// Members that could be somebody's now, the best first: of the template in force, healthy, then the oldest.
    func candidates(of view: ObjectView) -> [ObservedContainer] {
        guard let roster = view.roster else { return [] }
        return view.allContainers
            .filter { container in
                let role = roster.roles[container.id]
                return (role == .current || role == .stale) && isFree(container, in: view)
            }
            .map { (rank: rank($0, roster), container: $0) }
            .sorted { $0.rank < $1.rank }
            .map { $0.container }
    }

    /// Whether nobody has the member, or is about to take it away, or is at work on it.
    func isFree(_ container: ObservedContainer, in view: ObjectView) -> Bool {
        // Nothing new is begun on a host that is emptied.
        if view.drain != nil { return false }
        let key = Key.member(container.instance.member)
        return phases[container.instance] == nil && view.isClaimable(container) && flights[key] == nil
            && doubts[key] == nil
    }

    private func rank(_ container: ObservedContainer, _ roster: PoolRoster) -> (Int, Int, String, Int) {
        (
            roster.roles[container.id] == .current ? 0 : 1, container.health == .healthy ? 0 : 1, container.startedAt,
            container.slot
        )
    }

    func view(of object: ResourceID) -> ObjectView? { context?.view(object) }

    /// How the pools stand, in the order of their names.
    var poolStatuses: [PoolStatus] {
        (desired?.objects.values.filter { $0.pool != nil }.map(\.id).sorted() ?? []).compactMap { pool in
            guard let view = view(of: pool), var status = view.roster?.status(of: view) else { return nil }
            status.waiting = claims.waiting[pool]?.count ?? 0
            status.lost = claims.open(of: pool).count { $0.phase == .recovering }
            status.consecutiveMisses = pools[pool]?.consecutiveMisses ?? 0
            return status
        }
    }
}
