import Logging
import Specs

/// Hosts that are emptied: as people and git ask for it, until nothing is left or the time is up.
extension ControlLoop {
    /// The longest that members may take to go by themselves.
    package static let longestDrain = Duration.seconds(30 * 86_400)

    /// Moves drains on, as far as what is here and the time ask for it.
    mutating func tendDrains() {
        guard isRunning, !isStopping, let desired else { return }
        followGit(desired)
        nextDrain = nil
        // What was not seen yet is not gone.
        guard !gates.drains.isEmpty, informer.isCurrent else { return }
        for drain in gates.drains { advance(drain) }
        let deadlines = gates.drains.filter { $0.stage == .draining }.compactMap(\.deadline)
        // A minute is soon enough to find out about a clock that was set.
        nextDrain = deadlines.min().map { now.uptime + min(max(.seconds(1), $0.wall - now.wall.wall), .seconds(60)) }
    }

    /// What git asks for since now is written down, so that its deadline outlasts restarts.
    private mutating func followGit(_ desired: DesiredState) {
        if gates.drains.isEmpty, !desired.hostPools.values.contains(where: { $0.spec.drain != nil }) { return }
        for (name, pool) in desired.hostPools.sorted(by: { $0.key < $1.key }) {
            guard let spec = pool.spec.drain, gates.shares[name] == .everything else { continue }
            let known = gates.drains.first { $0.pool == name }
            let drain = Drain(pool: name, spec, since: known?.since ?? now.wall)
            if known?.asksForTheSame(as: drain) != true { begin(drain) }
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

    private mutating func advance(_ drain: Drain) {
        guard let stage = nextStage(of: drain), stage != drain.stage else { return }
        var drain = drain
        drain.stage = stage
        put(drain)
        note(.drain(drain))
        // After the change, so that it names what is in the way from now on.
        let report = drainReports(currentPlan()).first { $0.drain == drain }
        let severity: EventRecord.Severity = stage == .drained ? .normal : .warning
        note(event(severity, nil, stage.rawValue, report?.message ?? drain.what))
        logger.info(
            "drain", metadata: ["event": "drain.\(stage)", "message": "\(report?.message ?? drain.what)"])
        drainsChanged()
    }

    private func nextStage(of drain: Drain) -> Drain.Stage? {
        let isEmpty = containersToGo(for: drain).isEmpty
        if isEmpty { return informer.observed.isComplete && membersUnderWay.isEmpty ? .drained : nil }
        switch drain.stage {
        case .draining:
            guard let deadline = drain.deadline, deadline <= now.wall else { return nil }
            return drain.force ? .forced : .exceeded
        // Something came to light that was not seen before.
        case .drained: return .draining
        case .forced, .exceeded: return nil
        }
    }

    // MARK: What people ask for

    func drain(
        for duration: Duration?, force: Bool, _ reason: String, by name: String
    ) throws(CommandRefusal) -> CommandAnswer {
        if let duration, duration < .zero || duration > Self.longestDrain {
            throw CommandRefusal(
                .invalid, "'deadline' is '\(duration.goText)' and must be 0s to \(Self.longestDrain.goText)")
        }
        if force && duration == nil {
            throw CommandRefusal(.invalid, "'force' says what happens at the deadline, and there is no 'deadline'")
        }
        let drain = Drain(
            reason: reason, by: name, since: now.wall,
            deadline: duration.map { now.wall.advanced(bySeconds: $0.roundedUpSeconds) }, force: force)
        let left = containersToGo(for: drain).count
        let what = "\(left) \(left == 1 ? "container goes" : "containers go")"
        let deadline =
            drain.deadline.map {
                " until \($0)" + (force ? ", and then all the same" : ", and what is left then stays")
            }
            ?? ""
        return CommandAnswer(
            command: .drain(drain),
            message: "this host is drained: nothing new is started, and \(what) as budgets and claims let them"
                + "\(deadline); 'reconcile uncordon' ends it")
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
            let message = "the deadline of a drain is over"
            if end(claim, .evicted, message) {
                note(event(.warning, .object(claim.pool), "ClaimEvicted", "\(claim.id) of \(claim.holder): \(message)"))
            } else {
                addAgain(action.key, at: now.uptime + .seconds(1))
            }
        }
        return true
    }
}

extension Drain {
    /// What is said when it begins.
    var announcement: String {
        what + (deadline.map { "; until \($0)" + (force ? ", then by force" : "") } ?? "")
    }
}
