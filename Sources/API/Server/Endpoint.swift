import HTTPTypes
import Hummingbird

/// One thing that the API can be asked, and who may ask it. Routes, checks and the OpenAPI document follow this table.
struct Endpoint: Hashable, Sendable {
    enum Access: Hashable, Sendable {
        /// Whoever reaches the door: it tells nothing about what runs.
        case anyone
        /// Whoever has this role, or a higher one.
        case role(Role)
        /// Whoever signs the body with the webhook's secret.
        case signed
    }

    let method: HTTPRequest.Method
    /// With parameters in braces, as in OpenAPI: `/v1/objects/{kind}/{name}`.
    let path: String
    let access: Access

    private init(_ method: HTTPRequest.Method, _ path: String, _ access: Access) {
        self.method = method
        self.path = path
        self.access = access
    }

    static let health = Endpoint(.get, "/healthz", .anyone)
    static let readiness = Endpoint(.get, "/readyz", .anyone)
    static let document = Endpoint(.get, "/openapi.json", .anyone)
    static let metrics = Endpoint(.get, "/metrics", .role(.viewer))
    static let status = Endpoint(.get, "/v1/status", .role(.viewer))
    static let overview = Endpoint(.get, "/v1/overview", .role(.viewer))
    static let objects = Endpoint(.get, "/v1/objects", .role(.viewer))
    static let object = Endpoint(.get, "/v1/objects/{kind}/{name}", .role(.viewer))
    static let conditions = Endpoint(.get, "/v1/conditions", .role(.viewer))
    static let plan = Endpoint(.get, "/v1/plan", .role(.viewer))
    static let recommendations = Endpoint(.get, "/v1/recommendations", .role(.viewer))
    static let autoscalers = Endpoint(.get, "/v1/autoscalers", .role(.viewer))
    static let autoscaler = Endpoint(.get, "/v1/autoscalers/{name}", .role(.viewer))
    static let rollouts = Endpoint(.get, "/v1/rollouts", .role(.viewer))
    static let tasks = Endpoint(.get, "/v1/tasks", .role(.viewer))
    static let events = Endpoint(.get, "/v1/events", .role(.viewer))
    static let eventStream = Endpoint(.get, "/v1/events/stream", .role(.viewer))
    static let history = Endpoint(.get, "/v1/history", .role(.viewer))
    static let snapshot = Endpoint(.get, "/v1/snapshot", .role(.viewer))
    static let logs = Endpoint(.get, "/v1/logs", .role(.operator))
    static let sync = Endpoint(.post, "/v1/sync", .role(.operator))

    static let pools = Endpoint(.get, "/v1/pools", .role(.viewer))
    static let pool = Endpoint(.get, "/v1/pools/{pool}", .role(.viewer))
    static let makeClaim = Endpoint(.post, "/v1/pools/{pool}/claims", .role(.user))
    static let claims = Endpoint(.get, "/v1/claims", .role(.viewer))
    static let claim = Endpoint(.get, "/v1/claims/{id}", .role(.viewer))
    static let renewClaim = Endpoint(.post, "/v1/claims/{id}/renew", .role(.user))
    static let releaseClaim = Endpoint(.delete, "/v1/claims/{id}", .role(.user))
    static let watchClaim = Endpoint(.get, "/v1/claims/{id}/events", .role(.viewer))

    static func command(_ verb: CommandVerb) -> Endpoint { Endpoint(.post, verb.path, .role(.operator)) }
    static func webhook(_ provider: WebhookProvider) -> Endpoint { Endpoint(.post, provider.path, .signed) }

    static let all =
        [
            health, readiness, document, metrics, status, overview, objects, object, conditions, plan, recommendations,
            autoscalers, autoscaler, rollouts, tasks, events, eventStream, history, logs, snapshot, sync, pools, pool,
            makeClaim,
            claims,
            claim,
            renewClaim, releaseClaim, watchClaim,
        ] + CommandVerb.allCases.map(command) + WebhookProvider.allCases.map(webhook)

    /// What may be sent to this path; empty where nothing is served.
    static func methods(at path: String) -> [HTTPRequest.Method] { all.filter { $0.covers(path) }.map(\.method) }

    private func covers(_ path: String) -> Bool {
        let parts = path.split(separator: "/", omittingEmptySubsequences: true)
        let own = self.path.split(separator: "/", omittingEmptySubsequences: true)
        return parts.count == own.count && zip(own, parts).allSatisfy { $0.hasPrefix("{") || $0 == $1 }
    }
}
