import FoundationEssentials
import GitSource
import Glibc
import ReconcileTesting
import Reconciler
import Testing

@Suite("the files that say whom to trust")
struct TrustFileTests {
    /// A way in which a setting or a file is not as it must be.
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// What the message must say, with the setting, the file and the remedy.
        let names: [String]
        let prepare: @Sendable (TrustBench) async throws -> SourceVerification

        init(
            _ name: String, _ names: [String],
            _ prepare: @escaping @Sendable (TrustBench) async throws -> SourceVerification
        ) {
            testDescription = name
            self.names = names
            self.prepare = prepare
        }

        private static func signers(_ path: String) -> SourceVerification {
            SourceVerification(mode: .head, allowedSignersFile: path)
        }

        private static func ring(_ path: String) -> SourceVerification {
            SourceVerification(mode: .head, keyringFile: path)
        }

        static let settings: [Case] = [
            Case("a mode without keys", ["source.verify.mode is 'tag', and no keys are named", "allowedSignersFile"]) {
                _ in
                SourceVerification(mode: .tag)
            },
            Case(
                "revoked keys alone", ["revokedKeysFile is about ssh keys, and needs source.verify.allowedSignersFile"]
            ) {
                bench in
                SourceVerification(mode: .head, revokedKeysFile: bench.allowedSigners)
            },
            Case("fingerprints alone", ["fingerprints choose among OpenPGP keys, and need source.verify.keyringFile"]) {
                bench in
                SourceVerification(
                    mode: .head, allowedSignersFile: bench.allowedSigners,
                    fingerprints: [String(repeating: "A", count: 40)])
            },
            Case("a short key id", ["'84BA37362A3BEA3A' must be the whole fingerprint"]) { bench in
                SourceVerification(
                    mode: .head, keyringFile: bench.allowedSigners, fingerprints: ["84BA37362A3BEA3A"])
            },
        ]

