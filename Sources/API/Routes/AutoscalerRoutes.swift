import Foundation
import Hummingbird
import Reconciler
import Specs

/// How autoscalers stand: `GET /v1/autoscalers` and `/v1/autoscalers/{name}`.
struct AutoscalerRoutes: Sendable {
    let cache: ReportCache

    func add(to routes: Routes) {
        routes.on(.autoscalers) { _, _ in
            let all = try await cache.report().autoscalers
            return .json(try await Aside.run { try JSONBody.encode(AutoscalerList(items: all)) })
        }
        routes.on(.autoscaler) { _, context in
            let name = context.parameters.get("name")?.removingPercentEncoding ?? ""
            let all = try await cache.report().autoscalers
            guard let autoscaler = all.first(where: { $0.autoscaler.name == name }) else {
                throw Refusal(.notFound, "there is no Autoscaler \(Diagnostic.quote(name)) on this host")
            }
            return .json(try JSONBody.encode(autoscaler))
        }
    }
}

/// `GET /v1/autoscalers`, in the order of their names.
struct AutoscalerList: Codable, Hashable, Sendable {
    var items: [AutoscalerReport]
}
