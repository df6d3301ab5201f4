import Logging
import Specs

/// Claims from the answer to the end: renewed, released, expired, lost.
extension ControlLoop {
    // MARK: What holders ask for

    /// - Throws: `ClaimRefusal`; nothing has changed then.
    package mutating func renew(
        _ id: ClaimID, for ttl: Duration?, by name: String, now: Now
    ) throws(ClaimRefusal) -> (Claim, [Effect]) {
        self.now = now
        var claim = try find(id)
        guard claim.phase == .bound || claim.phase == .recovering else {
            throw ClaimRefusal(.conflict, "\(id) is over: \(claim.ending?.rawValue ?? claim.phase.rawValue)")
        }
        if let ttl { claim.ttl = ttl }
        claim.expires = min(
            Instant(wall: now.wall.wall + claim.ttl), claim.notAfter ?? Instant(secondsSince1970: .max))
        try write(claim)
        claims.put(claim)
        claims.renew(id, for: claim.ttl, at: now.uptime)
        rewrite(claim)
        return (claim, concludeLater())
    }

    /// - Throws: `ClaimRefusal`; the claim goes on then.
    package mutating func release(
        _ id: ClaimID, by name: String, now: Now
    ) throws(ClaimRefusal) -> (Claim, [Effect]) {
        self.now = now
        let claim = try find(id)
        guard claim.isOpen, claim.phase != .releasing else { return (claim, []) }
        guard end(claim, .released, "by \(name)") else {
            throw ClaimRefusal(.unavailable, "it cannot be written down, so the claim goes on", retryAfter: .seconds(1))
        }
        return (claims[id] ?? claim, concludeLater())
    }

    private func find(_ id: ClaimID) throws(ClaimRefusal) -> Claim {
        guard let claim = claims[id] else { throw ClaimRefusal(.notFound, "there is no claim '\(id)' here") }
        return claim
    }

    private mutating func write(_ claim: Claim) throws(ClaimRefusal) {
        do throws(StateStoreError) {
            try commit([.claim(claim)])
        } catch {
            complain(error)
            throw ClaimRefusal(.unavailable, "it cannot be written down: \(error)", retryAfter: .seconds(1))
        }
    }

    // MARK: The end

    /// Ends a claim, and has its container removed; where the pool says so, after a last command in it.
    ///
    /// Whoever still waits for its answer hears that it is over.
    ///
    /// - Returns: false when it could not be written down: it goes on then, and one that nobody has is tried again.
    @discardableResult
    mutating func end(_ claim: Claim, _ ending: Claim.Ending, _ message: String) -> Bool {
        let claimants = claims.claimants(of: claim)
        guard writeEnd(of: claim, ending, message) else {
            if claim.phase == .binding { claims.postpone(claim.id, to: now.uptime + .seconds(1)) }
            return false
        }
        for claimant in claimants {
            answer(claimant, .failure(ClaimRefusal(.conflict, "\(claim.id) is over: \(ending.rawValue): \(message)")))
        }
        dirtyPools.insert(claim.pool)
        return true
    }

    private mutating func writeEnd(of claim: Claim, _ ending: Claim.Ending, _ message: String) -> Bool {
        var claim = claim
        claim.ending = ending
        claim.message = message
        if let hook = farewell(of: claim), let container = claim.container.flatMap(reference) {
            claim.phase = .releasing
            guard writeDown(claim, retiring: []) else { return false }
            claims.stopClock(of: claim.id)
            ask(.run(newTicket(), hook, in: container), for: .farewell(claim.id))
            return true
        }
        claim.phase = .ended
        return writeDown(
            claim, retiring: [claim.container?.instance, claim.predecessor?.instance].compactMap(\.self))
    }

    private func farewell(of claim: Claim) -> WarmPool.Hook? {
        guard claim.phase == .bound, [.released, .expired, .maximumAge].contains(claim.ending) else { return nil }
        return desired?.objects[claim.pool]?.pool?.claim.hooks.beforeRelease
    }

    private func reference(to container: Claim.Container) -> ContainerReference? {
        informer.observed.containers[container.id].flatMap { $0.status == .running ? ContainerReference($0) : nil }
    }

    private mutating func writeDown(_ claim: Claim, retiring members: [MemberInstance]) -> Bool {
        let known = members.filter { phases[$0] == .claimed }
        do throws(StateStoreError) {
            try commit([.claim(claim)] + known.map { .transition($0, from: .claimed, to: .retiring) })
        } catch {
            complain(error)
            return false
        }
        for member in known { takenBack(member) }
        claims.put(claim)
        return true
    }

    /// Its removal is a matter of the plan from here on.
    private mutating func takenBack(_ member: MemberInstance) {
        phases[member] = .retiring
        formerlyClaimed.insert(member)
        // At once: others may be planned before the pool is looked at again.
        gates.pools[member.member.object]?.released.insert(member)
        add(.member(member.member), .refill)
    }

    /// A container that nobody has any more.
    mutating func retire(_ member: MemberInstance) {
        guard phases[member] == .claimed else { return }
        note(.transition(member, from: .claimed, to: .retiring))
        takenBack(member)
    }

    /// The last command has ended, or was given up.
    mutating func ran(_ ticket: Ticket, _ result: Result<String?, DriverError>) {
        guard case .farewell(let id)? = errands.removeValue(forKey: ticket), let claim = claims[id] else { return }
        let problem: String? =
            switch result {
            case .success(let problem): problem
            case .failure(let error): error.description
            }
        if let problem {
            note(event(.warning, .object(claim.pool), "HookFailed", "beforeRelease of \(id): \(problem)"))
        }
        finishEnding(of: id)
    }

