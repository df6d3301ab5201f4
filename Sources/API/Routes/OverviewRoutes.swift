import Hummingbird
package import Reconciler
package import Specs

/// All that a person watches, in one answer: `GET /v1/overview`.
struct OverviewRoutes: Sendable {
    let host: any ServedHost
    let cache: ReportCache
    let hub: EventHub

    func add(to routes: Routes) {
        routes.on(.overview) { _, _ in
            let report = try await cache.report()
            let usage = await host.presentUsage()
            return .json(
                try await Aside.run {
                    let events = try EventRoutes.newest(OverviewDocument.mostEvents, of: host, hub)
                    return try JSONBody.encode(OverviewDocument(report, usage: usage, events: events))
                })
        }
    }
}

/// `GET /v1/overview`.
package struct OverviewDocument: Codable, Hashable, Sendable {
    static let mostEvents = 200
    /// So many of what waits; more of it is in the plan.
    static let mostWaiting = 200

    package struct Pool: Codable, Hashable, Sendable {
        package var pool: ResourceID
        /// Containers, claimed or not.
        package var members: Int
        /// From the creation of a member to its being ready; nil before there was one, since the daemon started.
        package var starts: Percentiles?
        /// From a request to its answer, of those that found a ready member.
        package var claims: Percentiles?
        /// Requests that found a ready member, and those that did not.
        package var hits: Int
        package var misses: Int
    }

    /// In seconds.
    package struct Percentiles: Codable, Hashable, Sendable {
        package var count: Int
        package var p50: Double
        package var p95: Double
        package var p99: Double

        init?(_ histogram: DurationHistogram) {
            guard let p50 = histogram.quantile(0.5), let p95 = histogram.quantile(0.95),
                let p99 = histogram.quantile(0.99)
            else { return nil }
            (self.p50, self.p95, self.p99) = (p50 / .seconds(1), p95 / .seconds(1), p99 / .seconds(1))
            count = histogram.count
        }
    }

    package var status: HostStatus
    package var usage: PresentUsage?
    /// In the order of their names.
    package var pools: [Pool]
    /// Actions that have stalled, and those that a gate holds: the first of them.
    package var waiting: [PlanDocument.Entry]
    /// How many there are of each, in all.
    package var held: Int
    package var stalled: Int
    /// The newest events, oldest first, and how many of them are warnings.
    package var events: [EventDocument]
    package var warnings: Int

    init(_ report: HostReport, usage: PresentUsage?, events: [EventRecord]) {
        status = report.status
        self.usage = usage
        let members = Dictionary(report.status.objects.map { ($0.id, $0.present) }) { first, _ in first }
        pools = report.pools.map { pool in
            let meter = report.figures.pools[pool.pool]
            return Pool(
                pool: pool.pool, members: members[pool.pool] ?? 0,
                starts: meter.flatMap { Percentiles($0.startToReady) },
                claims: meter.flatMap { Percentiles($0.warmClaims) },
                hits: meter?.hits ?? 0, misses: meter?.misses ?? 0)
        }
        let actions = report.plan?.actions ?? []
        let (stalled, held) = (actions.filter(\.isStalled), actions.filter(\.isHeld))
        waiting = (stalled + held).prefix(Self.mostWaiting).map(PlanDocument.Entry.init)
        (self.held, self.stalled) = (held.count, stalled.count)
        self.events = events.map(EventDocument.init)
        warnings = events.count { $0.severity == .warning }
    }
}