        static let files: [Case] = [
            Case(
                "missing",
                ["source.verify.allowedSignersFile", "'/nonexistent/signers' cannot be opened: no such file"]
            ) { _ in
                signers("/nonexistent/signers")
            },
            Case("a relative path", ["'signers' must be named by its full path"]) { _ in signers("signers") },
            Case("a folder", ["is not a regular file"]) { bench in signers(bench.folder.path) },
            Case("empty", ["names no key: it needs a line for each signer, such as: alice@example.org"]) { bench in
                signers(try bench.folder.write("trust/none", ""))
            },
            Case("comments only", ["names no key"]) { bench in signers(try bench.folder.write("trust/none", "# me\n\n"))
            },
            Case("a key without a name", ["holds in line 2 no signer: each line needs a name and a public key"]) {
                bench in
                signers(try bench.folder.write("trust/bad", "# me\n\(bench.alice.publicKey)\n"))
            },
            Case("a key cut short", ["holds in line 1 no signer"]) { bench in
                signers(try bench.folder.write("trust/bad", "alice \(bench.alice.publicKey.dropLast(9))\n"))
            },
            Case("others may write it", ["has mode 0666, so that others may write it: chmod go-w"]) { bench in
                signers(try bench.folder.write("trust/loose", "alice \(bench.alice.publicKey)\n", mode: 0o666))
            },
            Case("others may write its folder", ["where others may write: put it where only root may"]) { bench in
                let file = try bench.folder.write("loose/signers", "alice \(bench.alice.publicKey)\n")
                try await TestCommand.run("chmod", ["777", bench.folder.path + "/loose"])
                return signers(file)
            },
            Case("a link to what others may write", ["has mode 0622"]) { bench in
                let file = try bench.folder.write("trust/loose", "alice \(bench.alice.publicKey)\n", mode: 0o622)
                try await TestCommand.run("ln", ["-s", file, bench.folder.path + "/link"])
                return signers(bench.folder.path + "/link")
            },
            Case("a link in a folder where others may write", ["/loose', where others may write"]) { bench in
                let file = try bench.folder.write("trust/firm", "alice \(bench.alice.publicKey)\n")
                let folder = bench.folder.path + "/loose"
                try await TestCommand.run("mkdir", ["-m", "777", folder])
                try await TestCommand.run("ln", ["-s", file, folder + "/link"])
                return signers(folder + "/link")
            },
            Case("a link to a folder by way of one where others may write", ["/loose', where others may write"]) {
                bench in
                try bench.folder.write("trust/firm", "alice \(bench.alice.publicKey)\n")
                let folder = bench.folder.path + "/loose"
                try await TestCommand.run("mkdir", ["-m", "777", folder])
                try await TestCommand.run("ln", ["-s", "../trust", folder + "/there"])
                try await TestCommand.run("ln", ["-s", "loose/there", bench.folder.path + "/here"])
                return signers(bench.folder.path + "/here/firm")
            },
            Case("a link to itself", ["cannot be opened"]) { bench in
                try await TestCommand.run("ln", ["-s", "round", bench.folder.path + "/round"])
                return signers(bench.folder.path + "/round")
            },
            Case("in a clone of the repository", ["a copy of the repository that it is to protect", "/etc/reconcile"]) {
                bench in
                let clone = bench.folder.path + "/clone"
                _ = try await bench.commit()
                try await TestCommand.run("git", ["clone", "--quiet", bench.repository.path, clone])
                return signers(try bench.folder.write("clone/trust/signers", "alice \(bench.alice.publicKey)\n"))
            },
            Case("in the repository itself", ["a copy of the repository that it is to protect"]) { bench in
                let file = bench.repository.path + "/signers"
                try Data("alice \(bench.alice.publicKey)\n".utf8).write(to: URL(filePath: file))
                return signers(file)
            },
            Case("an empty keyring", ["source.verify.keyringFile", "holds no key: write it with 'gpg --export"]) {
                bench in
                ring(try bench.folder.write("trust/ring", "\n"))
            },
            Case("a keyring of something else", ["is no OpenPGP keyring: write it with"]) { bench in
                ring(bench.allowedSigners)
            },
            Case("armour without a key", ["is no OpenPGP keyring"]) { bench in
                ring(
                    try bench.folder.write(
                        "trust/ring", "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n!!\n-----END PGP PUBLIC KEY BLOCK-----\n"
                    ))
            },
            Case("revoked keys that ssh cannot read", ["source.verify.revokedKeysFile", "is neither a list made by"]) {
                bench in
                var settings = signers(bench.allowedSigners)
                settings.revokedKeysFile = try bench.folder.write("trust/revoked", "alice\n")
                return settings
            },
        ]
    }

    @Test("settings that lack a part are refused at the start", arguments: Case.settings)
    func partialSettings(_ c: Case) async throws { try await check(c) }

    @Test("a file that is not as it must be is refused at the start, with what would be right", arguments: Case.files)
    func badFiles(_ c: Case) async throws { try await check(c) }

    private func check(_ c: Case) async throws {
        try await TrustBench.with { bench in
            let settings = try await c.prepare(bench)
            let error = #expect(throws: SourceError.self) { try bench.source(settings) }
            #expect(error?.code == .invalidConfiguration)
            for name in c.names { #expect(error?.message.contains(name) == true, "\(error?.message ?? "")") }
        }
    }

    @Test("a file of somebody else is refused", .enabled(if: geteuid() == 0, "only root can give a file away"))
    func owner() async throws {
        try await TrustBench.with { bench in
            chown(bench.allowedSigners, 12_345, 12_345)
            let error = #expect(throws: SourceError.self) { try bench.source() }
            #expect(error?.message.contains("belongs to user 12345: it must belong to root or to user 0") == true)
        }
    }

    @Test("keys in a clone of another repository are nobody's business")
    func otherClone() async throws {
        try await TrustBench.with { bench in
            _ = try await bench.commit()
            let other = try await ScratchRepository.make(at: bench.folder.path + "/served/other.git")
            try await TestCommand.run("git", ["clone", "--quiet", other.path, bench.folder.path + "/etc"])
            let file = try bench.folder.write("etc/signers", "alice \(bench.alice.publicKey)\n")
            let snapshot = try await bench.source(SourceVerification(mode: .head, allowedSignersFile: file))
                .fetch(accepted: nil)
            #expect(snapshot.signers?.count == 1)
        }
    }

    @Test(
        "a clone is known by any address of the same repository",
        arguments: [
            ("https://git.example.com/a/specs.git", "git@git.example.com:a/specs.git", true),
            ("https://git.example.com/a/specs", "ssh://git@GIT.example.com:2222/a/specs.git/", true),
            ("https://git.example.com/a/specs", "https://git.example.com/b/specs", false),
            ("https://git.example.com/a/specs", "https://other.example.com/a/specs", false),
        ])
    func addresses(url: String, remote: String, isRefused: Bool) async throws {
        try await TrustBench.with { bench in
            try bench.folder.write("clone/.git/config", "[remote \"origin\"]\n\turl = \(remote)\n")
            let file = try bench.folder.write("clone/signers", "alice \(bench.alice.publicKey)\n")
            let settings = SourceVerification(mode: .head, allowedSignersFile: file)
            if isRefused {
                let error = #expect(throws: SourceError.self) { try bench.source(settings) { $0.url = url } }
                #expect(error?.message.contains("a copy of the repository") == true)
            } else {
                _ = try bench.source(settings) { $0.url = url }
            }
        }
    }
}
