import Reconciler
import Specs

/// How pools stand and what their claims come to. The name of the pool is a label, since people tune each of them, and git
/// says how many there are; holders and labels of claims are none.
extension HostMetrics {
    static func pools(_ report: HostReport) -> [MetricFamily] {
        // Counters begin at 0 when a pool is declared, not when something has happened in it.
        let declared = Dictionary(uniqueKeysWithValues: report.pools.map { ($0.pool, PoolMeter()) })
        let meters = declared.merging(report.figures.pools) { $1 }
        return standing(report.pools) + [phases(report)] + counters(meters) + times(meters)
    }

    private static func label(_ pool: ResourceID) -> MetricFamily.Label { .init("pool", pool.name) }

    private static func standing(_ pools: [PoolStatus]) -> [MetricFamily] {
        var members = MetricFamily(
            "reconcile_pool_members", .gauge,
            "Members of warm pools by state; stale ones are counted as what they are good for, too.")
        var sizes = MetricFamily("reconcile_pool_size", .gauge, "Unclaimed members that should be kept ready.")
        var waiting = MetricFamily("reconcile_pool_waiting_requests", .gauge, "Requests that wait for a member.")
        var misses = MetricFamily(
            "reconcile_pool_consecutive_misses", .gauge, "Requests in a row that found no ready member.")
        let states: [(String, KeyPath<PoolStatus, Int>)] = [
            ("ready", \.ready), ("warming", \.warming), ("claimed", \.claimed), ("stale", \.stale),
            ("retiring", \.retiring),
        ]
        for pool in pools {
            for (name, path) in states {
                members.add(Double(pool[keyPath: path]), label(pool.pool), .init("state", name))
            }
            sizes.add(Double(pool.size), label(pool.pool))
            waiting.add(Double(pool.waiting), label(pool.pool))
            misses.add(Double(pool.consecutiveMisses), label(pool.pool))
        }
        return [members, sizes, waiting, misses]
    }

    private static func phases(_ report: HostReport) -> MetricFamily {
        var family = MetricFamily("reconcile_claims", .gauge, "Claims that are not over, by phase.")
        var counts: [ResourceID: [Claim.Phase: Int]] = [:]
        for claim in report.claims where claim.isOpen { counts[claim.pool, default: [:]][claim.phase, default: 0] += 1 }
        for pool in Set(counts.keys).union(report.pools.map(\.pool)).sorted() {
            for phase in Claim.Phase.allCases where phase != .ended {
                family.add(Double(counts[pool]?[phase] ?? 0), label(pool), .init("phase", phase.rawValue))
            }
        }
        return family
    }

    private static let counts: [(name: String, help: String, path: any KeyPath<PoolMeter, Int> & Sendable)] = [
        ("reconcile_claim_hits_total", "Requests that found a ready member at once.", \.hits),
        ("reconcile_claim_misses_total", "Requests that found none, whatever became of them.", \.misses),
        ("reconcile_claims_refused_total", "Requests that got no member in time.", \.refused),
        ("reconcile_claims_expired_total", "Claims that were over by their time.", \.expired),
        ("reconcile_claims_lost_total", "Claims whose container was lost.", \.lost),
        ("reconcile_claims_recovered_total", "Lost claims that got another container.", \.recovered),
        ("reconcile_pool_member_crashes_total", "Members that ended before anybody had claimed them.", \.crashed),
        (
            "reconcile_pool_members_over_created_total", "Members beyond size and surge that were seen; must stay 0.",
            \.overCreated
        ),
    ]

    private static func counters(_ meters: [ResourceID: PoolMeter]) -> [MetricFamily] {
        let pools = meters.sorted { $0.key < $1.key }
        return counts.map { name, help, path in
            var family = MetricFamily(name, .counter, help)
            for (pool, meter) in pools { family.add(Double(meter[keyPath: path]), label(pool)) }
            return family
        }
    }

    private static func times(_ meters: [ResourceID: PoolMeter]) -> [MetricFamily] {
        var claims = MetricFamily(
            "reconcile_claim_duration_seconds", .histogram,
            "From the request to the answer, of requests that got a member, by its source.")
        var starts = MetricFamily(
            "reconcile_pool_member_start_duration_seconds", .histogram,
            "From the creation of a member of a pool to its being ready.")
        for (pool, meter) in meters.sorted(by: { $0.key < $1.key }) {
            claims.add(meter.warmClaims, label(pool), .init("source", Claim.Source.warm.rawValue))
            claims.add(meter.coldClaims, label(pool), .init("source", Claim.Source.cold.rawValue))
            starts.add(meter.startToReady, label(pool))
        }
        return [claims, starts]
    }
}
