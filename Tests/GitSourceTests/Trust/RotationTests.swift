import FoundationEssentials
import GitSource
import ReconcileTesting
import Reconciler
import Specs
import Synchronization
import Testing

@Suite("keys that change")
struct RotationTests {
    private static func day(_ text: String) throws -> Instant { try Instant.parse("\(text)T12:00:00Z") }

    @Test("an old key ends, a new one begins, and between them both count")
    func windows() async throws {
        try await TrustBench.with { bench in
            try bench.allow(
                #"alice valid-before="20300701" \#(bench.alice.publicKey)"#,
                #"alice valid-after="20300101" \#(bench.mallory.publicKey)"#)
            let clock = Mutex(try Self.day("2029-12-01"))
            let source = try bench.source(now: { clock.withLock { $0 } })
            func state(_ key: SSHKey, _ day: String) async throws -> SourceStatus.State? {
                _ = try await bench.commit(by: key.signer, day)
                let now = try Self.day(day)
                clock.withLock { $0 = now }
                return try await source.fetch(accepted: nil).refusal?.state
            }
            #expect(try await state(bench.alice, "2029-12-01") == nil)
            #expect(try await state(bench.mallory, "2029-12-02") == .keyNotYetValid)
            #expect(try await state(bench.alice, "2030-03-01") == nil)
            #expect(try await state(bench.mallory, "2030-03-02") == nil)
            #expect(try await state(bench.alice, "2030-08-01") == .keyExpired)
            #expect(try await state(bench.mallory, "2030-08-02") == nil)
        }
    }

    @Test("the files are read anew for every fetch, and what is wrong with them then is told")
    func reread() async throws {
        try await TrustBench.with { bench in
            let source = try bench.source()
            let id = try await bench.commit()
            #expect(try await source.fetch(accepted: nil).signers?.count == 1)
            // Also for what is in force.
            #expect(try await source.fetch(accepted: id).signers?.count == 1)
            try bench.allow("mallory \(bench.mallory.publicKey)")
            expectRefused(.keyUnknown, try await source.fetch(accepted: id))
            try bench.allow("alice \(bench.alice.publicKey)")
            #expect(try await source.fetch(accepted: id).signers?.count == 1)
            try FileManager.default.removeItem(atPath: bench.allowedSigners)
            let message = await expect(.invalidConfiguration, source, accepted: id)
            #expect(message.contains("allowed_signers' cannot be opened"))
            try bench.allow("alice \(bench.alice.publicKey)")
            #expect(try await source.fetch(accepted: id).signers?.count == 1)
        }
    }

    @Test("a list of revoked keys works from the next fetch on")
    func revocation() async throws {
        try await TrustBench.with { bench in
            var settings = bench.settings
            settings.revokedKeysFile = try bench.folder.write("trust/revoked", "# nobody\n")
            let source = try bench.source(settings)
            let id = try await bench.commit()
            #expect(try await source.fetch(accepted: nil).signers?.count == 1)
            try bench.folder.write("trust/revoked", bench.alice.publicKey + "\n")
            expectRefused(.keyRevoked, try await source.fetch(accepted: id))
        }
    }

    @Test("a key that ends is not held against what is in force, as long as nothing else changes")
    func inForce() async throws {
        try await TrustBench.with { bench in
            try bench.allow(#"alice valid-before="20300701" \#(bench.alice.publicKey)"#)
            let clock = Mutex(try Self.day("2030-01-01"))
            let source = try bench.source(now: { clock.withLock { $0 } })
            let id = try await bench.commit()
            #expect(try await source.fetch(accepted: nil).signers?.count == 1)
            let later = try Self.day("2031-01-01")
            clock.withLock { $0 = later }
            #expect(try await source.fetch(accepted: id).signers?.count == 1)
            expectRefused(.keyExpired, try await source.fetch(accepted: nil))
            _ = try await bench.commit("2", parents: [id])
            expectRefused(.keyExpired, try await source.fetch(accepted: id))
        }
    }

    @Test("what is older than it may be is refused, unless it is in force")
    func age() async throws {
        try await TrustBench.with { bench in
            let clock = Mutex(TrustBench.now())
            var settings = bench.settings
            settings.maxCommitAge = .seconds(86_400)
            let source = try bench.source(settings, now: { clock.withLock { $0 } })
            let id = try await bench.commit()
            #expect(try await source.fetch(accepted: nil).signers?.count == 1)
            clock.withLock { $0 = $0.advanced(bySeconds: 2 * 86_400) }
            let message = expectRefused(.commitTooOld, try await source.fetch(accepted: nil))
            #expect(message.contains("longer ago than source.verify.maxCommitAge of 24h"), "\(message)")
            #expect(try await source.fetch(accepted: id).signers?.count == 1)
        }
    }
}
