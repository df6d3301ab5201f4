import Glibc

/// Where the API listens and whom it lets in, as the host's configuration says it.
package struct APISettings: Hashable, Sendable {
    package var socketPath: String
    /// The group that may use the socket besides its owner; nil leaves the socket to the group of the process.
    package var socketGroup: String?
    /// An address for TCP besides the socket; nil for none.
    package var listen: ListenAddress?
    /// In PEM. Needed together, and for every address that others can reach.
    package var certificateFile: String?
    package var privateKeyFile: String?
    package var tokenFile: String?
    /// The secret that webhooks are signed with, one a line while it is being changed; nil takes no webhooks.
    package var webhookSecretFile: String?
    /// From the head of a request to the last byte of its body.
    package var bodyDeadline = Duration.seconds(10)

    package init(socketPath: String) { self.socketPath = socketPath }

    /// What fits into the kernel's address of a Unix socket.
    private static let longestSocketPath = 107

    /// - Throws: `APISettingsError` for what can be found wrong without opening anything.
    package func check() throws(APISettingsError) {
        guard socketPath.utf8.count <= Self.longestSocketPath else {
            throw APISettingsError(
                "the path of the API's socket has \(socketPath.utf8.count) bytes, and the kernel takes "
                    + "\(Self.longestSocketPath): '\(socketPath)'; name a shorter one in api.socket")
        }
        guard (certificateFile == nil) == (privateKeyFile == nil) else {
            throw APISettingsError("api.certificateFile and api.privateKeyFile need each other")
        }
        guard let listen else {
            if certificateFile != nil || tokenFile != nil {
                throw APISettingsError("api.certificateFile and api.tokenFile are for TCP; they need api.listen")
            }
            return
        }
        if certificateFile == nil && !listen.isLoopback {
            throw APISettingsError(
                "api.listen '\(listen)' can be reached by others, who could read every token: set api.certificateFile "
                    + "and api.privateKeyFile, or listen on 127.0.0.1")
        }
    }

    /// The id of the socket's group; nil where none is named.
    func groupID() throws(APISettingsError) -> gid_t? {
        guard let socketGroup else { return nil }
        var entry = group()
        var found: UnsafeMutablePointer<group>?
        let id = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64 << 10) { buffer -> gid_t? in
            guard let start = buffer.baseAddress, getgrnam_r(socketGroup, &entry, start, buffer.count, &found) == 0
            else { return nil }
            return found?.pointee.gr_gid
        }
        guard let id else { throw APISettingsError("api.socketGroup: there is no group '\(socketGroup)' on this host") }
        return id
    }
}

/// Why the API cannot be set up as it is asked for; a person must change something.
package struct APISettingsError: Error, Hashable, Sendable, CustomStringConvertible {
    package var description: String

    package init(_ description: String) { self.description = description }
}
