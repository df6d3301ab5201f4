package import Reconciler
import Specs

extension DockerClient {
    /// All networks of the engine.
    package func networks() async throws(DriverError) -> [NetworkDetails] {
        try await get("/networks", limit: BodyLimit.list, deadline: deadlines.list)
    }

    /// One network by id or name; nil when it is gone. Also takes the beginning of an id, as for containers.
    package func network(_ idOrName: String) async throws(DriverError) -> NetworkDetails? {
        do throws(DriverError) {
            return try await get(Self.networkPath(idOrName))
        } catch {
            if error.code == .notFound { return nil }
            throw error
        }
    }

    static func networkPath(_ id: String) -> String { "/networks/" + PercentEncoding.encoded(id) }
}

extension DockerClient where Transport: WritingDockerTransport {
    package func createNetwork(_ body: NetworkCreation) async throws(DriverError) -> NetworkCreated {
        try await send(.post, "/networks/create", body: body, returning: NetworkCreated.self)
    }

    package func removeNetwork(_ id: String) async throws(DriverError) {
        _ = try await send(.delete, Self.networkPath(id))
    }
}
