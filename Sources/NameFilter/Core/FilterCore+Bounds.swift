import Specs

/// Who may ask what, how often.
extension FilterCore {
    /// The rules of a query's bridge that let its name through; names that no host has never pass.
    func match(_ ticket: Ticket) -> (RuleTable, RuleTable.Match)? {
        let name = ticket.query.question.name
        guard let table = bridges[ticket.bridge]?.table, let match = table.match(name), name.isPlain else { return nil }
        return (table, match)
    }

    func passes(_ type: RecordType, _ bridge: String) -> Bool {
        guard configuration.types.contains(type), RecordType.passable.contains(type) else { return false }
        return type != .aaaa || bridges[bridge]?.bridge.hasIPv6 ?? false
    }

    /// Names can carry out what is in them; those of services are short.
    func isTooLong(_ name: DomainName, below wildcard: DomainName) -> Bool {
        name.wire.count - wildcard.wire.count > limits.bytesBelowWildcard
    }

    mutating func takeQuery(of client: Client, at now: Instant) -> Bool {
        // Seconds' worth of queries may come at once.
        let burst = limits.queriesPerSecond * 2
        var bucket = clients[client] ?? TokenBucket(burst: burst, at: now)
        defer { clients[client] = bucket }
        return bucket.take(perSecond: Double(limits.queriesPerSecond), burst: burst, at: now)
    }

    /// A question to an upstream resolver is something that a container can count on or send data with.
    mutating func takeLookup(of bridge: String, _ match: RuleTable.Match, at now: Instant) -> Bool {
        let limits = limits
        guard var state = bridges.removeValue(forKey: bridge) else { return false }
        defer { bridges[bridge] = state }
        if let wildcard = match.wildcard {
            var bucket = state.wildcards[wildcard] ?? TokenBucket(burst: limits.burstOfNewNames, at: now)
            let isTaken = bucket.take(
                perSecond: Double(limits.newNamesPerMinute) / 60, burst: limits.burstOfNewNames, at: now)
            state.wildcards[wildcard] = bucket
            guard isTaken else { return false }
        }
        return state.lookups.take(perSecond: Double(limits.lookupsPerSecond), burst: limits.burstOfLookups, at: now)
    }

    mutating func takePlace(of bridge: String) -> Bool {
        guard let state = bridges[bridge], state.waiting < limits.waitingPerBridge, waiting < limits.waiting else {
            return false
        }
        bridges[bridge]?.waiting += 1
        waiting += 1
        return true
    }

    /// Ends the waiting of a query; its bridge may have gone and come back meanwhile.
    mutating func leave(_ ticket: Ticket) {
        waiting -= 1
        if let state = bridges[ticket.bridge], state.waiting > 0 { bridges[ticket.bridge]?.waiting -= 1 }
    }
}

/// What others ask of it.
extension FilterCore {
    package var figures: FilterFigures {
        var figures = figuresSoFar
        figures.cachedAnswers = cache.count
        figures.openAddresses = ledger.count
        return figures
    }

    package mutating func countStaleAnswer() { figuresSoFar.staleAnswers += 1 }

    /// Everything that is open for a bridge; see `GrantLedger.grants`.
    package func grants(of bridge: String, at now: Instant) -> [AddressGrant] { ledger.grants(of: bridge, at: now) }

    /// The sets of a bridge are empty: the next answers put their addresses in again.
    package mutating func forgetGrants(of bridge: String) { ledger.forget(bridge) }

    /// How often names were refused lately.
    package func refusals(of bridge: String) -> [String: Int] {
        Dictionary(refusals.counts(of: bridge).map { ($0.key.description, $0.value) }, uniquingKeysWith: +)
    }
}
