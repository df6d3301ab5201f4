import Hummingbird
import Reconciler

/// `GET /v1/status`: the host as the controller knows it.
struct StatusRoute: Sendable {
    let status: @Sendable () async -> HostStatus

    func add(to router: Router<PeerContext>) {
        let status = status
        router.get("/v1/status") { _, _ in StatusResponse(status: await status()) }
    }
}

/// `HostStatus` as the body of a response.
private struct StatusResponse: ResponseEncodable {
    let status: HostStatus

    func encode(to encoder: any Encoder) throws { try status.encode(to: encoder) }
}
