import FoundationEssentials

/// A key of ssh for one test.
package struct SSHKey: Sendable {
    /// The file of the private key; the public one lies beside it.
    package let path: String
    /// Type and key, as in an allowed signers file.
    package let publicKey: String
    /// As `ssh-keygen -l` shows it.
    package let fingerprint: String

    package static func make(in folder: ScratchFolder, _ name: String, type: String = "ed25519") async throws -> SSHKey
    {
        let path = folder.path + "/\(name).key"
        try await TestCommand.run("ssh-keygen", ["-q", "-t", type, "-N", "", "-C", name, "-f", path])
        let line = try String(contentsOfFile: path + ".pub", encoding: .utf8).split(separator: " ")
        let shown = try await TestCommand.run("ssh-keygen", ["-l", "-f", path + ".pub"]).split(separator: " ")
        return SSHKey(
            path: path, publicKey: line.prefix(2).joined(separator: " "), fingerprint: String(shown[1]))
    }

    package var signer: Signer { Self.signer(path) }

    /// - Parameter file: a private key, or a certificate beside one.
    package static func signer(_ file: String) -> Signer {
        Signer(settings: ["gpg.format=ssh", "user.signingkey=\(file)"])
    }

    /// Signs any text for any purpose.
    package func sign(_ text: String, for namespace: String, in folder: ScratchFolder) async throws -> String {
        let file = try folder.write("signed-\(UUID().uuidString)", text)
        try await TestCommand.run("ssh-keygen", ["-q", "-Y", "sign", "-n", namespace, "-f", path, file])
        return try String(contentsOfFile: file + ".sig", encoding: .utf8)
    }
}
