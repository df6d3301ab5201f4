import Hummingbird
import Reconciler

/// How rollouts stand: `GET /v1/rollouts`.
struct RolloutRoutes: Sendable {
    let cache: ReportCache

    func add(to routes: Routes) {
        routes.on(.rollouts) { _, _ in
            .json(try JSONBody.encode(RolloutList(items: try await cache.report().rollouts)))
        }
    }
}

/// `GET /v1/rollouts`, in the order of the objects' names.
struct RolloutList: Codable, Hashable, Sendable {
    var items: [RolloutReport]
}
