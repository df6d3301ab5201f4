import Hummingbird
import NIOCore

/// What dry-runs elsewhere must know of this host.
struct SnapshotRoutes: Sendable {
    let host: any ServedHost

    func add(to routes: Routes) {
        routes.on(.snapshot) { _, _ in
            let bytes: [UInt8]
            do {
                bytes = try await host.snapshot()
            } catch is CancellationError {
                throw CancellationError()
            } catch {
                throw Refusal(.serviceUnavailable, "there is no snapshot now: \(error)")
            }
            return Response(
                status: .ok, headers: [.contentType: "application/x-ndjson"],
                body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
        }
    }
}
