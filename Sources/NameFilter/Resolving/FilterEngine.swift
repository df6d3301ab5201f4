package import NIOCore
package import Specs
import Synchronization

/// The filter without its sockets: what comes of the bytes of a query, now or after a while.
package final class FilterEngine: Sendable {
    private let core: Mutex<FilterCore>
    private let grants: GrantQueue
    private let lookups = SharedLookups()
    private let upstream: UpstreamClient
    private let tell: @Sendable (FilterEvent) -> Void

    /// - Parameters:
    ///   - sets: where addresses are put before names are answered.
    ///   - group: where sockets to upstream resolvers live.
    ///   - tell: takes events, and must return at once.
    package init(
        sets: any AddressSets, group: any EventLoopGroup, tell: @escaping @Sendable (FilterEvent) -> Void = { _ in }
    ) {
        core = Mutex(FilterCore(at: .now))
        grants = GrantQueue(sets)
        self.tell = tell
        let counter = ExchangeCounter()
        upstream = UpstreamClient(group: group, servers: UpstreamServers()) { counter.count($0) }
        exchanges = counter
    }

    private let exchanges: ExchangeCounter

    /// Puts other rules in force at once; returns when the addresses of names that are not allowed any more are closed.
    package func apply(_ configuration: FilterConfiguration) async {
        let revoked = core.withLock { $0.apply(configuration, at: .now) }
        await remove(revoked)
    }

    package var configuration: FilterConfiguration { core.withLock { $0.configuration } }

    package var figures: FilterFigures {
        var figures = core.withLock { $0.figures }
        figures.exchanges = exchanges.counts
        return figures
    }

    /// Everything that is open for a bridge: what a firewall puts into sets that it makes anew.
    package func grants(of bridge: String) -> [AddressGrant] { core.withLock { $0.grants(of: bridge, at: .now) } }

    /// The sets of a bridge were emptied by others, and nothing was put back.
    package func forgetGrants(of bridge: String) { core.withLock { $0.forgetGrants(of: bridge) } }

    /// How often each name was refused to a bridge lately.
    package func refusals(of bridge: String) -> [String: Int] { core.withLock { $0.refusals(of: bridge) } }

    // MARK: Queries

    /// Decides about a query; what is in place is answered without waiting.
    package func receive(
        _ bytes: [UInt8], from client: IPAddress, bridge: String, overUDP: Bool
    ) -> FilterCore.Reception {
        let (reception, events) = core.withLock { core in
            (core.receive(bytes, from: client, bridge: bridge, overUDP: overUDP, at: .now), core.takeEvents())
        }
        events.forEach(tell)
        return reception
    }

    /// The reply to a query that had to wait: its addresses are in the kernel's sets when this returns.
    package func finish(_ ticket: FilterCore.Ticket) async -> [UInt8] {
        let entry = await entry(for: ticket.query.question)
        // Rules may change while the kernel works; three changes in a row are too many for one query.
        for _ in 0..<3 {
            let (preparation, events) = core.withLock { ($0.prepare(ticket, entry, at: .now), $0.takeEvents()) }
            events.forEach(tell)
            switch preparation {
            case .reply(let bytes): return bytes
            case .grant(let request):
                do throws(AddressSetsError) {
                    try await grants.add(request.grants(at: .now))
                } catch {
                    tell(.setFailed(bridge: request.bridge, error))
                    return core.withLock { $0.fail(ticket, error.code == .full ? .setFull : .setFailed) }
                }
                await remove(core.withLock { $0.granted(request, at: .now) })
            }
        }
        return core.withLock { $0.fail(ticket, .overloaded) }
    }

    private func remove(_ revoked: [AddressGrant]) async {
        for (bridge, revoked) in Dictionary(grouping: revoked, by: \.bridge) {
            do throws(AddressSetsError) {
                try await grants.remove(revoked)
            } catch {
                tell(.setFailed(bridge: bridge, error))
            }
        }
    }

    // MARK: Lookups

    /// What is known about a question, if need be after asking; the same question is asked once at a time.
    private func entry(for question: Question) async -> AnswerCache.Entry {
        await lookups.value(for: question) { [self] in
            if let entry = core.withLock({ $0.cache.entry(question, at: .now) }) { return entry }
            return await look(up: question)
        }
    }

    private func look(up question: Question) async -> AnswerCache.Entry {
        let configuration = configuration
        let own = Set(configuration.listeners.map { ServerAddress($0.address, port: $0.port) })
        let limits = configuration.limits
        if let message = await upstream.ask(question, configuration.upstream, own: own) {
            let code = ResponseCode(rawValue: message.code) ?? .serverFailure
            do throws(VettedAnswer.Flaw) {
                let answer = try VettedAnswer(message, to: question, code: code, limits: limits)
                return core.withLock { core in
                    core.cache.store(answer, for: question, limits: limits, at: .now)
                    let expires = ContinuousClock.now + limits.lifetime(of: answer)
                    return AnswerCache.Entry(content: .answer(answer), expires: expires, useless: expires)
                }
            } catch {
                exchanges.count(.unusable)
            }
        }
        return core.withLock { core in
            let now = ContinuousClock.now
            core.cache.storeFailure(of: question, limits: limits, at: now)
            let entry = core.cache.entry(question, at: now)
            if case .answer? = entry?.content { core.countStaleAnswer() }
            return entry ?? AnswerCache.Entry(content: .failure, expires: now, useless: now)
        }
    }
}

/// Lookups that are under way, so that the second who asks the same waits for the first.
private actor SharedLookups {
    private var underWay: [Question: Task<AnswerCache.Entry, Never>] = [:]

    func value(
        for question: Question, _ look: @escaping @Sendable () async -> AnswerCache.Entry
    ) async -> AnswerCache.Entry {
        if let task = underWay[question] { return await task.value }
        let task = Task { await look() }
        underWay[question] = task
        let entry = await task.value
        underWay[question] = nil
        return entry
    }
}

/// Counts exchanges, from wherever they end.
private final class ExchangeCounter: Sendable {
    private let contents = Mutex<[UpstreamOutcome: Int]>([:])

    var counts: [UpstreamOutcome: Int] { contents.withLock { $0 } }

    func count(_ outcome: UpstreamOutcome) { contents.withLock { $0[outcome, default: 0] += 1 } }
}