    mutating func finishEnding(of id: ClaimID) {
        guard var claim = claims[id], claim.phase == .releasing else { return }
        claim.phase = .ended
        if !writeDown(claim, retiring: [claim.container?.instance].compactMap(\.self)) {
            // Its time is over all the same: it is tried again then.
            claims.postpone(id, to: now.uptime + .seconds(1))
        }
    }

    // MARK: Time

    mutating func endOverdue() {
        for (id, isTooOld) in claims.overdue(at: now.uptime) {
            guard let claim = claims[id] else { continue }
            switch claim.phase {
            case .releasing: finishEnding(of: id)
            case .binding: end(claim, .failed, "its member could not be prepared")
            case .bound, .recovering: expire(claim, isTooOld ? .maximumAge : .expired)
            case .ended: break
            }
        }
    }

    private mutating func expire(_ claim: Claim, _ ending: Claim.Ending) {
        let why = ending == .expired ? "it was not renewed in time" : "it was as old as the pool lets it be"
        guard end(claim, ending, why) else { return claims.postpone(claim.id, to: now.uptime + .seconds(1)) }
        pools[claim.pool, default: PoolWatch()].meter.expired += 1
        note(event(.normal, .object(claim.pool), "ClaimExpired", "\(claim.id) of \(claim.holder): \(ending.rawValue)"))
    }

    // MARK: Loss

    /// Finds claims whose container died, is gone, or failed its health check.
    mutating func noticeLosses(of pool: ResourceID) {
        for claim in claims.open(of: pool) where claim.phase == .bound {
            guard let container = claim.container, let message = loss(of: container) else { continue }
            lost(claim, container, message)
        }
    }

    private func loss(of container: Claim.Container) -> String? {
        guard let found = informer.observed.containers[container.id] else {
            return informer.observed.isComplete ? "container '\(container.name)' is gone" : nil
        }
        switch found.status {
        case .exited: return "container '\(container.name)' stopped with exit code \(found.exitCode)"
        case .dead, .removing: return "container '\(container.name)' is being removed"
        case .created: return "container '\(container.name)' does not run"
        case .running, .paused, .restarting:
            return found.health == .unhealthy ? "container '\(container.name)' failed its health check" : nil
        }
    }

    private mutating func lost(_ claim: Claim, _ container: Claim.Container, _ message: String) {
        pools[claim.pool, default: PoolWatch()].meter.lost += 1
        note(event(.warning, .object(claim.pool), "ClaimLost", "\(claim.id) of \(claim.holder): \(message)"))
        logger.warning(
            "claim lost",
            metadata: [
                "event": "claim.lost", "object": "\(claim.pool)", "claim": "\(claim.id)",
                "container_id": "\(container.id)",
                "conversation_id": "\(claim.labels["conversation_id"] ?? "")",
                "tenant_id": "\(claim.labels["tenant_id"] ?? "")", "message": "\(message)",
            ])
        guard desired?.objects[claim.pool]?.pool?.claim.onLost == .replace else {
            end(claim, .containerLost, message)
            return
        }
        var claim = claim
        claim.phase = .recovering
        claim.message = message
        claim.predecessor = container
        claim.container = nil
        guard writeDown(claim, retiring: []) else { return }
        queueRecovery(of: claim)
    }

    /// Waits for another member, before everybody who has none yet.
    mutating func queueRecovery(of claim: Claim) {
        let request = ClaimRequest(
            pool: claim.pool, holder: claim.holder, labels: claim.labels, ttl: claim.ttl, limits: claim.limits,
            idempotencyKey: claim.idempotencyKey)
        claims.enqueue(
            ClaimLedger.Waiting(
                claimants: [], request: request, by: "reconcile", asked: now.uptime, isCold: true,
                recovering: claim.id),
            of: claim.pool)
        dirtyPools.insert(claim.pool)
    }

    /// What it was about to get may have been touched: it gets another.
    private mutating func recover(_ claim: Claim) {
        takeContainer(from: claim)
        queueRecovery(of: claim)
    }

    /// The container that it was about to get is nobody's; the claim goes on without.
    mutating func takeContainer(from claim: Claim) {
        guard let container = claim.container else { return }
        var claim = claim
        claim.container = nil
        claims.put(claim)
        note(.claim(claim))
        retire(container.instance)
    }

    // MARK: Start

    /// Takes over the claims of the runs before. One that was never answered is over; what its answer was waiting for is
    /// tried again.
    mutating func recall(claims stored: [Claim]) {
        claims.recall(stored, at: now)
        for claim in claims.open {
            switch claim.phase {
            case .binding: end(claim, .cancelled, "the program ended before the answer")
            case .recovering: recover(claim)
            case .releasing: finishEnding(of: claim.id)
            case .bound, .ended: break
            }
            dirtyPools.insert(claim.pool)
        }
        for claim in stored where !claim.isOpen {
            if let member = claim.container?.instance, phases[member] == .retiring { formerlyClaimed.insert(member) }
        }
        // What a claim had that is over now, and nobody had come to take back.
        for (member, phase) in phases.sorted(by: { $0.key < $1.key }) where phase == .claimed {
            if claims.claim(of: member) == nil { retire(member) }
        }
    }
}
