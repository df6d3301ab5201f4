import ReconcileTesting
import Reconciler
import Specs

extension Scenario {
    private static let pool = DraftObject("agents", replicas: 2).with { pool in
        pool.isWarmPool = true
        pool.claimTTL = 20
    }

    /// Somebody has a member of a pool for a while.
    static let claims = [
        claimed("claim"),
        claimed("claim-without-key", hasKey: false),
        claimed("claim-cold-start", pool.with { $0.replicas = 0 }),
        claimed("claim-frozen-member", pool.with { $0.isIdlePaused = true }),
        claimed("claim-with-hooks", pool.with { ($0.afterClaim, $0.beforeRelease) = ("ok", "ok") }),
        claimed("claim-and-new-template") { world in
            guard var draft = world.draft else { return }
            for index in draft.objects.indices { draft.objects[index].env = ["A": "1"] }
            world.push(draft)
        },
        claimed("claim-lost") { $0.killClaimed() },
        claimed("claim-lost-and-replaced", pool.with { $0.replacesLost = true }) { $0.killClaimed() },
        claimed("claim-and-lost-store") { world in
            world.kill()
            world.loseClaims()
        },
    ]

    /// - Parameter more: what happens as soon as the claim is somebody's.
    private static func claimed(
        _ name: String, _ pool: DraftObject = pool, hasKey: Bool = true,
        _ more: @escaping @Sendable (inout World) -> Void = { _ in }
    ) -> Scenario {
        Scenario(name, [pool]) { world in
            let request = ClaimRequest(pool: ResourceID(.warmPool, pool.name), holder: "", wait: .seconds(10))
            world.send(request, hasKey: hasKey)
            let last = world.now + .seconds(60)
            while world.claimFiles.isEmpty, world.now < last { world.run(until: world.now + .milliseconds(50)) }
            more(&world)
        }
    }
}

extension World {
    fileprivate mutating func killClaimed() {
        for container in claimFiles.keys.sorted() { byHand { $0.stopByHand(container, exitCode: 1) } }
    }
}
