import Foundation
import Hummingbird
import Reconciler
import Specs

/// How pools stand: `GET /v1/pools` and `/v1/pools/{pool}`.
struct PoolRoutes: Sendable {
    let cache: ReportCache

    func add(to routes: Routes) {
        routes.on(.pools) { _, _ in
            .json(try JSONBody.encode(PoolList(items: try await cache.report().pools)))
        }
        routes.on(.pool) { _, context in
            let name = context.parameters.get("pool")?.removingPercentEncoding ?? ""
            guard let pool = try await cache.report().pools.first(where: { $0.pool.name == name }) else {
                throw Refusal(.notFound, "there is no WarmPool \(Diagnostic.quote(name)) on this host")
            }
            return .json(try JSONBody.encode(pool))
        }
    }
}
