package import Drivers
package import FoundationEssentials

/// Somebody at the engine's own API: looks at what is really there, and meddles with it.
package struct EngineByHand: Sendable {
    package let socketPath: String
    package let transport: UnixSocketTransport

    package struct Refused: Error, CustomStringConvertible {
        package let description: String
    }

    package init(socketPath: String) {
        self.socketPath = socketPath
        transport = UnixSocketTransport(EngineAddress(socketPath: socketPath))
    }

    // MARK: Looking

    package func get(_ path: String, query: [(name: String, value: String)] = []) async throws -> Data {
        let target = RequestTarget(path, query: query, version: APIVersion(1, 41))
        let response = try await transport.read(
            ReadRequest(target, bodyLimit: BodyLimit.list, deadline: .seconds(30)))
        guard response.status == 200 else { throw Refused(description: "GET \(path): \(response.status)") }
        return response.body
    }

    /// Everything whose name begins like this, or that this owner has marked; by name.
    package func containers(of name: String) async throws -> [InspectedContainer] {
        var found: [InspectedContainer] = []
        for summary in try await DockerClient(transport).containers() {
            guard
                summary.ownNames.contains(where: { $0.hasPrefix(name) })
                    || summary.labels?["dev.reconcile.owner"] == name
            else { continue }
            // It may have gone since it was listed.
            guard let container = try? await inspect(summary.id) else { continue }
            found.append(container)
        }
        return found.sorted { $0.name < $1.name }
    }

    package func inspect(_ id: String) async throws -> InspectedContainer {
        try JSONDecoder().decode(InspectedContainer.self, from: try await get("/containers/\(id)/json"))
    }

    private struct Network: Decodable {
        var name: String

        private enum CodingKeys: String, CodingKey { case name = "Name" }
    }

    package func networks(of name: String) async throws -> [String] {
        let all = try JSONDecoder().decode([Network].self, from: try await get("/networks"))
        return all.map(\.name).filter { $0.hasPrefix("reconcile-" + name) || $0.hasPrefix(name) }.sorted()
    }

    /// What a command in a container prints.
    package func exec(_ command: [String], in id: String) async throws -> String {
        let result = try await DockerClient(transport).exec(command, in: id, deadline: .seconds(20))
        return String(decoding: result.output, as: UTF8.self)
    }

    // MARK: Meddling

    package func send(
        _ method: WriteRequest.Method, _ path: String, query: [(name: String, value: String)] = [], body: String? = nil
    ) async throws {
        let target = RequestTarget(path, query: query, version: APIVersion(1, 41))
        let response = try await transport.write(
            WriteRequest(method, target, body: body.map { Data($0.utf8) }, deadline: .seconds(60)))
        guard (200..<400).contains(response.status) else {
            let message = String(decoding: response.body, as: UTF8.self)
            throw Refused(description: "\(method.rawValue) \(path): \(response.status) \(message)")
        }
    }

    /// A container that carries no mark and runs.
    package func makeForeignContainer(_ name: String, labels: String = "{}") async throws {
        let body = """
            {"Image": "busybox:local", "Cmd": ["sleep", "1000000"], "Labels": \(labels),
             "HostConfig": {"NetworkMode": "none"}}
            """
        try await send(.post, "/containers/create", query: [("name", name)], body: body)
        try await send(.post, "/containers/\(name)/start")
    }

    package func makeForeignNetwork(_ name: String, subnet: String) async throws {
        let body = """
            {"Name": "\(name)", "CheckDuplicate": true, "IPAM": {"Config": [{"Subnet": "\(subnet)"}]}}
            """
        try await send(.post, "/networks/create", body: body)
    }

    package func remove(_ id: String) async throws {
        try await send(.delete, "/containers/\(id)", query: [("force", "1"), ("v", "1")])
    }

    /// Leaves nothing behind of a test that used this name. Best effort, as the engine may be gone.
    package func cleanUp(_ name: String) async {
        for container in (try? await containers(of: name)) ?? [] { try? await remove(container.id) }
        for network in (try? await networks(of: name)) ?? [] { try? await send(.delete, "/networks/\(network)") }
        try? await send(.delete, "/volumes/\(name)-sentinel")
    }
}

/// `GET /containers/{id}/json`, as far as tests look.
package struct InspectedContainer: Decodable, Hashable, Sendable {
    package struct State: Decodable, Hashable, Sendable {
        package var status: String
        package var startedAt: String
        package var exitCode: Int

        private enum CodingKeys: String, CodingKey {
            case status = "Status"
            case startedAt = "StartedAt"
            case exitCode = "ExitCode"
        }
    }

    package struct Configuration: Decodable, Hashable, Sendable {
        package var image: String
        package var labels: [String: String]
        /// `NAME=value` each.
        package var environment: [String]?

        private enum CodingKeys: String, CodingKey {
            case image = "Image"
            case labels = "Labels"
            case environment = "Env"
        }
    }

    package struct Limits: Decodable, Hashable, Sendable {
        package var memory: Int64
        package var nanoCPUs: Int64
        package var pids: Int64?

        private enum CodingKeys: String, CodingKey {
            case memory = "Memory"
            case nanoCPUs = "NanoCpus"
            case pids = "PidsLimit"
        }

        package init(memory: Int64, nanoCPUs: Int64, pids: Int64?) {
            self.memory = memory
            self.nanoCPUs = nanoCPUs
            self.pids = pids
        }
    }

    package var id: String
    /// With a leading slash.
    package var name: String
    package var state: State
    package var configuration: Configuration
    package var limits: Limits

    private enum CodingKeys: String, CodingKey {
        case id = "Id"
        case name = "Name"
        case state = "State"
        case configuration = "Config"
        case limits = "HostConfig"
    }

    package var labels: [String: String] { configuration.labels }
}
