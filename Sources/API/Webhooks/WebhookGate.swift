import HTTPTypes

/// Decides about webhooks: who is heard, how often, and what was there before.
///
/// A webhook is a hint that the repository may hold something new, and never says what: its body is authenticated and
/// not read. Who replays one that was heard under another delivery id causes a look at the repository, and no more of
/// them than the rate allows. What is not genuine counts for nothing, so that it cannot use up the rate of what is.
struct WebhookGate: Sendable {
    /// What a request comes to.
    enum Verdict: Hashable, Sendable {
        case hint
        case duplicate
        /// Genuine, and about something else than a push.
        case ignored
        case refused(HTTPResponse.Status, String)

        /// One word for metrics.
        var name: String {
            switch self {
            case .hint: "hint"
            case .duplicate: "duplicate"
            case .ignored: "ignored"
            case .refused(.tooManyRequests, _): "rate-limited"
            case .refused: "refused"
            }
        }
    }

    private static let remembered = 1_000
    /// Beyond a burst of as many, this many a second: more than any forge sends.
    private static let burst = 20.0
    private static let perSecond = 5.0

    private var deliveries: [String: Void] = [:]
    private var order: [String] = []
    private var tokens = burst
    private var lastRequest: ContinuousClock.Instant?

    /// Counts what is genuine.
    mutating func mayCome(at now: ContinuousClock.Instant) -> Bool {
        if let lastRequest {
            tokens = min(Self.burst, tokens + Self.perSecond * (lastRequest.duration(to: now) / .seconds(1)))
        }
        lastRequest = now
        guard tokens >= 1 else { return false }
        tokens -= 1
        return true
    }

    /// What is to be said before the body is read; nil when there is nothing against that.
    static func objection(to headers: HTTPFields, from provider: WebhookProvider) -> Verdict? {
        guard provider.proof(in: headers) == nil else { return nil }
        let isSHA1 = provider == .github && headers.contains { $0.name.canonicalName == "x-hub-signature" }
        let because = isSHA1 ? "; X-Hub-Signature is SHA-1, which counts for nothing" : ""
        return .refused(
            .unauthorized, "the header \(provider.proofHeader) is missing: set the secret in the webhook\(because)")
    }

    /// Takes as long as the body has bytes; nobody waits for it.
    static func objection(
        to headers: HTTPFields, body: [UInt8], from provider: WebhookProvider, secrets: [String]
    ) -> Verdict? {
        guard let proof = provider.proof(in: headers) else { return objection(to: headers, from: provider) }
        if provider.isGenuine(proof, body: body, secrets: secrets) { return nil }
        return .refused(.unauthorized, "\(provider.proofHeader) does not fit the body and the secret of this host")
    }

    /// - Parameter headers: of what is genuine.
    mutating func verdict(
        on headers: HTTPFields, from provider: WebhookProvider, at now: ContinuousClock.Instant
    ) -> Verdict {
        guard mayCome(at: now) else {
            return .refused(.tooManyRequests, "too many webhooks; the repository is looked at anyhow")
        }
        // Only what is genuine is remembered, so that nobody else fills the memory or spends an id before its time.
        if let delivery = provider.delivery(in: headers), !isNew(provider.rawValue + " " + delivery) {
            return .duplicate
        }
        return provider.isPush(provider.event(in: headers)) ? .hint : .ignored
    }

    private mutating func isNew(_ delivery: String) -> Bool {
        guard deliveries.updateValue((), forKey: delivery) == nil else { return false }
        order.append(delivery)
        if order.count >= 2 * Self.remembered {
            for old in order.prefix(Self.remembered) { deliveries[old] = nil }
            order.removeFirst(Self.remembered)
        }
        return true
    }
}
