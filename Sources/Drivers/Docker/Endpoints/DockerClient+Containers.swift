import FoundationEssentials
package import Reconciler
import Specs

extension DockerClient {
    /// All containers of the engine, stopped ones as well.
    ///
    /// - Parameter labels: only those with all of these labels, `key` or `key=value`.
    package func containers(with labels: [String] = []) async throws(DriverError) -> [ContainerSummary] {
        var query = [(name: "all", value: "1")]
        if !labels.isEmpty {
            let filters = try DockerJSON.encode(["label": labels], "GET /containers/json")
            query.append(("filters", String(decoding: filters, as: UTF8.self)))
        }
        return try await get("/containers/json", query: query, limit: BodyLimit.list, deadline: deadlines.list)
    }

    /// One container; nil when it is gone.
    ///
    /// Takes a name as well. The engine also takes the beginning of an id, so that whoever asks for a name has to
    /// look at the name in the answer.
    package func container(_ idOrName: String) async throws(DriverError) -> ContainerDetails? {
        let path = "\(Self.path(idOrName))/json"
        do throws(DriverError) {
            let target = RequestTarget(path, version: try await negotiatedVersion())
            let request = ReadRequest(target, bodyLimit: BodyLimit.single, deadline: deadlines.read)
            let body = try await answer(to: request).body
            return try session.inspections.value(of: body, to: idOrName) { body throws(DriverError) in
                try DockerJSON.decode(body, isWrite: false, place: "GET \(path)")
            }
        } catch {
            if error.code == .notFound { return nil }
            throw error
        }
    }

    static func path(_ id: String) -> String { "/containers/" + PercentEncoding.encoded(id) }
}

extension DockerClient where Transport: WritingDockerTransport {
    package func createContainer(_ body: ContainerCreation, name: String) async throws(DriverError) -> ContainerCreated
    {
        try await send(
            .post, "/containers/create", query: [("name", name)], body: body, deadline: deadlines.start,
            returning: ContainerCreated.self)
    }

    /// Running already counts as started.
    package func startContainer(_ id: String) async throws(DriverError) {
        _ = try await send(.post, "\(Self.path(id))/start", deadline: deadlines.start)
    }

    /// Stopped already counts as stopped.
    package func stopContainer(_ id: String, timeout: Duration) async throws(DriverError) {
        let seconds = timeout.secondsRoundedUp
        _ = try await send(
            .post, "\(Self.path(id))/stop", query: [("t", String(seconds))],
            deadline: .seconds(seconds) + deadlines.stopMargin)
    }

    /// With its anonymous volumes; never by force, so that a running container is refused.
    package func removeContainer(_ id: String) async throws(DriverError) {
        _ = try await send(.delete, Self.path(id), query: [("v", "1")])
    }

    package func pauseContainer(_ id: String) async throws(DriverError) {
        _ = try await send(.post, "\(Self.path(id))/pause")
    }

    package func updateContainer(_ id: String, _ change: ContainerChange) async throws(DriverError) -> ContainerUpdated
    {
        try await send(.post, "\(Self.path(id))/update", body: change, returning: ContainerUpdated.self)
    }

    package func renameContainer(_ id: String, to name: String) async throws(DriverError) {
        _ = try await send(.post, "\(Self.path(id))/rename", query: [("name", name)])
    }

    package func unpauseContainer(_ id: String) async throws(DriverError) {
        _ = try await send(.post, "\(Self.path(id))/unpause")
    }
}
