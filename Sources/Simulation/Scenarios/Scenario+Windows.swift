import Invariants
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
        _ change: @escaping @Sendable (inout Draft) -> Void = { $0.objects[0].image = "app:2" },
        then what: @escaping @Sendable (inout World) -> Void = { _ in }
    ) -> Scenario {
        Scenario(name, [object, db]) { world in
            guard var draft = world.draft else { return }
            world.run(until: .seconds(time))
            draft.freeze = freeze(letsFinish: letsFinish)
            change(&draft)
            world.push(draft)
            what(&world)
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

    static let freezes = [
        frozen, frozenHalfDone, frozenScaledDown, frozenSwitch,
        changed("frozen-recreated", web.with { $0.isRecreated = true }, at: 45),
        changed("frozen-removed", web.with { $0.replicas = 1 }, at: 45) { $0.objects.remove(at: 0) },
        changed("frozen-pool", web.with { $0.isWarmPool = true }, at: 45),
        changed("frozen-drained", web.with { $0.pool = "drained" }, at: 45) { $0.drain = DrainFacts() },
        changed("frozen-finishing", watched, at: 15),
    ]
}
