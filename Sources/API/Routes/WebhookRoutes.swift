import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization

/// `POST /v1/webhooks/github` and its like: a genuine push is a hint to fetch.
///
/// 202 when the repository is looked at, 200 when there is no need to; 401 without a proof that fits, 404 where the host
/// has no secret, 408 for a body that takes longer than 10 seconds, 413 for more than 1 MiB, 429 when too many genuine ones
/// come, 503 when too much comes at once of which nobody knows whether it is genuine.
final class WebhookRoutes: Sendable {
    /// What strangers may make us keep while it is found out who they are.
    private static let strangersBytes = 16 << 20

    private let host: any ServedHost
    /// nil takes no webhooks.
    private let secrets: WebhookSecrets?
    private let gate = Mutex(WebhookGate())
    private let budget = BodyBudget(bytes: strangersBytes)
    private let bodyDeadline: Duration
    private let meter: RequestMeter

    init(_ host: any ServedHost, secrets: WebhookSecrets?, bodyDeadline: Duration, meter: RequestMeter) {
        self.host = host
        self.secrets = secrets
        self.bodyDeadline = bodyDeadline
        self.meter = meter
    }

    func add(to routes: Routes) {
        for provider in WebhookProvider.allCases {
            routes.on(.webhook(provider)) { request, context in
                let verdict = try await self.verdict(on: request, from: provider, context)
                self.meter.count(provider, verdict)
                return try self.answer(verdict, provider)
            }
        }
    }

    private func verdict(
        on request: Request, from provider: WebhookProvider, _ context: CallContext
    ) async throws -> WebhookGate.Verdict {
        guard let secrets else {
            return .refused(.notFound, "this host takes no webhooks: see api.webhookSecretFile")
        }
        if let objection = WebhookGate.objection(to: request.headers, from: provider) { return objection }
        let body = try await context.body.read(request, over: context.channel, within: bodyDeadline, budget: budget)
        let objection = await Aside.run {
            WebhookGate.objection(
                to: request.headers, body: Array(body.readableBytesView), from: provider, secrets: secrets.all)
        }
        if let objection { return objection }
        return gate.withLock { $0.verdict(on: request.headers, from: provider, at: .now) }
    }

    private func answer(_ verdict: WebhookGate.Verdict, _ provider: WebhookProvider) throws(Refusal) -> Response {
        switch verdict {
        case .hint:
            host.hint(from: "webhook \(provider.rawValue)")
            return .message(.accepted, "the repository is looked at")
        case .duplicate: return .message(.ok, "this delivery was heard before")
        case .ignored: return .message(.ok, "no push: nothing to do")
        case .refused(let status, let message):
            throw Refusal(status, message, headers: status == .tooManyRequests ? [.retryAfter: "5"] : [:])
        }
    }
}
