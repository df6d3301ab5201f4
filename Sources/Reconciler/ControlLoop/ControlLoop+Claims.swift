import Logging
import Specs

/// Claims from the request to the answer: who gets which member is decided, written down, and then made true.
extension ControlLoop {
    /// How long a request may go on to wait for the member that is started because of it.
    private static var coldStartPatience: Duration { .seconds(120) }
    /// How often a binding is tried whose outcome nobody knows.
    private static var mostAttempts: Int { 5 }

    // MARK: The request

    mutating func take(_ request: ClaimRequest, from claimant: Ticket, by name: String) {
        do throws(ClaimRefusal) {
            let pool = try pool(of: request)
            if let claim = try earlier(request) { return answerAgain(claim, to: claimant) }
            if let key = request.idempotencyKey, claims.hasWaiting(key, of: request.pool) {
                throw ClaimRefusal(
                    .conflict, "a request with the idempotency key '\(key)' is waiting already", retryAfter: .seconds(1)
                )
            }
            if gates.pools[request.pool] == nil || dirtyPools.remove(request.pool) != nil { tend(request.pool) }
            let canServe = claims.waiting[request.pool] == nil && !candidates(of: request.pool).isEmpty
            canServe
                ? pools[request.pool, default: PoolWatch()].hit(at: now.uptime)
                : pools[request.pool, default: PoolWatch()].missed(at: now.uptime)
            let isCold = request.wait <= .zero
            if !canServe, isCold, !pool.claim.coldStart { throw exhausted(request.pool) }
            claims.enqueue(
                ClaimLedger.Waiting(
                    claimants: [claimant], request: request, by: name, asked: now.uptime,
                    deadline: now.uptime + (isCold ? Self.coldStartPatience : request.wait), isCold: isCold),
                of: request.pool)
            dirtyPools.insert(request.pool)
        } catch {
            answer(claimant, .failure(error))
        }
    }

    private func pool(of request: ClaimRequest) throws(ClaimRefusal) -> WarmPool {
        guard isRunning, !isStopping, let desired, informer.isCurrent else {
            throw ClaimRefusal(
                .unavailable, "the host was not seen yet, or the program is stopping", retryAfter: .seconds(1))
        }
        guard let object = desired.objects[request.pool], let pool = object.pool else {
            throw ClaimRefusal(.notFound, "there is no \(request.pool) in \(desired.revision); see 'reconcile status'")
        }
        let view = PlanContext(desired, informer.observed, gates, now).view(request.pool)
        if let hold = view.hold {
            let code: ClaimRefusal.Code = hold.gate == .hostNotSelected ? .notFound : .unavailable
            throw ClaimRefusal(code, "\(request.pool) is held on this host: \(hold.message)")
        }
        try request.check(against: pool, object.container.template.resources)
        return pool
    }

    /// The claim that the same request was answered with before.
    private func earlier(_ request: ClaimRequest) throws(ClaimRefusal) -> Claim? {
        guard let claim = claims.claim(request.idempotencyKey, of: request.pool) else { return nil }
        guard claim.requestDigest == request.digest else {
            throw ClaimRefusal(
                .conflict,
                "the idempotency key '\(request.idempotencyKey ?? "")' belongs to another request, \(claim.id)")
        }
        guard claim.isOpen else {
            // What was never answered leaves the key free.
            if claim.ending == .cancelled || claim.ending == .failed { return nil }
            throw ClaimRefusal(.conflict, "\(claim.id) is over: \(claim.ending?.rawValue ?? "ended")")
        }
        return claim
    }

    private mutating func answerAgain(_ claim: Claim, to claimant: Ticket) {
        if claims.bindings[claim.id] != nil {
            claims.bindings[claim.id]?.waiting.claimants.append(claimant)
        } else {
            answer(claimant, .success(claim))
        }
    }

    private func exhausted(_ pool: ResourceID) -> ClaimRefusal {
        let meter = pools[pool]?.meter.startToReady
        let usual = meter.flatMap { $0.count == 0 ? nil : $0.sum / $0.count } ?? .seconds(1)
        return ClaimRefusal(.exhausted, "\(pool) has no ready member", retryAfter: max(.seconds(1), usual))
    }

    /// Whoever asked went away.
    mutating func abandon(_ claimant: Ticket) {
        guard let id = claims.abandon(claimant), let claim = claims[id], claim.idempotencyKey == nil else { return }
        // Nobody will ever hear of it.
        end(claim, .cancelled, "whoever asked for it went away")
    }

    // MARK: The choice

