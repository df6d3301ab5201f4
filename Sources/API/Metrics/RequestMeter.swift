import HTTPTypes
import Hummingbird
import Reconciler
import Synchronization

/// Counts requests by route and status, and webhooks by what became of them.
final class RequestMeter: Sendable {
    private struct Call: Hashable {
        var endpoint: Endpoint
        var status: Int
    }

    private struct Hook: Hashable {
        var provider: WebhookProvider
        var verdict: String
    }

    private struct Contents {
        var calls: [Call: Int] = [:]
        var durations: [Endpoint: DurationHistogram] = [:]
        var hooks: [Hook: Int] = [:]
    }

    private let contents = Mutex(Contents())

    func count(_ endpoint: Endpoint, _ status: HTTPResponse.Status, _ duration: Duration) {
        contents.withLock { contents in
            contents.calls[Call(endpoint: endpoint, status: status.code), default: 0] += 1
            contents.durations[endpoint, default: DurationHistogram()].observe(duration)
        }
    }

    func count(_ provider: WebhookProvider, _ verdict: WebhookGate.Verdict) {
        contents.withLock { $0.hooks[Hook(provider: provider, verdict: verdict.name), default: 0] += 1 }
    }

    var families: [MetricFamily] {
        let contents = contents.withLock { $0 }
        var requests = MetricFamily(
            "reconcile_api_requests_total", .counter,
            "Requests by route, as the OpenAPI document writes it, and status.")
        for (call, count) in contents.calls.sorted(by: { Self.order($0.key) < Self.order($1.key) }) {
            requests.add(
                Double(count), .init("method", call.endpoint.method.rawValue), .init("path", call.endpoint.path),
                .init("code", String(call.status)))
        }
        var durations = MetricFamily(
            "reconcile_api_request_duration_seconds", .histogram,
            "Time from the head of a request to the head of its answer, by route.")
        for (endpoint, histogram) in contents.durations.sorted(by: { $0.key.path < $1.key.path }) {
            durations.add(histogram, .init("path", endpoint.path))
        }
        var hooks = MetricFamily(
            "reconcile_webhooks_total", .counter, "Webhooks by forge and by what became of them.")
        for (hook, count) in contents.hooks.sorted(by: { Self.order($0.key) < Self.order($1.key) }) {
            hooks.add(Double(count), .init("forge", hook.provider.rawValue), .init("outcome", hook.verdict))
        }
        return [requests, durations, hooks]
    }

    private static func order(_ call: Call) -> (String, Int) { (call.endpoint.path, call.status) }
    private static func order(_ hook: Hook) -> (String, String) { (hook.provider.rawValue, hook.verdict) }
}
