import FoundationEssentials
import Reconciler

/// Docker's API in Swift types: reads over any transport, writes only where the transport has them.
///
/// Throws `DriverError` with the disposition already chosen; see `DockerError`.
package struct DockerClient<Transport: DockerTransport>: Sendable {
    package let transport: Transport
    package let deadlines: DockerDeadlines
    package let session: EngineSession

    package init(
        _ transport: Transport, deadlines: DockerDeadlines = DockerDeadlines(),
        session: EngineSession = EngineSession()
    ) {
        self.transport = transport
        self.deadlines = deadlines
        self.session = session
    }

    /// Reads one JSON value.
    func get<Value: Decodable>(
        _ path: String, query: [(name: String, value: String)] = [], limit: Int = BodyLimit.single,
        deadline: Duration? = nil
    ) async throws(DriverError) -> Value {
        let target = RequestTarget(path, query: query, version: try await negotiatedVersion())
        let request = ReadRequest(target, bodyLimit: limit, deadline: deadline ?? deadlines.read)
        let response = try await answer(to: request)
        return try DockerJSON.decode(response.body, isWrite: false, place: "GET \(path)")
    }

    /// Sends a read and refuses every status but 2xx.
    func answer(to request: ReadRequest) async throws(DriverError) -> DockerResponse {
        let response = try await onSession { () async throws(DriverError) in try await transport.read(request) }
        try check(response, isWrite: false, place: "\(request.method.rawValue) \(request.target.path)")
        return response
    }

    /// Runs one exchange and forgets the session when the engine did not answer.
    func onSession<Value>(
        _ exchange: () async throws(DriverError) -> Value
    ) async throws(DriverError) -> Value {
        do throws(DriverError) {
            return try await exchange()
        } catch {
            session.forget()
            throw error
        }
    }

    func check(_ response: DockerResponse, isWrite: Bool, place: String) throws(DriverError) {
        session.note(response.engine)
        // 304: the container was started or stopped already.
        if (200..<300).contains(response.status) || response.status == 304 { return }
        let refusal = DockerError(
            status: response.status, message: DockerJSON.message(in: response.body), isWrite: isWrite, place: place)
        let error = DriverError(refusal)
        if error.code == .apiVersionUnsupported { session.forget() }
        throw error
    }
}

extension DockerClient where Transport: WritingDockerTransport {
    /// Writes; every status but 2xx and 304 throws.
    func send(
        _ method: WriteRequest.Method, _ path: String, query: [(name: String, value: String)] = [],
        body: (any Encodable & Sendable)? = nil, deadline: Duration? = nil
    ) async throws(DriverError) -> DockerResponse {
        let place = "\(method.rawValue) \(path)"
        let target = RequestTarget(path, query: query, version: try await negotiatedVersion())
        let request = WriteRequest(
            method, target, body: try body.map { (value) throws(DriverError) in try DockerJSON.encode(value, place) },
            deadline: deadline ?? deadlines.write)
        let response = try await onSession { () async throws(DriverError) in try await transport.write(request) }
        try check(response, isWrite: true, place: place)
        return response
    }

    /// Writes and reads one JSON value back.
    func send<Value: Decodable>(
        _ method: WriteRequest.Method, _ path: String, query: [(name: String, value: String)] = [],
        body: (any Encodable & Sendable)? = nil, deadline: Duration? = nil, returning: Value.Type
    ) async throws(DriverError) -> Value {
        let response = try await send(method, path, query: query, body: body, deadline: deadline)
        return try DockerJSON.decode(response.body, isWrite: true, place: "\(method.rawValue) \(path)")
    }
}