    /// Gives ready members to those who wait, in their order.
    ///
    /// - Returns: whether there was one for anybody.
    mutating func serve(_ pool: ResourceID) -> Bool {
        guard !isStopping, claims.waiting[pool] != nil else { return false }
        var hasServed = false
        for member in candidates(of: pool) {
            guard let next = claims.takeFirst(of: pool) else { break }
            hasServed = true
            if !bind(member, to: next, of: pool) { break }
        }
        return hasServed
    }

    /// Written down first: from then on the member is nobody else's.
    ///
    /// - Returns: false when it could not be written down.
    private mutating func bind(_ member: ObservedContainer, to waiting: ClaimLedger.Waiting, of pool: ResourceID)
        -> Bool
    {
        guard let object = desired?.objects[pool], let spec = object.pool else { return false }
        let claim = claim(for: waiting, spec, object, member)
        do throws(StateStoreError) {
            try commit([.transition(member.instance, from: .ready, to: .claimed), .claim(claim)])
        } catch {
            complain(error)
            claims.putBack(waiting, of: pool)
            guard error.code == .conflict else {
                refuseWaiting(of: pool, ClaimRefusal(.unavailable, "it cannot be written down: \(error)"))
                return false
            }
            // Somebody else has it, whom only the store knows.
            phases[member.instance] = .claimed
            return true
        }
        phases[member.instance] = .claimed
        noteInLog(claim, by: waiting.by)
        claims.put(claim)
        if waiting.recovering == nil { claims.deadlines[claim.id] = now.uptime + claim.ttl }
        var binding = ClaimBinding(claim: claim, container: ContainerReference(member))
        binding.environment = waiting.request.environment
        binding.files = waiting.request.files
        binding.isPaused = member.status == .paused
        binding.hook = waiting.recovering == nil ? spec.claim.hooks.afterClaim : spec.claim.hooks.onRestore
        binding.heir = claim.predecessor?.name
        if claim.limits != nil {
            let template = object.container.template.tightened(by: claim.limits)
            binding.limits =
                LiveDrift(
                    of: member, from: template, on: informer.observed.engine, replacesForMemory: false
                ).target
        }
        claims.bindings[claim.id] = ClaimLedger.Binding(binding: binding, waiting: waiting)
        ask(.bind(newTicket(), binding), for: .binding(claim.id))
        dirtyPools.insert(pool)
        return true
    }

    private mutating func claim(
        for waiting: ClaimLedger.Waiting, _ pool: WarmPool, _ object: DesiredObject, _ member: ObservedContainer
    ) -> Claim {
        let container = Claim.Container(
            instance: member.instance, id: member.id, name: member.name, address: member.address,
            ports: object.container.template.ports.sorted().map(\.description))
        if let id = waiting.recovering, var claim = claims[id] {
            claim.container = container
            return claim
        }
        let ttl = waiting.request.ttl ?? pool.claim.ttl
        let wasBornLater = pools[object.id]?.birth(of: member.instance).map { $0 > waiting.asked } ?? false
        let created = now.wall
        let notAfter = pool.claim.maxAge.map { Instant(wall: created.wall + $0) }
        var id = ClaimID(number: random.next())
        while claims[id] != nil { id = ClaimID(number: random.next()) }
        return Claim(
            id: id, request: waiting.request, phase: .binding, container: container,
            source: wasBornLater ? .cold : .warm, ttl: ttl, created: created,
            expires: min(Instant(wall: created.wall + ttl), notAfter ?? .init(secondsSince1970: .max)),
            notAfter: notAfter)
    }

    // MARK: What became of it

    mutating func bound(_ ticket: Ticket, _ result: Result<BindingOutcome, DriverError>) {
        guard case .binding(let id)? = errands.removeValue(forKey: ticket), let claim = claims[id] else { return }
        guard let binding = claims.bindings[id] else {
            // It was ended meanwhile.
            return finishEnding(of: id)
        }
        switch result {
        case .success(.bound): bound(claim, binding.waiting)
        case .success(.lost(let message)): lostBeforeAnswer(claim, binding.waiting, message)
        case .success(.hookFailed(let message)):
            fail(claim, binding.waiting, ClaimRefusal(.failed, "the hook of \(claim.pool) failed: \(message)"))
        case .failure(let error):
            guard binding.attempts < Self.mostAttempts, error.disposition != .terminal else {
                return fail(
                    claim, binding.waiting, ClaimRefusal(.unavailable, "the member could not be prepared: \(error)"))
            }
            claims.bindings[id]?.retry = now.uptime + .milliseconds(100) * (1 << binding.attempts)
        }
    }

