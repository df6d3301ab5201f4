import Invariants
import ReconcileTesting
import Reconciler
import Specs

extension Scenario {
    private static let db = DraftObject("db")
    private static let leaving = DraftObject("web", replicas: 2).with { $0.pool = "drained" }
    private static let blocked = leaving.with { $0.maxUnavailable = 0 }
    private static let single = leaving.with { $0.replicas = 1 }
    private static let agents = DraftObject("agents", replicas: 2).with { pool in
        pool.isWarmPool = true
        pool.pool = "drained"
        pool.claimTTL = 20
    }

    /// Git has a part of the host emptied, or a person the whole of it; what is not meant stays.
    static let drains =
        [
            drain, drainWithinBudget, drainByForce, drainEvictingHolder, drainFindingAnother, drainRepairing,
            drainOutlastingRestart, drainSparing, drainByPerson,
        ] + otherDrains

    // Those in which seeded bugs show.
    static let drain = drained("drain", [leaving, db])
    static let drainWithinBudget = drained("drain-within-budget", [leaving.with { $0.maxUnavailable = 1 }, db])
    static let drainByForce = drained("drain-by-force", [blocked, db], DrainFacts(deadline: .seconds(20), force: true))
    static let drainEvictingHolder = drained(
        "drain-evicts-holder", [agents], DrainFacts(deadline: .seconds(10), force: true)
    ) { $0.claimOne() }
    static let drainFindingAnother = drained(
        "drain-finds-another-after-deadline", [single, db], DrainFacts(deadline: .seconds(20))
    ) { _ in
    } after: { world in
        world.run(until: world.now + .seconds(40))
        world.bringToLight(MemberID(ResourceID(.workload, "web"), 0), incarnation: 7)
    }
    static let drainRepairing = drained(
        "drain-repairs-what-is-left", [blocked, db], DrainFacts(deadline: .seconds(10))
    ) { _ in
    } after: { world in
        world.run(until: world.now + .seconds(30))
        world.stopOne(of: "web")
    }
    static let drainOutlastingRestart = drained("drain-outlasts-restart", [single, db]) { _ in
    } after: { world in
        world.run(until: world.now + .seconds(20))
        world.kill()
    }
    static let drainSparing = drained("drain-spares-what-tolerates-it", [leaving.with { $0.staysOnDrain = true }, db])
    static let drainByPerson = Scenario("drain-by-person", [single, db]) { $0.insistOnDrain(DrainFacts()) }

    private static let otherDrains = [
        drained("drain-blocked-until-deadline", [blocked, db], DrainFacts(deadline: .seconds(20))),
        drained("drain-waits-for-holder", [agents]) { $0.claimOne() },
        drained("drain-and-back", [single, db]) { _ in
        } after: { world in
            world.run(until: world.now + .seconds(20))
            world.changeDraft { $0.drain = nil }
        },
        drained("drain-with-longer-deadline", [blocked, db], DrainFacts(deadline: .seconds(10))) { _ in
        } after: { world in
            world.run(until: world.now + .seconds(30))
            world.changeDraft { draft in
                draft.drain = DrainFacts()
                for index in draft.objects.indices { draft.objects[index].maxUnavailable = nil }
            }
        },
        Scenario("drain-by-person-and-back", [single, db]) { world in
            world.insistOnDrain(DrainFacts())
            world.run(until: world.now + .seconds(20))
            world.insistOnUncordon()
        },
        Scenario("drain-by-person-evicts-holder", [agents, db]) { world in
            world.claimOne()
            world.insistOnDrain(DrainFacts(deadline: .seconds(10), force: true))
        },
        Scenario("drain-by-person-finds-another-after-deadline", [single]) { world in
            world.insistOnDrain(DrainFacts(deadline: .seconds(20)))
            world.run(until: world.now + .seconds(40))
            world.bringToLight(MemberID(ResourceID(.workload, "web"), 0), incarnation: 7)
        },
    ]

    private static func drained(
        _ name: String, _ objects: [DraftObject], _ drain: DrainFacts = DrainFacts(),
        before: @escaping @Sendable (inout World) -> Void = { _ in },
        after: @escaping @Sendable (inout World) -> Void = { _ in }
    ) -> Scenario {
        Scenario(name, objects) { world in
            before(&world)
            world.changeDraft { $0.drain = drain }
            after(&world)
        }
    }
}

extension World {
    fileprivate mutating func changeDraft(_ change: (inout Draft) -> Void) {
        guard var draft else { return }
        change(&draft)
        push(draft)
    }

    mutating func stopOne(of object: String) {
        let ours = engine.containers.values.filter { $0.name.hasPrefix("\(object)-") }
        if let id = ours.map(\.id).min() { byHand { $0.stopByHand(id, exitCode: 1) } }
    }

    /// Somebody has a member of the pool.
    fileprivate mutating func claimOne() {
        send(ClaimRequest(pool: ResourceID(.warmPool, "agents"), holder: "", wait: .seconds(10)), hasKey: true)
        let last = now + .seconds(60)
        while claimFiles.isEmpty, now < last { run(until: now + .milliseconds(50)) }
    }
}
