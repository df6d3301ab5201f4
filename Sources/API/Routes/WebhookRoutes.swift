import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization

/// `POST /v1/webhooks/github` and its like: a genuine push is a hint to fetch.
///
/// 202 when the repository is looked at, 200 when there is no need to; 401 without a proof that fits, 404 where the host
/// has no secret, 413 for more than 1 MiB, 429 when too many come.
final class WebhookRoutes: Sendable {
    private let host: any ServedHost
    /// nil takes no webhooks.
    private let secrets: [String]?
    private let gate = Mutex(WebhookGate())
    private let meter: RequestMeter

    init(_ host: any ServedHost, secrets: [String]?, meter: RequestMeter) {
        self.host = host
        self.secrets = secrets
        self.meter = meter
    }

    func add(to routes: Routes) {
        for provider in WebhookProvider.allCases {
            routes.on(.webhook(provider)) { request, _ in
                let verdict = try await self.verdict(on: request, from: provider)
                self.meter.count(provider, verdict)
                return try self.answer(verdict, provider)
            }
        }
    }

    private func verdict(on request: Request, from provider: WebhookProvider) async throws -> WebhookGate.Verdict {
        guard let secrets else {
            return .refused(.notFound, "this host takes no webhooks: see api.webhookSecretFile")
        }
        guard gate.withLock({ $0.mayCome(at: .now) }) else {
            return .refused(.tooManyRequests, "too many webhooks; the repository is looked at anyhow")
        }
        let body = try await RequestBody.read(request)
        let bytes = Array(body.readableBytesView)
        return gate.withLock { $0.verdict(on: request.headers, body: bytes, from: provider, secrets: secrets) }
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
