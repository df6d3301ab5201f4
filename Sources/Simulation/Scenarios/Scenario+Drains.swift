import Invariants
import ReconcileTesting
import Reconciler
import Specs

extension Scenario {
    private static let db = DraftObject("db")
    private static let leaving = DraftObject("web", replicas: 2).with { $0.pool = "drained" }
    private static let agents = DraftObject("agents", replicas: 2).with { pool in
        pool.isWarmPool = true
        pool.pool = "drained"
        pool.claimTTL = 20
    }

    /// Git has a part of the host emptied; the rest stays.
    static let drains = [
        drained("drain", [leaving, db]),
        drained("drain-within-budget", [leaving.with { $0.maxUnavailable = 1 }, db]),
        drained(
            "drain-blocked-until-deadline", [leaving.with { $0.maxUnavailable = 0 }, db],
            DrainFacts(deadline: .seconds(20))),
        drained(
            "drain-by-force", [leaving.with { $0.maxUnavailable = 0 }, db],
            DrainFacts(deadline: .seconds(20), force: true)),
        drained("drain-waits-for-holder", [agents]) { $0.claimOne() },
        drained("drain-evicts-holder", [agents], DrainFacts(deadline: .seconds(10), force: true)) { $0.claimOne() },
        drained("drain-and-back", [leaving.with { $0.replicas = 1 }, db]) { _ in
        } after: { world in
            world.run(until: world.now + .seconds(20))
            guard var draft = world.draft else { return }
            draft.drain = nil
            world.push(draft)
        },
    ]

    private static func drained(
        _ name: String, _ objects: [DraftObject], _ drain: DrainFacts = DrainFacts(),
        before: @escaping @Sendable (inout World) -> Void = { _ in },
        after: @escaping @Sendable (inout World) -> Void = { _ in }
    ) -> Scenario {
        Scenario(name, objects) { world in
            before(&world)
            guard var draft = world.draft else { return }
            draft.drain = drain
            world.push(draft)
            after(&world)
        }
    }
}

extension World {
    /// Somebody has a member of the pool.
    fileprivate mutating func claimOne() {
        send(ClaimRequest(pool: ResourceID(.warmPool, "agents"), holder: "", wait: .seconds(10)), hasKey: true)
        let last = now + .seconds(60)
        while claimFiles.isEmpty, now < last { run(until: now + .milliseconds(50)) }
    }
}
