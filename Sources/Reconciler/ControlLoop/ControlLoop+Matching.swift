import Specs

/// Who gets which member: chosen by fixed rules, written down, and only then made true.
extension ControlLoop {
    /// Who gets which.
    private struct Match {
        var claim: Claim
        var member: ObservedContainer
        var waiting: ClaimLedger.Waiting
    }

    /// Serves whoever waits with what the last look at each pool found ready, without another look.
    ///
    /// - Returns: whether there was one for anybody.
    mutating func serveReady() -> Bool {
        guard isRunning, !isStopping, informer.isCurrent else { return false }
        var hasServed = false
        for (pool, waiting) in claims.waiting.sorted(by: { $0.key < $1.key }) {
            guard var free = pools[pool]?.free, !free.isEmpty, let view = view(of: pool), view.hold == nil else {
                continue
            }
            var members: [ObservedContainer] = []
            while members.count < waiting.count, let id = free.popFirst() {
                if let container = informer.observed.containers[id], isFree(container, in: view) {
                    members.append(container)
                }
            }
            pools[pool]?.free = free
            if serve(pool, members) { hasServed = true }
        }
        return hasServed
    }

    /// Gives members to those who wait, in their order.
    ///
    /// - Parameter members: that are free, the best first.
    /// - Returns: whether less is free than before: nobody is served again with the same.
    mutating func serve(_ pool: ResourceID, _ members: [ObservedContainer]) -> Bool {
        guard !isStopping, let object = desired?.objects[pool], let spec = object.pool else { return false }
        var matches: [Match] = []
        for member in members {
            guard let waiting = claims.takeFirst(of: pool) else { break }
            matches.append(Match(claim: claim(for: waiting, spec, object, member), member: member, waiting: waiting))
        }
        return !matches.isEmpty && bind(matches, object, spec)
    }

    /// Written down first, all in one go: from then on the members are nobody else's.
    ///
    /// - Returns: false where nothing could be written down.
    private mutating func bind(_ matches: [Match], _ object: DesiredObject, _ pool: WarmPool) -> Bool {
        do throws(StateStoreError) {
            try commit(
                matches.flatMap { [.transition($0.member.instance, from: .ready, to: .claimed), .claim($0.claim)] })
        } catch {
            complain(error)
            guard error.code == .conflict else {
                for match in matches.reversed() { claims.putBack(match.waiting, of: object.id) }
                refuseWaiting(of: object.id, ClaimRefusal(.unavailable, "it cannot be written down: \(error)"))
                return false
            }
            if matches.count > 1 {
                // From behind, so that those who are put back stand in their order.
                for match in matches.reversed() { _ = bind([match], object, pool) }
            } else if let match = matches.first {
                // Somebody else has it, whom only the store knows.
                phases[match.member.instance] = .claimed
                claims.putBack(match.waiting, of: object.id)
            }
            return true
        }
        noteInLog(matches)
        for match in matches {
            phases[match.member.instance] = .claimed
            if match.waiting.isNew { pools[object.id, default: PoolWatch()].hit(at: match.waiting.asked) }
            begin(match, object, pool)
        }
        return true
    }

    private mutating func begin(_ match: Match, _ object: DesiredObject, _ pool: WarmPool) {
        let (claim, member) = (match.claim, match.member)
        var waiting = match.waiting
        waiting.isNew = false
        claims.put(claim)
        var binding = ClaimBinding(claim: claim, container: ContainerReference(member))
        binding.environment = waiting.request.environment
        binding.files = waiting.request.files
        binding.isPaused = member.status == .paused
        binding.hook = waiting.recovering == nil ? pool.claim.hooks.afterClaim : pool.claim.hooks.onRestore
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

    /// That it was claimed is in the journal already, which is synced.
    private mutating func noteInLog(_ matches: [Match]) {
        let entries = matches.map { match in
            AuditEntry(
                time: now.wall, actor: match.waiting.by, action: "claim", object: "\(match.claim.pool)",
                detail: "\(match.claim.id): \(match.member.name) for \(match.claim.holder)",
                revision: desired?.revision.id)
        }
        do throws(StateStoreError) { try audit?.append(entries, isSynced: false) } catch { complain(error) }
    }
}
