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
            try check(request)
            if let claim = try earlier(request) { return answerAgain(claim, to: claimant) }
            if let key = request.idempotencyKey, claims.hasWaiting(key, of: request.pool) {
                throw ClaimRefusal(
                    .conflict, "a request with the idempotency key '\(key)' is waiting already", retryAfter: .seconds(1)
                )
            }
            let isCold = request.wait <= .zero
            let startsOne = desired?.objects[request.pool]?.pool?.claim.coldStart ?? false
            let patience = isCold ? startsOne ? Self.coldStartPatience : .seconds(1) : request.wait
            claims.enqueue(
                ClaimLedger.Waiting(
                    claimants: [claimant], request: request, by: name, asked: now.uptime,
                    deadline: now.uptime + patience, isNew: true, isCold: isCold),
                of: request.pool)
            dirtyPools.insert(request.pool)
            if autoscalers[request.pool] != nil { dirtyAutoscalers.insert(request.pool) }
        } catch {
            answer(claimant, .failure(error))
        }
    }

    private func check(_ request: ClaimRequest) throws(ClaimRefusal) {
        guard isRunning, !isStopping, let desired, informer.isCurrent else {
            throw ClaimRefusal(
                .unavailable, "the host was not seen yet, or the program is stopping", retryAfter: .seconds(1))
        }
        guard let object = desired.objects[request.pool], let pool = object.pool else {
            throw ClaimRefusal(.notFound, "there is no \(request.pool) in \(desired.revision); see 'reconcile status'")
        }
        if let drain = view(of: request.pool)?.drain {
            throw ClaimRefusal(.unavailable, "\(drain.what): nothing new is handed out", retryAfter: .seconds(60))
        }
        if let hold = view(of: request.pool)?.hold {
            let code: ClaimRefusal.Code = hold.gate == .hostNotSelected ? .notFound : .unavailable
            throw ClaimRefusal(code, "\(request.pool) is held on this host: \(hold.message)")
        }
        try request.check(against: pool, object.container.template.resources)
    }

    /// The claim that the same request was answered with before.
    private func earlier(_ request: ClaimRequest) throws(ClaimRefusal) -> Claim? {
        guard let claim = claims.claim(request.idempotencyKey, of: request.pool) else { return nil }
        guard claim.requestDigest == request.digest else {
            throw ClaimRefusal(
                .conflict,
                "the idempotency key '\(request.idempotencyKey ?? "")' belongs to another request, \(claim.id)")
        }
        // Of the run before, and its end could not be written down yet: nobody will ever have it.
        if claim.phase == .binding, claims.bindings[claim.id] == nil {
            throw ClaimRefusal(.unavailable, "\(claim.id) is being cancelled", retryAfter: .seconds(1))
        }
        guard claim.isOpen, claim.phase != .releasing else {
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
        return ClaimRefusal(
            .exhausted, "\(pool) has no ready member; ask again later, or with a longer 'wait'",
            retryAfter: max(.seconds(1), usual))
    }

    /// Whoever asked went away.
    mutating func abandon(_ claimant: Ticket) {
        // One less to start a member for.
        dirtyPools.formUnion(claims.waiting.keys)
        guard let id = claims.abandon(claimant), let claim = claims[id], claim.idempotencyKey == nil else { return }
        cancel(claim)
    }

    /// Nobody will ever hear of it.
    private mutating func cancel(_ claim: Claim) { end(claim, .cancelled, "whoever asked for it went away") }

    // MARK: What became of it

    mutating func bound(_ ticket: Ticket, _ result: Result<BindingOutcome, DriverError>) {
        guard case .binding(let id)? = errands.removeValue(forKey: ticket), let claim = claims[id] else { return }
        // It may have been ended meanwhile.
        guard var binding = claims.bindings.removeValue(forKey: id) else { return }
        switch result {
        case .success(.bound): bound(claim, binding.waiting)
        case .success(.lost(let message)): lostBeforeAnswer(claim, binding.waiting, message)
        case .success(.hookFailed(let message)):
            fail(claim, binding.waiting, ClaimRefusal(.failed, "the hook of \(claim.pool) failed: \(message)"))
        case .failure(let error):
            let isTerminal = error.disposition == .terminal
            if claim.predecessor != nil, isTerminal { return lostBeforeAnswer(claim, binding.waiting, "\(error)") }
            // Somebody has it: only its own end is the end of that.
            guard !isTerminal, claim.predecessor != nil || binding.attempts < Self.mostAttempts else {
                return fail(
                    claim, binding.waiting, ClaimRefusal(.unavailable, "the member could not be prepared: \(error)"))
            }
            binding.retry = now.uptime + .milliseconds(100) * (1 << min(binding.attempts, Self.mostAttempts))
            claims.bindings[id] = binding
        }
    }

    private mutating func bound(_ claim: Claim, _ waiting: ClaimLedger.Waiting) {
        if claim.predecessor == nil, claim.idempotencyKey == nil, waiting.claimants.isEmpty { return cancel(claim) }
        var claim = claim
        let duration = now.uptime - waiting.asked
        if let lost = claim.predecessor {
            claim.predecessor = nil
            claim.recoveries += 1
            claim.message = ""
            retire(lost.instance)
            // What it had takes room again.
            dirtyPools.insert(claim.pool)
            pools[claim.pool, default: PoolWatch()].meter.recovered += 1
            let message = "\(claim.id) has another container, \(claim.container?.name ?? "")"
            note(event(.normal, .object(claim.pool), "ClaimRecovered", message))
        } else {
            claims.begin(
                claim.id, for: claim.ttl, atMost: claim.notAfter.map { $0.wall - claim.created.wall }, at: now.uptime)
            claim.durationMicroseconds = Int64(duration / .microseconds(1))
            pools[claim.pool, default: PoolWatch()].meter.answered(claim.source, in: duration)
        }
        claim.phase = .bound
        claims.put(claim)
        note(.claim(claim))
        log(claim, duration)
        for claimant in waiting.claimants { answer(claimant, .success(claim)) }
    }

    /// The member was none: whoever waits gets another.
    private mutating func lostBeforeAnswer(_ claim: Claim, _ waiting: ClaimLedger.Waiting, _ message: String) {
        if claim.predecessor != nil {
            takeContainer(from: claim)
        } else {
            end(claim, .failed, message)
        }
        claims.putBack(waiting, of: claim.pool)
        dirtyPools.insert(claim.pool)
        observe()
    }

    /// What somebody has already is lost with its new container; what nobody was told of never was.
    private mutating func fail(_ claim: Claim, _ waiting: ClaimLedger.Waiting, _ refusal: ClaimRefusal) {
        note(event(.warning, .object(claim.pool), "ClaimFailed", "\(claim.id): \(refusal.message)"))
        end(claim, claim.predecessor == nil ? .failed : .containerLost, refusal.message)
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

    // MARK: Whoever waits in vain

    /// There was no member for these when they came. Who would not wait, and may have none started, is refused.
    ///
    /// - Returns: whether anybody was.
    mutating func refuseNewcomers(of pool: ResourceID, _ spec: WarmPool) -> Bool {
        var hasRefused = false
        for newcomer in claims.settleNewcomers(of: pool) {
            pools[pool, default: PoolWatch()].missed(at: newcomer.asked)
            guard newcomer.isCold, !spec.claim.coldStart else { continue }
            hasRefused = true
            pools[pool, default: PoolWatch()].meter.refused += 1
            for claimant in newcomer.claimants {
                _ = claims.abandon(claimant)
                answer(claimant, .failure(exhausted(pool)))
            }
        }
        return hasRefused
    }

    mutating func refuseOverdue() {
        for pool in claims.waiting.keys.sorted() {
            if desired?.objects[pool]?.pool?.claim.coldStart == true {
                claims.letWait(for: pool, from: now.uptime, until: now.uptime + Self.coldStartPatience)
            }
            for waiting in claims.takeOverdue(of: pool, at: now.uptime) {
                pools[pool, default: PoolWatch()].meter.refused += 1
                for claimant in waiting.claimants { answer(claimant, .failure(exhausted(pool))) }
                dirtyPools.insert(pool)
            }
        }
    }

    /// A claim that lost its container goes on to wait for another: the next look tries again.
    mutating func refuseWaiting(of pool: ResourceID, _ refusal: ClaimRefusal) {
        for waiting in claims.waiting[pool] ?? [] where waiting.recovering == nil {
            for claimant in waiting.claimants { answer(claimant, .failure(refusal)) }
        }
        claims.removeWaiting(of: pool) { $0.recovering == nil }
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
