import Foundation
import Hummingbird
import Reconciler
import Specs

/// What holds now: the status, its parts, and the plan.
struct StateRoutes: Sendable {
    let cache: ReportCache

    func add(to routes: Routes) {
        routes.on(.status) { _, _ in .json(try await cache.body(.status)) }
        routes.on(.objects) { request, _ in
            guard let kind = try QueryFields(request, ["kind"]).kind("kind") else {
                return .json(try await cache.body(.objects))
            }
            let status = try await cache.report().status
            return .json(try await Aside.run { try JSONBody.encode(ObjectList(status, kind: kind)) })
        }
        routes.on(.conditions) { request, _ in
            guard let type = try QueryFields(request, ["type"]).conditionType("type") else {
                return .json(try await cache.body(.conditions))
            }
            let status = try await cache.report().status
            return .json(try await Aside.run { try JSONBody.encode(ConditionList(status, of: type)) })
        }
        routes.on(.object) { _, context in
            let id = try Self.object(context)
            let report = try await cache.report()
            guard let detail = report.detail(of: id) else {
                let hint = NearestName.hint(for: id, among: report.known)
                throw Refusal(
                    .notFound,
                    "there is no \(id) here: it is not declared, and nothing of it runs; "
                        + (hint ?? "what others only refer to has no state of its own"))
            }
            return .json(try JSONBody.encode(detail))
        }
        routes.on(.recommendations) { request, _ in try await recommendations(request) }
        routes.on(.plan) { _, _ in
            guard try await cache.report().plan != nil else {
                throw Refusal(.serviceUnavailable, "there is no revision in force yet, or the host was not seen yet")
            }
            return .json(try await cache.body(.plan))
        }
    }

    /// Those of one kind, or of one object.
    private func recommendations(_ request: Request) async throws -> Response {
        let fields = try QueryFields(request, ["kind", "object"])
        let (kind, object) = (try fields.kind("kind"), try fields.object("object"))
        let all = try await cache.report().recommendations
        return .json(
            try JSONBody.encode(
                RecommendationList(
                    items: all.filter {
                        (kind ?? $0.object.kind) == $0.object.kind && (object ?? $0.object) == $0.object
                    })))
    }

    private static func object(_ context: CallContext) throws(Refusal) -> ResourceID {
        // As it was written: escapes are the caller's to make and ours to undo.
        let words = ["kind", "name"].map { context.parameters.get($0)?.removingPercentEncoding ?? "" }
        let (kind, name) = (words[0], words[1])
        guard let id = ResourceID("\(kind)/\(name)") else {
            throw Refusal(.notFound, "there is no kind \(Diagnostic.quote(kind)); a path is /v1/objects/Workload/web")
        }
        return id
    }
}
