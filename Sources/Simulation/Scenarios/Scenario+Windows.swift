import Invariants
import ReconcileTesting
import Reconciler
import Specs

extension Scenario {
    /// From the fortieth second of a world on, for a minute.
    private static func freeze(letsFinish: Bool) -> FreezeFacts {
        let first = World.wallAtStart - World.wallAtStart % 60 + 60
        return FreezeFacts(
            from: Instant(secondsSince1970: first), to: Instant(secondsSince1970: first + 60), letsFinish: letsFinish)
    }

    /// A commit with a freeze comes so many seconds after the beginning; it replaces members, or changes something else.
    private static func changed(
        _ name: String, _ object: DraftObject = web, at time: Int, letsFinish: Bool = true,
        to change: @escaping @Sendable (inout Draft) -> Void = { $0.objects[0].image = "app:2" },
        then: @escaping @Sendable (inout World) -> Void = { _ in }
    ) -> Scenario {
        Scenario(name, [object, db]) { world in
            guard var draft = world.draft else { return }
            world.run(until: .seconds(time))
            draft.freeze = freeze(letsFinish: letsFinish)
            change(&draft)
            world.push(draft)
            then(&world)
        }
    }

    private static let db = DraftObject("db")

    /// New members are watched for longer than there is time before the freeze.
    private static let watched = web.with { $0.minHealthyTime = 30 }

    /// Nothing is begun before the freeze is over.
    static let frozen = changed("frozen", at: 45)
    /// A successor stands beside its predecessor when the freeze begins, and both stay.
    static let frozenHalfDone = changed("frozen-half-done", watched, at: 15, letsFinish: false)

    /// What people plan for is no replacement alone: fewer members wait as well.
    static let frozenScaledDown = changed("frozen-scaled-down", at: 45) { $0.objects[0].replicas = 1 }
    /// The new members are all there when the freeze begins, and ports lead to the old ones until it is over.
    static let frozenSwitch = changed(
        "frozen-switch",
        watched.with {
            $0.replicas = 1
            $0.hold = 10
            $0.hostPort = 8_080
            $0.isLed = true
        }, at: 15, letsFinish: false)

    /// There is less time before the freeze than a stop may take.
    static let frozenTooNear = changed("frozen-too-near", web.with { $0.isRecreated = true }, at: 30)
    /// A successor stands beside its predecessor when the freeze begins, which goes all the same.
    static let frozenFinishing = changed(
        "frozen-finishing", watched, at: 15,
        then: { world in
            world.expectInFreeze("one member is replaced, and no other one is begun") { containers in
                containers.count == 2 && containers.count { $0.image == "app:2" } == 1
            }
        })
    /// Somebody stops a member that is to be replaced after the freeze.
    static let frozenRepaired = changed(
        "frozen-repaired", at: 45,
        then: { world in
            world.run(until: .seconds(55))
            world.stopOne(of: "web")
            world.expectInFreeze("all members run") { $0.allSatisfy { $0.status == .running } }
        })

    static let freezes = [
        frozen, frozenHalfDone, frozenScaledDown, frozenSwitch, frozenTooNear, frozenFinishing, frozenRepaired,
        changed("frozen-recreated", web.with { $0.isRecreated = true }, at: 45),
        changed("frozen-removed", web.with { $0.replicas = 1 }, at: 45) { $0.objects.remove(at: 0) },
        changed("frozen-pool", web.with { $0.isWarmPool = true }, at: 45),
        changed("frozen-drained", web.with { $0.pool = "drained" }, at: 45) { $0.drain = DrainFacts() },
    ]
}

extension World {
    /// Lets time pass to the last seconds of the freeze, in which what it does not hold must have been done.
    fileprivate mutating func expectInFreeze(_ what: String, _ isDone: ([FakeContainer]) -> Bool) {
        run(until: .seconds(98))
        let containers = engine.containers.values.filter { $0.mark?.object.name == "web" }
        guard checker.violations.isEmpty, !isDone(containers) else { return }
        checker.report(
            .window, "by the end of the freeze, which lets it, \(what): \(containers.map(\.name).sorted())", at: now)
    }
}
