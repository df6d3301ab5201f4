package import Reconciler

/// Where an engine listens: so far always a Unix socket.
package struct EngineAddress: Hashable, Sendable {
    package static let `default` = EngineAddress(socketPath: "/var/run/docker.sock")

    package var socketPath: String

    package init(socketPath: String) { self.socketPath = socketPath }

    /// Reads the value of `DOCKER_HOST`: `unix:///var/run/docker.sock`.
    package init(dockerHost: String) throws(DriverError) {
        let place = "docker host"
        let prefix = "unix://"
        guard dockerHost.hasPrefix(prefix) else {
            let message = "'\(dockerHost)' is not supported: only Unix sockets are, as in 'unix:///var/run/docker.sock'"
            throw DriverError(.terminal, .engineUnreachable, message, at: place)
        }
        let path = String(dockerHost.dropFirst(prefix.count))
        guard path.hasPrefix("/") else {
            let message = "'\(dockerHost)' must name an absolute path, as in 'unix:///var/run/docker.sock'"
            throw DriverError(.terminal, .engineUnreachable, message, at: place)
        }
        // The kernel's sun_path holds 108 bytes with the closing NUL.
        guard path.utf8.count <= 107 else {
            let message = "the path '\(path)' is too long for a Unix socket: at most 107 bytes"
            throw DriverError(.terminal, .engineUnreachable, message, at: place)
        }
        self.init(socketPath: path)
    }
}
