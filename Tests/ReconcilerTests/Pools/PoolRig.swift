import ReconcileTesting
import Reconciler
import Specs
import Testing

/// One pool on an engine in memory.
extension Rig {
    static let pool = ResourceID(.warmPool, "agents")

    static func state(
        size: Int = 3, image: String = "agent:1", revision: String = "1111111",
        _ change: (inout WarmPool) -> Void = { _ in }
    ) -> DesiredState {
        var resource = Declared.warmPool("agents", size: size, ContainerTemplate(image: image))
        change(&resource.spec)
        return Declared.state(warmPools: [resource], revision: revision)
    }

    var poolStatus: PoolStatus {
        get async { await controller.report().pools.first ?? PoolStatus(pool: Rig.pool) }
    }

    func claim(
        _ holder: String = "ada", wait: Duration = .zero, key: String? = nil,
        _ change: (inout ClaimRequest) -> Void = { _ in }
    ) async throws(ClaimRefusal) -> Claim {
        var request = ClaimRequest(pool: Rig.pool, holder: holder, wait: wait, idempotencyKey: key)
        change(&request)
        return try await controller.claim(request, by: "test")
    }

    /// Waits until the pool keeps so many ready.
    func awaitReady(_ count: Int, sourceLocation: SourceLocation = #_sourceLocation) async {
        let isThere = await eventually { await poolStatus.ready == count }
        let status = await poolStatus
        #expect(isThere, "\(status)", sourceLocation: sourceLocation)
    }
}
