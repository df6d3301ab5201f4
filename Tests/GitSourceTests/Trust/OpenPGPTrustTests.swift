import FoundationEssentials
import GitSource
import ReconcileTesting
import Reconciler
import Testing

@Suite("commits signed with OpenPGP")
struct OpenPGPTrustTests {
    /// A bench with a home of gpg.
    private func with(_ body: (TrustBench, GPGHome) async throws -> Void) async throws {
        try await TrustBench.with { bench in
            try await GPGHome.with(bench.folder) { home in try await body(bench, home) }
        }
    }

    private func settings(_ keyring: String, fingerprints: [String] = []) -> SourceVerification {
        SourceVerification(mode: .head, keyringFile: keyring, fingerprints: fingerprints)
    }

    @Test("a commit by a key of the keyring is verified", arguments: ["ed25519", "rsa2048"], [false, true])
    func good(algorithm: String, armoured: Bool) async throws {
        try await with { bench, home in
            let key = try await home.key("ada", algorithm: algorithm)
            let other = try await home.key("other")
            let ring = try await home.export([other, key], to: "ring", armoured: armoured)
            _ = try await bench.commit(by: try home.signer(key))
            let snapshot = try await bench.source(settings(ring, fingerprints: [key.lowercased()])).fetch(accepted: nil)
            #expect(snapshot.signers == ["OpenPGP \(key)"], "\(snapshot.verification)")
            #expect(snapshot.texts == ["a.yaml": "1"])
        }
    }

    @Test("a subkey signs for its primary key, whose fingerprint counts")
    func subkey() async throws {
        try await with { bench, home in
            let key = try await home.key("ada", usage: "cert")
            try await home.gpg("--quick-add-key", key, "ed25519", "sign", "never")
            _ = try await bench.commit(by: try home.signer(key))
            let ring = try await home.export([key], to: "ring")
            let snapshot = try await bench.source(settings(ring, fingerprints: [key])).fetch(accepted: nil)
            #expect(snapshot.signers == ["OpenPGP \(key)"], "\(snapshot.verification)")
        }
    }

    @Test("keys that were added to a keybox in place of a keyring count as well")
    func keybox() async throws {
        try await with { bench, home in
            let key = try await home.key("ada")
            _ = try await bench.commit(by: try home.signer(key))
            let box = home.path + "/pubring.kbx"
            let snapshot = try await bench.source(settings(box)).fetch(accepted: nil)
            #expect(snapshot.signers == ["OpenPGP \(key)"], "\(snapshot.verification)")
        }
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let state: SourceStatus.State
        let names: String
        /// Commits, and returns the settings.
        let prepare: @Sendable (TrustBench, GPGHome) async throws -> SourceVerification

        init(
            _ name: String, _ state: SourceStatus.State, _ names: String,
            _ prepare: @escaping @Sendable (TrustBench, GPGHome) async throws -> SourceVerification
        ) {
            testDescription = name
            self.state = state
            self.names = names
            self.prepare = prepare
        }

        private static func settings(_ keyring: String) -> SourceVerification {
            SourceVerification(mode: .head, keyringFile: keyring)
        }

        static let all: [Case] = [
            Case("an unknown key", .keyUnknown, "is not in ") { bench, home in
                let (key, other) = (try await home.key("ada"), try await home.key("other"))
                _ = try await bench.commit(by: try home.signer(key))
                return settings(try await home.export([other], to: "ring"))
            },
            Case(
                "a key of the keyring that is not among the fingerprints", .keyNotAllowed,
                "not among source.verify.fingerprints"
            ) {
                bench, home in
                let (key, other) = (try await home.key("ada"), try await home.key("other"))
                _ = try await bench.commit(by: try home.signer(key))
                var settings = settings(try await home.export([key, other], to: "ring"))
                settings.fingerprints = [other]
                return settings
            },
            Case("a key that has expired", .keyExpired, "which has expired: sign a new commit") { bench, home in
                let key = try await home.key("ada", expiry: "1y", at: "20200101T000000")
                _ = try await bench.commit(by: try home.signer(key, at: "20200601T000000"))
                return settings(try await home.export([key], to: "ring"))
            },
            Case("a key that is revoked", .keyRevoked, "which is revoked: sign a new commit with another key") {
                bench, home in
                let key = try await home.key("ada")
                _ = try await bench.commit(by: try home.signer(key))
                try await home.revoke(key)
                return settings(try await home.export([key], to: "ring"))
            },
            Case("a signature that has ended", .signatureExpired, "has ended: sign a new commit") { bench, home in
                let key = try await home.key("ada", at: "20200101T000000")
                _ = try await bench.commit(
                    by: try home.signer(key, at: "20200601T000000", options: ["--default-sig-expire", "1d"]))
                return settings(try await home.export([key], to: "ring"))
            },
            Case("a digest of SHA-1", .signatureTooWeak, "with a digest that can be forged") { bench, home in
                let key = try await home.key("ada", algorithm: "rsa2048")
                _ = try await bench.commit(by: try home.signer(key, options: ["--digest-algo", "SHA1"]))
                return settings(try await home.export([key], to: "ring"))
            },
            Case("two signatures", .signatureInvalid, "not exactly one signature of OpenPGP") { bench, home in
                let (key, other) = (try await home.key("ada"), try await home.key("other"))
                _ = try await bench.commit(by: try home.signer(key, options: ["--local-user", other]))
                return settings(try await home.export([key, other], to: "ring"))
            },
            Case("a signature of text, whose line ends do not count", .signatureInvalid, "cannot make anything of") {
                bench, home in
                let key = try await home.key("ada")
                _ = try await bench.commit(by: try home.signer(key, options: ["--textmode"]))
                return settings(try await home.export([key], to: "ring"))
            },
            Case("a commit that was changed", .signatureInvalid, "does not fit commit") { bench, home in
                let key = try await home.key("ada")
                let commit = try await bench.repository.text(of: try await bench.commit(by: try home.signer(key)))
                try await bench.push(commit.replacing("change", with: "chance"))
                return settings(try await home.export([key], to: "ring"))
            },
            Case("no signature", .signatureMissing, "is not signed") { bench, home in
                let key = try await home.key("ada")
                _ = try await bench.commit(by: .nobody)
                return settings(try await home.export([key], to: "ring"))
            },
            Case("a signature of ssh, which nobody may make", .keyUnknown, "set source.verify.allowedSignersFile") {
                bench, home in
                let key = try await home.key("ada")
                _ = try await bench.commit()
                return settings(try await home.export([key], to: "ring"))
            },
        ]
    }

