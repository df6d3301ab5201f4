import Invariants
import Specs

extension Scenario {
    /// From the fortieth second of a world on, for a minute.
    private static func freeze(letsFinish: Bool) -> FreezeFacts {
        let first = World.wallAtStart - World.wallAtStart % 60 + 60
        return FreezeFacts(
            from: Instant(secondsSince1970: first), to: Instant(secondsSince1970: first + 60), letsFinish: letsFinish)
    }

    /// A commit that replaces members comes so many seconds after the beginning.
    private static func changed(
        _ name: String, _ object: DraftObject = web, at time: Int, letsFinish: Bool = true
    ) -> Scenario {
        Scenario(name, [object]) { world in
            guard var draft = world.draft else { return }
            world.run(until: .seconds(time))
            draft.freeze = freeze(letsFinish: letsFinish)
            draft.objects[0].image = "app:2"
            world.push(draft)
        }
    }

    /// New members are watched for longer than there is time before the freeze.
    private static let watched = web.with { $0.minHealthyTime = 30 }

    /// Nothing is begun before the freeze is over.
    static let frozen = changed("frozen", at: 45)
    /// A successor stands beside its predecessor when the freeze begins, and both stay.
    static let frozenHalfDone = changed("frozen-half-done", watched, at: 15, letsFinish: false)

    static let freezes = [
        frozen, frozenHalfDone,
        changed("frozen-recreated", web.with { $0.isRecreated = true }, at: 45),
        changed("frozen-finishing", watched, at: 15),
    ]
}
