import FoundationEssentials
import GitSource
import ReconcileTesting
import Reconciler
import Specs
import Testing

@Suite("commits signed with ssh")
struct SSHTrustTests {
    @Test("a commit by a listed key is verified, and says by whom", arguments: ["ed25519", "rsa", "ecdsa"])
    func good(type: String) async throws {
        try await TrustBench.with { bench in
            let key = try await SSHKey.make(in: bench.folder, "key-\(type)", type: type)
            try bench.allow("# people", "", "bob,robert \(key.publicKey) bob's laptop")
            let id = try await bench.commit(by: key.signer)
            let snapshot = try await bench.source().fetch(accepted: nil)
            #expect(snapshot.signers == ["bob (ssh \(key.fingerprint))"], "\(snapshot.verification)")
            #expect(snapshot.revision.id == id)
            #expect(snapshot.texts == ["a.yaml": "1"])
            #expect(snapshot.ancestry == .none)
            #expect(snapshot.commit?.subject == "change")
            #expect(snapshot.commit?.author == "A <a@example.org>")
        }
    }

    @Test("a key may have a line for each of its purposes, in any order", arguments: ["alice", "alice-files"])
    func severalLines(other: String) async throws {
        try await TrustBench.with { bench in
            try bench.allow(
                #"\#(other) namespaces="file" \#(bench.alice.publicKey)"#,
                #"alice namespaces="git",valid-before="20200101" \#(bench.alice.publicKey)"#,
                #"alice namespaces="git" \#(bench.alice.publicKey)"#)
            _ = try await bench.commit()
            let snapshot = try await bench.source().fetch(accepted: nil)
            #expect(snapshot.signers == ["alice (ssh \(bench.alice.fingerprint))"], "\(snapshot.verification)")
        }
    }

    @Test("a certificate counts for whoever its authority says, until the authority is revoked or unknown")
    func certificate() async throws {
        try await TrustBench.with { bench in
            let authority = try await SSHKey.make(in: bench.folder, "authority")
            try await TestCommand.run(
                "ssh-keygen",
                ["-q", "-s", authority.path, "-I", "id", "-n", "bob@example.org", bench.mallory.path + ".pub"])
            let certificate = bench.mallory.path + "-cert.pub"
            let id = try await bench.commit(by: SSHKey.signer(certificate))
            let message = expectRefused(.keyUnknown, try await bench.source().fetch(accepted: nil))
            #expect(message.contains("an ssh certificate, whose authority"), "\(message)")
            try bench.allow(#"*@example.org cert-authority,namespaces="git" \#(authority.publicKey)"#)
            let snapshot = try await bench.source().fetch(accepted: nil)
            #expect(snapshot.signers == ["bob@example.org (ssh certificate)"], "\(snapshot.verification)")
            var settings = bench.settings
            settings.revokedKeysFile = try bench.folder.write("trust/revoked", authority.publicKey + "\n")
            expectRefused(.keyRevoked, try await bench.source(settings).fetch(accepted: id))
        }
    }

    /// One way to be refused.
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let state: SourceStatus.State
        /// What the message must say.
        let names: String
        let prepare: @Sendable (TrustBench) async throws -> SourceVerification?

        init(
            _ name: String, _ state: SourceStatus.State, _ names: String,
            _ prepare: @escaping @Sendable (TrustBench) async throws -> SourceVerification?
        ) {
            testDescription = name
            self.state = state
            self.names = names
            self.prepare = prepare
        }
    }

    static let keys: [Case] = [
        Case("no signature", .signatureMissing, "is not signed: sign a new one with 'git commit -S'") { bench in
            _ = try await bench.commit(by: .nobody)
            return nil
        },
        Case("an unknown key", .keyUnknown, "does not name: add a line for it if") { bench in
            _ = try await bench.commit(by: bench.mallory.signer)
            return nil
        },
        Case("a key whose time is over", .keyExpired, "(valid-before): sign a new commit with a present key") { bench in
            try bench.allow(#"alice valid-before="20200101" \#(bench.alice.publicKey)"#)
            _ = try await bench.commit()
            return nil
        },
        Case("a key whose time is to come", .keyNotYetValid, "(valid-after)") { bench in
            try bench.allow(#"alice valid-after="20900101" \#(bench.alice.publicKey)"#)
            _ = try await bench.commit()
            return nil
        },
        Case("a key that is for files only", .keyNotAllowed, "do not hold 'git': add it there") { bench in
            try bench.allow(#"alice namespaces="file,mail" \#(bench.alice.publicKey)"#)
            _ = try await bench.commit()
            return nil
        },
        Case("a key that is on a list of revoked keys", .keyRevoked, "revokes: sign a new commit") { bench in
            _ = try await bench.commit()
            let list = try bench.folder.write("trust/revoked", "# lost\n\(bench.alice.publicKey) alice\n")
            var settings = bench.settings
            settings.revokedKeysFile = list
            return settings
        },
        Case("a key that a revocation list of ssh names", .keyRevoked, "revokes: sign a new commit") { bench in
            _ = try await bench.commit()
            var settings = bench.settings
            settings.revokedKeysFile = bench.folder.path + "/trust/krl"
            try await TestCommand.run(
                "ssh-keygen", ["-q", "-k", "-f", bench.folder.path + "/trust/krl", bench.alice.path + ".pub"])
            return settings
        },
        Case("a merge by somebody who is not listed", .keyUnknown, "does not name") { bench in
            let first = try await bench.commit()
            let left = try await bench.commit("left", parents: [first])
            let right = try await bench.commit("right", parents: [first])
            _ = try await bench.commit(by: bench.mallory.signer, "both", parents: [left, right])
            return nil
        },
        Case("a signature of OpenPGP, which nobody may make", .keyUnknown, "set source.verify.keyringFile") { bench in
            let commit = try await bench.repository.text(of: try await bench.commit())
            try await bench.push(commit.replacing("SSH SIGNATURE", with: "PGP SIGNATURE"))
            return nil
        },
    ]

    static let forgeries: [Case] = [
        Case("a commit that was changed", .signatureInvalid, "it was changed after it was signed") { bench in
            let commit = try await bench.repository.text(of: try await bench.commit())
            try await bench.push(commit.replacing("change", with: "chance"))
            return nil
        },
        Case("another tree under the same signature", .signatureInvalid, "does not fit commit") { bench in
            let commit = try await bench.repository.text(of: try await bench.commit())
            let tree = try await bench.repository.tree(["a.yaml": "evil"])
            try await bench.push("tree \(tree)" + commit.dropFirst(45))
            return nil
        },
        Case("the signature of another commit", .signatureInvalid, "was taken from elsewhere") { bench in
            let one = try await bench.repository.text(of: try await bench.commit())
            let two = try await bench.repository.text(of: try await bench.commit("2"))
            let (first, second) = (try #require(Signed(one)), try #require(Signed(two)))
            try await bench.push(first.with(second.signature))
            return nil
        },
        Case("a signature that was made for files", .wrongNamespace, "was made for 'file', not for 'git'") { bench in
            let commit = try #require(Signed(try await bench.repository.text(of: try await bench.commit())))
            try await bench.push(
                commit.with(try await bench.alice.sign(commit.payload, for: "file", in: bench.folder)))
            return nil
        },
        Case("two signatures", .signatureInvalid, "more than one signature") { bench in
            let commit = try #require(Signed(try await bench.repository.text(of: try await bench.commit())))
            try await bench.push(commit.with(commit.signature, commit.signature))
            return nil
        },
        Case("two signatures in one", .signatureInvalid, "more than one block") { bench in
            let commit = try #require(Signed(try await bench.repository.text(of: try await bench.commit())))
            try await bench.push(commit.with(commit.signature + commit.signature))
            return nil
        },
        Case("more lines after the signature", .signatureInvalid, "or has more behind it") { bench in
            let commit = try #require(Signed(try await bench.repository.text(of: try await bench.commit())))
            try await bench.push(commit.with(commit.signature + "by the boss\n"))
            return nil
        },
        Case("a signature of 100 KB", .signatureInvalid, "where 65536 are allowed") { bench in
            let commit = try #require(Signed(try await bench.repository.text(of: try await bench.commit())))
            let padding = String(repeating: String(repeating: "A", count: 70) + "\n", count: 1_500)
            try await bench.push(
                commit.with(commit.signature.replacing("-----END", with: padding + "-----END")))
            return nil
        },
        Case("base64 that is no signature", .signatureInvalid, "is not one of ssh") { bench in
            let commit = try #require(Signed(try await bench.repository.text(of: try await bench.commit())))
            try await bench.push(
                commit.with("-----BEGIN SSH SIGNATURE-----\nAAAAAAAA\n-----END SSH SIGNATURE-----\n"))
            return nil
        },
        Case("a signature of X.509", .signatureInvalid, "X.509 is not supported") { bench in
            let commit = try #require(Signed(try await bench.repository.text(of: try await bench.commit())))
            try await bench.push(commit.with("-----BEGIN SIGNED MESSAGE-----\nAAAA\n-----END SIGNED MESSAGE-----\n"))
            return nil
        },
        Case("a signature for another kind of repository", .signatureInvalid, "another kind of repository") { bench in
            let commit = try await bench.repository.text(of: try await bench.commit())
            try await bench.push(commit.replacing("gpgsig -----", with: "gpgsig-sha256 -----"))
            return nil
        },
        Case("an empty signature", .signatureInvalid, "is neither one of OpenPGP nor one of ssh") { bench in
            let commit = try #require(Signed(try await bench.repository.text(of: try await bench.commit())))
            try await bench.push(commit.with("\n"))
            return nil
        },
    ]

    @Test("whoever may not sign is refused, with the reason and what to do", arguments: keys)
    func keysThatMayNot(_ c: Case) async throws { try await check(c) }

    @Test("what does not fit is refused", arguments: forgeries)
    func whatDoesNotFit(_ c: Case) async throws { try await check(c) }

    private func check(_ c: Case) async throws {
        try await TrustBench.with { bench in
            let settings = try await c.prepare(bench)
            let snapshot = try await bench.source(settings).fetch(accepted: nil)
            let message = expectRefused(c.state, snapshot)
            #expect(message.contains(c.names), "\(message)")
        }
    }

    @Test("empty lines after a signature, as forges write them, do no harm")
    func emptyLines() async throws {
        try await TrustBench.with { bench in
            let commit = try #require(Signed(try await bench.repository.text(of: try await bench.commit())))
            try await bench.push(commit.with(commit.signature + "\n"))
            let snapshot = try await bench.source().fetch(accepted: nil)
            #expect(snapshot.signers?.count == 1, "\(snapshot.verification)")
        }
    }

    @Test("a server that is reached over the network serves signed commits as well, and git agrees with us about them")
    func served() async throws {
        try await TrustBench.with { bench in
            let first = try await bench.commit()
            try await GitHTTPServer.with(root: bench.folder.path + "/served") { server in
                let source = try bench.source { $0.url = server.url + "/origin.git" }
                #expect(try await source.fetch(accepted: nil).signers?.count == 1)
                _ = try await bench.commit(by: bench.mallory.signer, "2", parents: [first])
                let snapshot = try await source.fetch(accepted: first)
                expectRefused(.keyUnknown, snapshot)
                let git = ["-C", bench.repository.path, "-c", "gpg.ssh.allowedSignersFile=\(bench.allowedSigners)"]
                try await TestCommand.run("git", git + ["verify-commit", first])
                await #expect(throws: TestCommand.Failure.self) {
                    try await TestCommand.run("git", git + ["verify-commit", snapshot.revision.id])
                }
            }
        }
    }

    @Test("a signed commit that is not the one asked for, or is older, descends from nothing")
    func descent() async throws {
        try await TrustBench.with { bench in
            let first = try await bench.commit("1")
            let second = try await bench.commit("2", parents: [first])
            let side = try await bench.commit("side", parents: [first])
            let merge = try await bench.commit("merged", parents: [side, second])
            let last = try await bench.commit("3", parents: [merge])
            let source = try bench.source()
            for accepted in [first, second, side, merge] {
                let snapshot = try await source.fetch(accepted: accepted)
                #expect(snapshot.ancestry == .descendant)
                #expect(snapshot.signers?.count == 1)
            }
            #expect(try await source.fetch(accepted: last).ancestry == .same)
            try await bench.repository.git("update-ref", "refs/heads/main", first)
            let old = try await source.fetch(accepted: last)
            #expect(old.signers?.count == 1)
            #expect(old.ancestry == .rewritten)
        }
    }
}

/// A commit as text, taken apart around its signature.
struct Signed {
    let payload: String
    let signature: String

    init?(_ commit: String) {
        guard let start = commit.firstRange(of: "gpgsig ") else { return nil }
        let lines = commit[start.upperBound...].split(separator: "\n", omittingEmptySubsequences: false)
        let inner = lines.dropFirst().prefix { $0.hasPrefix(" ") }
        signature = ([String(lines[0])] + inner.map { String($0.dropFirst()) }).map { $0 + "\n" }.joined()
        payload = commit[..<start.lowerBound] + lines.dropFirst(1 + inner.count).joined(separator: "\n")
    }

    /// The commit with these signatures in place of its own.
    func with(_ signatures: String...) -> String {
        guard let end = payload.firstRange(of: "\n\n") else { return payload }
        let headers = signatures.map { signature in
            "gpgsig " + signature.dropLast().replacing("\n", with: "\n ") + "\n"
        }
        return payload[...end.lowerBound] + headers.joined() + payload[payload.index(after: end.lowerBound)...]
    }
}
