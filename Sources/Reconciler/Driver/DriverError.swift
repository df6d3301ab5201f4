/// What went wrong when a driver talked to the host, and what kind of answer it calls for.
package struct DriverError: Error, Hashable, Sendable, CustomStringConvertible {
    /// Chosen once, by the driver, from what the host really said; the worker only switches on it.
    package enum Disposition: String, Hashable, Codable, Sendable {
        /// The host could not answer now (engine down, connection refused): nothing happened; try again later.
        case transient
        /// The host moved (a name is taken, a removal is under way): look again and plan anew.
        case conflict
        /// The call may or may not have happened (reply lost, deadline passed): look again before anything else.
        case unknown
        /// The host will say the same for ever: only a person or a commit can help.
        case terminal
    }

    package enum Code: String, Hashable, Sendable {
        case engineUnreachable, timedOut, badResponse, apiVersionUnsupported
        case notFound, nameConflict, conflict, badRequest, serverError
        case imageNotFound, pullFailed, unauthorized
        case noSpace, portTaken, memoryInUse, mountSourceMissing
        /// The engine went away while it started the container, and knows nothing of the task that was made for it: it never
        /// starts this container again.
        case taskExists
    }

    package var disposition: Disposition
    package var code: Code
    /// Lower case, for a person; never holds a secret.
    package var message: String
    /// The endpoint or command, such as `POST /containers/create`.
    package var place: String

    package init(_ disposition: Disposition, _ code: Code, _ message: String, at place: String) {
        self.disposition = disposition
        self.code = code
        self.message = message
        self.place = place
    }

    package var description: String { "\(place): \(message)" }
}
