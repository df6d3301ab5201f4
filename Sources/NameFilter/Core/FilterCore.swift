package import Specs

/// The filter's decisions, without sockets, waiting or a clock: what comes of a query, and what has to be in the
/// kernel's sets before it may be answered.
package struct FilterCore: Sendable {
    package typealias Instant = ContinuousClock.Instant

    /// What to do with a query.
    package enum Reception: Sendable {
        case drop
        case reply([UInt8])
        /// Its answer is not in place; see `prepare`.
        case resolve(Ticket)
    }

    /// A query that waits. Each must end with a reply from `prepare` or `fail`.
    package struct Ticket: Sendable {
        package var query: DNSQuery
        package var bridge: String
        package var isOverUDP: Bool
        package var begun: Instant
    }

    /// What has to happen before a query that waits is answered.
    package enum Preparation: Sendable {
        case reply([UInt8])
        case grant(GrantRequest)
    }

    /// Places that the kernel must open before a name is answered.
    package struct GrantRequest: Sendable {
        package var bridge: String
        package var name: DomainName
        package var places: [GrantLedger.Place]
        package var until: Instant

        package func grants(at now: Instant) -> [AddressGrant] {
            places.map { $0.grant(to: bridge, for: until - now) }
        }
    }

    struct BridgeState: Sendable {
        var bridge: FilterConfiguration.Bridge
        var table: RuleTable
        var lookups: TokenBucket
        var wildcards = Generations<DomainName, TokenBucket>(most: 256)
        /// Queries that wait.
        var waiting = 0
    }

    struct Client: Hashable, Sendable {
        var bridge: String
        var address: IPAddress
    }

    package private(set) var configuration = FilterConfiguration()
    package var cache: AnswerCache
    var ledger = GrantLedger()
    var bridges: [String: BridgeState] = [:]
    var clients = Generations<Client, TokenBucket>(most: 8_192)
    var waiting = 0
    var refusals: RefusalLog
    var figuresSoFar = FilterFigures()
    private var events: [FilterEvent] = []
    private var nextPurge: Instant

    package init(at now: Instant) {
        cache = AnswerCache(most: configuration.limits.cachedAnswers)
        refusals = RefusalLog(at: now)
        nextPurge = now + .seconds(60)
    }

    var limits: FilterLimits { configuration.limits }

    /// Puts other rules in force, for queries from now on and for those that wait.
    ///
    /// - Returns: addresses that have to leave the kernel's sets, because no name that is still allowed leads there.
    package mutating func apply(_ new: FilterConfiguration, at now: Instant) -> [AddressGrant] {
        if new.limits.cachedAnswers != configuration.limits.cachedAnswers {
            cache = AnswerCache(most: new.limits.cachedAnswers)
        }
        let old = bridges
        configuration = new
        bridges = [:]
        for bridge in new.bridges {
            var state =
                old[bridge.name]
                ?? BridgeState(
                    bridge: bridge, table: RuleTable(),
                    lookups: TokenBucket(burst: new.limits.burstOfLookups, at: now))
            state.bridge = bridge
            if state.table.rules != bridge.rules { state.table = RuleTable(bridge.rules) }
            bridges[bridge.name] = state
        }
        // The sets of a bridge that is gone go with its rules.
        for name in old.keys where bridges[name] == nil { ledger.forget(name) }
        return bridges.keys.sorted().flatMap { revoke(of: $0, at: now) }
    }

    private mutating func revoke(of name: String, at now: Instant) -> [AddressGrant] {
        guard let table = bridges[name]?.table else { return [] }
        return ledger.revoke(of: name, at: now) { name, place in
            table.match(name)?.rules.contains { rule in
                table.rules[rule].ports == place.ports && table.opens(VettedAnswer.Address(place.address), rule)
            } ?? false
        }
    }

    // MARK: Queries

    /// Decides about bytes that came from a client of a bridge.
    package mutating func receive(
        _ bytes: [UInt8], from client: IPAddress, bridge name: String, overUDP: Bool, at now: Instant
    ) -> Reception {
        if overUDP { figuresSoFar.queriesOverUDP += 1 } else { figuresSoFar.queriesOverTCP += 1 }
        purge(at: now)
        guard let clients = bridges[name]?.bridge.clients,
            clients.isEmpty || clients.contains(where: { $0.contains(client) })
        else { return drop(.foreignClient) }
        guard takeQuery(of: Client(bridge: name, address: client), at: now) else { return drop(.rateLimited) }
        switch DNSQuery.read(bytes) {
        case .unanswerable: return drop(.malformed)
        case .malformed(let id, let opcode, let code):
            count(code == .notImplemented ? .unserved : .malformed)
            return .reply(ResponseWriter.malformed(id: id, opcode: opcode, code))
        case .unserved(let query, let code):
            count(.unserved)
            return .reply(ResponseWriter.write(to: query, code, overUDP: overUDP))
        case .query(let query):
            return consider(Ticket(query: query, bridge: name, isOverUDP: overUDP, begun: now), at: now)
        }
    }

    private mutating func consider(_ ticket: Ticket, at now: Instant) -> Reception {
        let question = ticket.query.question
        guard let (table, match) = self.match(ticket) else { return .reply(refuse(ticket, at: now)) }
        if let wildcard = match.wildcard, isTooLong(question.name, below: wildcard) {
            return .reply(refuse(ticket, .longName, at: now))
        }
        guard passes(question.type, ticket.bridge) else {
            return .reply(reply(ticket, .typeNotPassed, .noError))
        }
        if let entry = cache.entry(question, at: now) {
            if let bytes = ready(ticket, entry, table, match, .cached, at: now) { return .reply(bytes) }
        } else if !takeLookup(of: ticket.bridge, match, at: now) {
            return .reply(reply(ticket, .lookupsLimited, .serverFailure))
        }
        guard takePlace(of: ticket.bridge) else { return .reply(reply(ticket, .overloaded, .serverFailure)) }
        return .resolve(ticket)
    }

    /// Decides about a query that waits, by the rules of now, when its answer is known.
    package mutating func prepare(_ ticket: Ticket, _ entry: AnswerCache.Entry, at now: Instant) -> Preparation {
        guard let (table, match) = self.match(ticket) else {
            leave(ticket)
            return .reply(refuse(ticket, at: now))
        }
        if let bytes = ready(ticket, entry, table, match, .resolved, at: now) {
            leave(ticket)
            figuresSoFar.observe(now - ticket.begun)
            return .reply(bytes)
        }
        guard case .answer(let answer) = entry.content else { return .reply(fail(ticket, .upstreamFailed)) }
        let until = max(entry.expires, now) + limits.grace
        let places = places(answer, table, match).filter { !ledger.isOpen($0, for: ticket.bridge, until: until) }
        guard ledger.hasRoom(for: places, of: ticket.bridge, most: limits.grantsPerBridge, at: now) else {
            return .reply(fail(ticket, .setFull))
        }
        return .grant(
            GrantRequest(bridge: ticket.bridge, name: ticket.query.question.name, places: places, until: until))
    }

    /// Writes down that the kernel has what was asked of it.
    ///
    /// - Returns: what has to leave its sets again, because the rules changed meanwhile.
    package mutating func granted(_ request: GrantRequest, at now: Instant) -> [AddressGrant] {
        guard let table = bridges[request.bridge]?.table else { return request.grants(at: now) }
        for place in request.places {
            ledger.record(place, for: request.bridge, name: request.name, until: request.until)
        }
        let ports = Set(table.match(request.name)?.rules.map { table.rules[$0].ports } ?? [])
        guard !request.places.allSatisfy({ ports.contains($0.ports) }) else { return [] }
        return revoke(of: request.bridge, at: now)
    }

    /// Ends a query that waits without an answer: "try again later".
    package mutating func fail(_ ticket: Ticket, _ outcome: Outcome) -> [UInt8] {
        leave(ticket)
        return reply(
            ticket, outcome, .serverFailure,
            outcome == .upstreamFailed ? .noReachableAuthority : outcome == .overloaded ? nil : .notReady)
    }

    // MARK: Answers

    /// The answer to a query, if nothing has to be waited for any more.
    private mutating func ready(
        _ ticket: Ticket, _ entry: AnswerCache.Entry, _ table: RuleTable, _ match: RuleTable.Match, _ outcome: Outcome,
        at now: Instant
    ) -> [UInt8]? {
        guard case .answer(var answer) = entry.content else {
            return reply(ticket, .upstreamFailed, .serverFailure, .noReachableAuthority)
        }
        let seconds = UInt32(clamping: max(1, Int64((entry.expires - now) / .seconds(1))))
        if answer.isEmpty {
            count(.negative)
            return ResponseWriter.write(
                to: ticket.query, answer.code, answer: answer, ttl: seconds, overUDP: ticket.isOverUDP)
        }
        guard answer.addresses.isEmpty else {
            answer.addresses.removeAll { address in !match.rules.contains { table.opens(address, $0) } }
            guard !answer.addresses.isEmpty else { return refuse(ticket, .blockedAddress, at: now) }
            let until = now + .seconds(Int64(seconds))
            guard areOpen(answer.addresses, ticket.bridge, table, match, until: until) else { return nil }
            return answered(ticket, answer, seconds, outcome)
        }
        return answered(ticket, answer, seconds, outcome)
    }

    private mutating func answered(
        _ ticket: Ticket, _ answer: VettedAnswer, _ seconds: UInt32, _ outcome: Outcome
    ) -> [UInt8] {
        count(outcome)
        return ResponseWriter.write(to: ticket.query, .noError, answer: answer, ttl: seconds, overUDP: ticket.isOverUDP)
    }

    private func areOpen(
        _ addresses: [VettedAnswer.Address], _ bridge: String, _ table: RuleTable, _ match: RuleTable.Match,
        until: Instant
    ) -> Bool {
        addresses.allSatisfy { address in
            match.rules.allSatisfy { rule in
                !table.opens(address, rule)
                    || ledger.isOpen(
                        .init(address: address.address, ports: table.rules[rule].ports), for: bridge, until: until)
            }
        }
    }

    /// What has to be open for an answer.
    private func places(
        _ answer: VettedAnswer, _ table: RuleTable, _ match: RuleTable.Match
    ) -> [GrantLedger.Place] {
        var seen: Set<GrantLedger.Place> = []
        return answer.addresses.flatMap { address in
            match.rules.lazy.filter { table.opens(address, $0) }.map { rule in
                GrantLedger.Place(address: address.address, ports: table.rules[rule].ports)
            }
        }.filter { seen.insert($0).inserted }
    }

    /// A name that does not exist for this bridge. Every client takes that at once for the last word; of `REFUSED`, musl
    /// takes no notice and waits for its timeout.
    mutating func refuse(_ ticket: Ticket, _ outcome: Outcome = .notAllowed, at now: Instant) -> [UInt8] {
        let question = ticket.query.question
        let isEmpty = outcome == .blockedAddress || bridges[ticket.bridge]?.table.isAbove(question.name) ?? false
        // Names on the way to an allowed one are asked for by resolvers that go there label by label.
        if outcome != .notAllowed || !isEmpty, let event = refusals.note(question, ticket.bridge, outcome, at: now) {
            tell(event)
        }
        return reply(ticket, outcome, isEmpty ? .noError : .nameError, .blocked)
    }

    private mutating func reply(
        _ ticket: Ticket, _ outcome: Outcome, _ code: ResponseCode, _ explanation: ResponseWriter.Explanation? = nil
    ) -> [UInt8] {
        count(outcome)
        return ResponseWriter.write(to: ticket.query, code, overUDP: ticket.isOverUDP, explanation: explanation)
    }

    private mutating func drop(_ outcome: Outcome) -> Reception {
        count(outcome)
        return .drop
    }

    private mutating func count(_ outcome: Outcome) { figuresSoFar.outcomes[outcome, default: 0] += 1 }

    // MARK: Events

    mutating func tell(_ event: FilterEvent) { if events.count < 256 { events.append(event) } }

    /// What happened since the last call.
    package mutating func takeEvents() -> [FilterEvent] {
        guard !events.isEmpty else { return [] }
        defer { events = [] }
        return events
    }

    private mutating func purge(at now: Instant) {
        guard now >= nextPurge else { return }
        nextPurge = now + .seconds(60)
        ledger.purge(at: now)
    }
}