    @Test("whatever else is refused, each for its own reason", arguments: Case.all)
    func refused(_ c: Case) async throws {
        try await with { bench, home in
            let settings = try await c.prepare(bench, home)
            let message = expectRefused(c.state, try await bench.source(settings).fetch(accepted: nil))
            #expect(message.contains(c.names), "\(message)")
        }
    }

    @Test("the keyring is read anew for every fetch: a new key comes in beside the old one, and the old one goes")
    func rotation() async throws {
        try await with { bench, home in
            let (old, new) = (try await home.key("ada"), try await home.key("ada-2027"))
            let ring = try await home.export([old], to: "ring")
            let source = try bench.source(settings(ring))
            let first = try await bench.commit(by: try home.signer(old))
            #expect(try await source.fetch(accepted: nil).signers == ["OpenPGP \(old)"])
            let second = try await bench.commit(by: try home.signer(new), "2", parents: [first])
            expectRefused(.keyUnknown, try await source.fetch(accepted: first))
            _ = try await home.export([old, new], to: "ring")
            #expect(try await source.fetch(accepted: first).signers == ["OpenPGP \(new)"])
            _ = try await bench.commit(by: try home.signer(old), "3", parents: [second])
            #expect(try await source.fetch(accepted: second).signers == ["OpenPGP \(old)"])
            try await home.revoke(old)
            _ = try await home.export([old, new], to: "ring")
            expectRefused(.keyRevoked, try await source.fetch(accepted: second))
            _ = try await home.export([new], to: "ring")
            expectRefused(.keyUnknown, try await source.fetch(accepted: second))
        }
    }

    @Test("both kinds of keys count side by side")
    func bothKinds() async throws {
        try await with { bench, home in
            let key = try await home.key("ada")
            var settings = bench.settings
            settings.keyringFile = try await home.export([key], to: "ring")
            let first = try await bench.commit()
            #expect(try await bench.source(settings).fetch(accepted: nil).signers?.first?.hasPrefix("alice") == true)
            _ = try await bench.commit(by: try home.signer(key), "2", parents: [first])
            #expect(try await bench.source(settings).fetch(accepted: first).signers == ["OpenPGP \(key)"])
        }
    }
}
