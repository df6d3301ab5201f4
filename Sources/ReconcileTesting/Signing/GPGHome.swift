import FoundationEssentials

/// A home of gpg for one test, with keys that no other test knows.
package struct GPGHome: Sendable {
    package let path: String
    private let folder: ScratchFolder

    /// Calls the body with an empty home; afterwards no agent of it runs any more.
    package static func with(_ folder: ScratchFolder, _ body: (GPGHome) async throws -> Void) async throws {
        let home = GPGHome(path: folder.path + "/gpg", folder: folder)
        try FileManager.default.createDirectory(
            atPath: home.path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        let outcome: Result<Void, any Error>
        do {
            try await body(home)
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        try await TestCommand.run("gpgconf", ["--homedir", home.path, "--kill", "all"])
        try outcome.get()
    }

    private static let settings = ["--batch", "--quiet", "--no-tty", "--pinentry-mode", "loopback", "--passphrase", ""]

    @discardableResult
    package func gpg(_ arguments: String..., at time: String? = nil, input: [UInt8] = []) async throws -> String {
        let clock = time.map { ["--faked-system-time", $0 + "!"] } ?? []
        return try await TestCommand.run(
            "gpg", ["--homedir", path] + Self.settings + clock + arguments, input: input)
    }

    /// Makes a key and returns its fingerprint.
    ///
    /// - Parameters:
    ///   - expiry: such as `1y`.
    ///   - time: when it is made, such as `20200101T000000`; now when nil.
    package func key(
        _ name: String, algorithm: String = "ed25519", usage: String = "sign", expiry: String = "never",
        at time: String? = nil
    ) async throws -> String {
        try await gpg("--quick-gen-key", "\(name) <\(name)@example.org>", algorithm, usage, expiry, at: time)
        return try await fingerprint(of: "\(name)@example.org")
    }

    package func fingerprint(of key: String) async throws -> String {
        let lines = try await gpg("--with-colons", "--list-keys", key).split(separator: "\n")
        let line = lines.first { $0.hasPrefix("fpr:") } ?? ""
        return line.split(separator: ":").last.map(String.init) ?? ""
    }

    /// Revokes a key with the certificate that gpg made beside it.
    package func revoke(_ fingerprint: String) async throws {
        let text = try String(contentsOfFile: "\(path)/openpgp-revocs.d/\(fingerprint).rev", encoding: .utf8)
        // gpg puts a colon before the block, against accidents.
        try await gpg("--import", input: Array(text.replacing(":-----BEGIN", with: "-----BEGIN").utf8))
    }

    /// Writes these keys to a file, which is readable by its owner alone.
    package func export(_ keys: [String], to name: String, armoured: Bool = false) async throws -> String {
        let file = folder.path + "/" + name
        var arguments = ["--homedir", path] + Self.settings + ["--yes", "--output", file]
        if armoured { arguments.append("--armor") }
        try await TestCommand.run("gpg", arguments + ["--export"] + keys)
        return file
    }

    /// - Parameter options: more for gpg, such as a weak digest.
    package func signer(_ key: String, at time: String? = nil, options: [String] = []) throws -> Signer {
        let clock = time.map { ["--faked-system-time", $0 + "!"] } ?? []
        let words = (["gpg", "--homedir", path] + Self.settings.filter { $0 != "--no-tty" } + clock + options).map {
            "'\($0)'"
        }
        let script = try folder.write(
            "gpg-\(UUID().uuidString)", "#!/bin/sh\nexec \(words.joined(separator: " ")) \"$@\"\n", mode: 0o700)
        return Signer(settings: ["gpg.format=openpgp", "gpg.program=\(script)", "user.signingkey=\(key)"])
    }
}
