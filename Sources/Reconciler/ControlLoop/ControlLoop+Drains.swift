import Logging
import Specs

/// Hosts that are emptied: as people and git ask for it, until nothing is left or the time is up.
extension ControlLoop {
    /// Moves drains on, as far as what is here and the time ask for it.
    mutating func tendDrains() {
        guard isRunning, !isStopping, let desired else { return }
        if !drainsFollowGit {
            drainsFollowGit = true
            followGit(desired)
        }
        nextDrain = nil
        // What was not seen yet is not gone.
        guard !gates.drains.isEmpty, informer.isCurrent else { return }
        for drain in gates.drains { advance(drain) }
        evictThoseWithout()
        let deadlines = gates.drains.filter { !$0.isOverdue }.compactMap(\.deadline)
        let next = deadlines.min().map(uptime)
        nextDrain = [next, nextDrain].compactMap(\.self).min()
    }

    /// What git asks for since now is written down, so that its deadline outlasts restarts.
    private mutating func followGit(_ desired: DesiredState) {
        for (name, pool) in desired.hostPools.sorted(by: { $0.key < $1.key }) {
            guard let spec = pool.spec.drain, gates.shares[name] == .everything else { continue }
            let known = gates.drains.first { $0.pool == name }
            var drain = Drain(pool: name, spec, since: known?.since ?? now.wall)
            if let known, known.asksForTheSame(as: drain) { continue }
            // Another deadline lets it go on; another reason does not.
            if let known, known.deadline == drain.deadline { drain.isOverdue = known.isOverdue }
            begin(drain)
        }
        for drain in gates.drains {
            guard let pool = drain.pool, desired.hostPools[pool]?.spec.drain == nil || gates.shares[pool] != .everything
            else { continue }
            gates.drains.removeAll { $0.pool == pool }
            note(.endDrain(pool: pool))
            note(event(.normal, nil, "Uncordoned", "HostPool/\(pool) is drained no more"))
            drainsChanged()
        }
    }

    private mutating func begin(_ drain: Drain) {
        put(drain)
        note(.drain(drain))
        note(event(.warning, nil, drain.stage.rawValue, drain.announcement))
        drainsChanged()
    }

    /// Replaces the drain of the same pool, or of the host.
    mutating func put(_ drain: Drain) {
        gates.drains.removeAll { $0.pool == drain.pool }
        gates.drains.append(drain)
        gates.drains.sort { ($0.pool ?? "") < ($1.pool ?? "") }
    }

    /// Something else may be done now, and members of pools may be handed out or not.
    mutating func drainsChanged() {
        noticedAllPools()
        noticedAllTasks()
        if informer.isCurrent { enqueueChanges() }
    }

    private mutating func advance(_ before: Drain) {
        let drain = before.movedOn(to: now.wall, isEmpty: isEmptied(by: before))
        if drain == before { return }
        put(drain)
        note(.drain(drain))
        if drain.stage == before.stage { return }
        // After the change, so that it names what is in the way from now on.
        let message = drainReport(of: drain, holds(in: currentPlan())).message
        note(event(drain.stage == .drained ? .normal : .warning, nil, drain.stage.rawValue, message))
        logger.info("drain", metadata: ["event": "drain.\(drain.stage)", "message": "\(message)"])
        drainsChanged()
    }

    // MARK: What people ask for

    func drain(
        for duration: Duration?, force: Bool, _ reason: String, by name: String
    ) throws(CommandRefusal) -> CommandAnswer {
        let longest = HostPool.Drain.longestDeadline
        if let duration, duration < .zero || duration > longest {
            throw CommandRefusal(.invalid, "'deadline' is '\(duration.goText)' and must be 0s to \(longest.goText)")
        }
        if force && duration == nil {
            throw CommandRefusal(.invalid, "'force' says what happens at the deadline, and there is no 'deadline'")
        }
        let drain = Drain(
            reason: reason, by: name, since: now.wall,
            deadline: duration.map { now.wall.advanced(bySeconds: $0.roundedUpSeconds) }, force: force)
        let deadline = drain.deadline == nil ? "" : " " + drain.terms
        return CommandAnswer(
            command: .drain(drain),
            message:
                "this host is drained: nothing new is started, and \(whatGoes(by: drain)) as budgets and claims let "
                + "them\(deadline)\(whatEnds(with: drain)); 'reconcile uncordon' ends it")
    }

    /// The drain that this one takes the place of, where it asked for something else.
    private func whatEnds(with drain: Drain) -> String {
        guard var before = gates.drains.first(where: { $0.pool == nil }) else { return "" }
        before.since = drain.since
        if before.asksForTheSame(as: drain) { return "" }
        let terms = before.terms == drain.terms ? "on the same terms" : before.terms
        return "; this replaces the drain by \(before.by) \(terms)"
    }

    /// Without a number before anybody can know it.
    private func whatGoes(by drain: Drain) -> String {
        guard desired != nil, informer.isCurrent else { return "the containers that are found go" }
        let left = countToGo(for: drain)
        return "\(left) \(left == 1 ? "container goes" : "containers go")"
    }

    func uncordon(by name: String) -> CommandAnswer {
        let isDrained = gates.drains.contains { $0.pool == nil }
        let inGit = gates.drains.compactMap(\.pool).map { "HostPool/\($0)" }
        let rest =
            inGit.isEmpty ? "" : "; git drains \(inGit.joined(separator: ", ")), until a commit takes 'drain' away"
        return CommandAnswer(
            command: isDrained ? .uncordon(by: name) : nil,
            message: (isDrained
                ? "this host is drained no more: what is missing is started" : "this host was not drained")
                + rest)
    }

    // MARK: Claims

    /// Ends the claim of a member that goes by force, after which its removal is a matter of the plan.
    ///
    /// - Returns: whether somebody had one of the containers that the action takes away.
    mutating func evictHolders(for action: Action) -> Bool {
        guard action.verb == .remove, action.reason == .draining else { return false }
        let taken = action.takesAway.compactMap { informer.observed.containers[$0]?.instance }
            .filter { phases[$0] == .claimed }.sorted()
        if taken.isEmpty { return false }
        for member in taken {
            guard let claim = claims.claim(of: member) else {
                retire(member)
                continue
            }
            if !evict(claim) { addAgain(action.key, at: now.uptime + .seconds(1)) }
        }
        return true
    }

    /// Claims that wait for another container end by force as well: there will be none.
    private mutating func evictThoseWithout() {
        let forced = gates.drains.filter { $0.force && $0.isOverdue }
        if forced.isEmpty { return }
        for pool in claims.poolsInUse.sorted() where forced.contains(where: { isGoing(pool, by: $0) }) {
            for claim in claims.open(of: pool) where claim.phase == .recovering && claim.container == nil {
                // What cannot be written down is tried again.
                if !evict(claim) { nextDrain = now.uptime + .seconds(1) }
            }
        }
    }

    /// - Returns: false where it could not be written down.
    private mutating func evict(_ claim: Claim) -> Bool {
        let message = "the deadline of a drain is over"
        guard end(claim, .evicted, message) else { return false }
        note(event(.warning, .object(claim.pool), "ClaimEvicted", "\(claim.id) of \(claim.holder): \(message)"))
        return true
    }
}

extension Drain {
    /// What holds at its deadline.
    fileprivate var terms: String {
        guard let deadline else { return "without a deadline" }
        return "until \(deadline), and " + (force ? "then all the same" : "what is left then stays")
    }

    /// What is said when it begins.
    var announcement: String {
        what + (deadline.map { "; until \($0)" + (force ? ", then by force" : "") } ?? "")
    }
}
