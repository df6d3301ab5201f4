import HTTPTypes
import Hummingbird
import NIOCore
import Reconciler

/// Whether the daemon lives, whether it can do its work, what it counts, and how it is asked.
struct HealthRoutes: Sendable {
    let cache: ReportCache
    let metrics: @Sendable () async throws -> ByteBuffer

    func add(to routes: Routes) {
        // A controller that does not answer any more leaves this without an answer too.
        routes.on(.health) { _, _ in
            _ = try await cache.report()
            return .text("ok\n")
        }
        routes.on(.readiness) { _, _ in
            let report = try await cache.report()
            if report.isReady { return .text("ok\n") }
            return .text(Self.reason(report.status) + "\n", status: .serviceUnavailable)
        }
        routes.on(.metrics) { _, _ in
            Response(
                status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
                body: ResponseBody(byteBuffer: try await metrics()))
        }
        let document = OpenAPIDocument.text
        routes.on(.document) { _, _ in .text(document, type: "application/json") }
    }

    /// Nothing of what runs: whoever reaches the port may ask.
    private static func reason(_ status: HostStatus) -> String {
        status.engine.reachable ? "no revision is in force yet" : "the engine does not answer, or was not seen yet"
    }
}
