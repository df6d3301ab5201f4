package import FoundationEssentials
package import Reconciler

/// Reads from an engine. It has no way to write, so that "read-only" is a type and not a flag.
package protocol DockerTransport: Sendable {
    /// One request with its whole answer, within the request's deadline and body limit.
    ///
    /// Every status is an answer; only a failure to get one throws, with `.transient`: a read that failed did nothing.
    func read(_ request: ReadRequest) async throws(DriverError) -> DockerResponse

    /// One request whose answer is read piece by piece; the deadline holds for the head only.
    func stream(_ request: ReadRequest) async throws(DriverError) -> DockerStream

    /// The socket that the engine listens on, which it makes anew when it starts; nil where there is none.
    var socket: SocketIdentity? { get }
}

/// Also writes to an engine.
package protocol WritingDockerTransport: DockerTransport {
    /// Like `read`, except that a request which was sent and got no answer throws `.unknown`: it may have happened.
    func write(_ request: WriteRequest) async throws(DriverError) -> DockerResponse

    /// Like `stream`, with the failures of `write`.
    func writeStreaming(_ request: WriteRequest) async throws(DriverError) -> DockerStream
}

/// An answer with its whole body.
package struct DockerResponse: Sendable {
    package var status: Int
    package var engine: EngineHeaders
    package var body: Data

    package init(status: Int, engine: EngineHeaders = EngineHeaders(), body: Data = Data()) {
        self.status = status
        self.engine = engine
        self.body = body
    }
}

/// An answer whose body arrives piece by piece.
///
/// The body ends with the connection. Whoever drops the iterator, or is cancelled, closes the connection.
package struct DockerStream: Sendable {
    package var status: Int
    package var engine: EngineHeaders
    package var chunks: BodyChunks

    package init(status: Int, engine: EngineHeaders, chunks: BodyChunks) {
        self.status = status
        self.engine = engine
        self.chunks = chunks
    }
}

/// What every answer says about the engine that gave it; a change means another engine behind the same socket.
package struct EngineHeaders: Hashable, Sendable {
    /// The newest API version that the engine speaks, such as `1.41`.
    package var apiVersion: String?
    /// Such as `Docker/20.10.24 (linux)`.
    package var server: String?

    package init(apiVersion: String? = nil, server: String? = nil) {
        self.apiVersion = apiVersion
        self.server = server
    }
}