    private mutating func bound(_ claim: Claim, _ waiting: ClaimLedger.Waiting) {
        var claim = claim
        let duration = now.uptime - waiting.asked
        if let lost = claim.predecessor {
            claim.predecessor = nil
            claim.recoveries += 1
            claim.message = ""
            retire(lost.instance)
            pools[claim.pool, default: PoolWatch()].meter.recovered += 1
            note(
                event(
                    .normal, .object(claim.pool), "ClaimRecovered",
                    "\(claim.id) has another container, "
                        + "\(claim.container?.name ?? "")"))
        } else {
            claim.durationMicroseconds = Int64(duration / .microseconds(1))
            pools[claim.pool, default: PoolWatch()].meter.answered(claim.source, in: duration)
        }
        claim.phase = .bound
        claims.bindings[claim.id] = nil
        claims.put(claim)
        note(.claim(claim))
        log(claim, duration)
        for claimant in waiting.claimants { answer(claimant, .success(claim)) }
    }

    /// The member was none: whoever waits gets another.
    private mutating func lostBeforeAnswer(_ claim: Claim, _ waiting: ClaimLedger.Waiting, _ message: String) {
        if claim.predecessor != nil {
            var claim = claim
            let failed = claim.container
            claim.container = nil
            claims.bindings[claim.id] = nil
            claims.put(claim)
            note(.claim(claim))
            if let failed { retire(failed.instance) }
        } else {
            end(claim, .failed, message)
        }
        claims.putBack(waiting, of: claim.pool)
        dirtyPools.insert(claim.pool)
        observe()
    }

    private mutating func fail(_ claim: Claim, _ waiting: ClaimLedger.Waiting, _ refusal: ClaimRefusal) {
        note(event(.warning, .object(claim.pool), "ClaimFailed", "\(claim.id): \(refusal.message)"))
        end(claim, .failed, refusal.message)
        for claimant in waiting.claimants { answer(claimant, .failure(refusal)) }
    }

    private func log(_ claim: Claim, _ duration: Duration) {
        logger.info(
            claim.recoveries == 0 ? "claimed" : "claim recovered",
            metadata: [
                "event": "\(claim.recoveries == 0 ? "claim.bound" : "claim.recovered")", "object": "\(claim.pool)",
                "claim": "\(claim.id)", "container_id": "\(claim.container?.id ?? "")",
                "conversation_id": "\(claim.labels["conversation_id"] ?? "")",
                "tenant_id": "\(claim.labels["tenant_id"] ?? "")", "source": "\(claim.source.rawValue)",
                "duration_ms": "\(Double(Int(duration / .microseconds(1))) / 1000)",
            ])
    }

    /// That it was claimed is in the journal already, which is synced.
    private func noteInLog(_ claim: Claim, by name: String) {
        let entry = AuditEntry(
            time: now.wall, actor: name, action: "claim", object: "\(claim.pool)",
            detail: "\(claim.id): \(claim.container?.name ?? "") for \(claim.holder)", revision: desired?.revision.id)
        do throws(StateStoreError) { try audit?.append([entry], isSynced: false) } catch { complain(error) }
    }

    // MARK: Whoever waits in vain

    mutating func refuseOverdue() {
        for (pool, var waiting) in claims.takeOverdue(at: now.uptime) {
            let spec = desired?.objects[pool]?.pool
            if let id = waiting.recovering {
                if let claim = claims[id] { end(claim, .containerLost, "no other container was ready in time") }
            } else if !waiting.isCold, let spec, spec.claim.coldStart {
                waiting.isCold = true
                waiting.deadline = now.uptime + Self.coldStartPatience
                claims.enqueue(waiting, of: pool)
            } else {
                pools[pool, default: PoolWatch()].meter.refused += 1
                for claimant in waiting.claimants { answer(claimant, .failure(exhausted(pool))) }
            }
            dirtyPools.insert(pool)
        }
    }

    private mutating func refuseWaiting(of pool: ResourceID, _ refusal: ClaimRefusal) {
        while let waiting = claims.takeFirst(of: pool) {
            for claimant in waiting.claimants { answer(claimant, .failure(refusal)) }
        }
    }

    /// Told to stop: nobody gets anything new.
    mutating func refuseAllWaiting() {
        for pool in claims.waiting.keys.sorted() {
            refuseWaiting(of: pool, ClaimRefusal(.unavailable, "the program is stopping", retryAfter: .seconds(1)))
        }
    }

    mutating func retryBindings() {
        for (id, binding) in claims.bindings.sorted(by: { $0.key < $1.key }) {
            guard let retry = binding.retry, retry <= now.uptime else { continue }
            claims.bindings[id]?.retry = nil
            claims.bindings[id]?.attempts += 1
            ask(.bind(newTicket(), binding.binding), for: .binding(id))
        }
    }
}

extension PoolMeter {
    fileprivate mutating func answered(_ source: Claim.Source, in duration: Duration) {
        switch source {
        case .warm: warmClaims.observe(duration)
        case .cold: coldClaims.observe(duration)
        }
    }
}
