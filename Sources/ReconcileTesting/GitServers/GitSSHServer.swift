import FoundationEssentials
import Glibc

/// A real sshd on a port of its own, with host keys and authorized keys of its own.
package struct GitSSHServer: Sendable {
    package let port: UInt16
    /// The user that we run as, who is the only one that it can let in.
    package let user: String
    /// A private key that is let in.
    package let privateKey: String
    /// A private key that is not.
    package let strangerKey: String
    /// The server's public host key, `type base64`.
    package let hostKey: String

    package func url(of repository: ScratchRepository) -> String {
        "ssh://\(user)@127.0.0.1:\(port)\(repository.path)"
    }

    package var knownHostsLine: String { "[127.0.0.1]:\(port) \(hostKey)\n" }

    /// - Parameter hostKeyTypes: the first is the one that `hostKey` tells of.
    @discardableResult
    package static func with<Value: Sendable>(
        hostKeyTypes: [String] = ["ed25519", "ecdsa"], _ body: (GitSSHServer) async throws -> Value
    ) async throws -> Value {
        try await ScratchFolder.with { folder in
            for name in hostKeyTypes.map({ "host_\($0)" }) {
                try await makeKey(name, type: String(name.dropFirst(5)), in: folder)
            }
            for name in ["client", "stranger"] { try await makeKey(name, type: "ed25519", in: folder) }
            let port = try LoopbackPort.unused()
            let path = folder.path
            let hostKeys = hostKeyTypes.map { "HostKey \(path)/host_\($0)" }.joined(separator: "\n")
            let configuration = try folder.write(
                "sshd_config",
                """
                ListenAddress 127.0.0.1:\(port)
                \(hostKeys)
                AuthorizedKeysFile \(path)/client.pub
                PidFile none
                StrictModes no
                UsePAM no
                PasswordAuthentication no
                KbdInteractiveAuthentication no
                """)
            // sshd insists on this empty folder when it runs as root; only then can it be made.
            mkdir("/run/sshd", 0o755)
            let server = GitSSHServer(
                port: port, user: userName(), privateKey: path + "/client", strangerKey: path + "/stranger",
                hostKey: try publicKey(path + "/host_\(hostKeyTypes.first ?? "")"))
            return try await ServerProcess.with(["/usr/sbin/sshd", "-D", "-e", "-f", configuration], port: port) {
                try await body(server)
            }
        }
    }

    private static func makeKey(_ name: String, type: String, in folder: ScratchFolder) async throws {
        try await TestCommand.run("ssh-keygen", ["-q", "-t", type, "-N", "", "-C", "", "-f", "\(folder.path)/\(name)"])
    }

    private static func publicKey(_ path: String) throws -> String {
        let text = try String(contentsOfFile: path + ".pub", encoding: .utf8)
        return text.split(separator: " ").prefix(2).map { $0.filter { !$0.isNewline } }.joined(separator: " ")
    }

    private static func userName() -> String {
        guard let entry = getpwuid(getuid()), let name = entry.pointee.pw_name else { return "root" }
        return String(cString: name)
    }
}
