import Drivers
import FoundationEssentials
import ReconcileTesting
import Reconciler
import Testing

@Suite("the daemon and signatures", .serialized, .timeLimit(.minutes(4)))
struct TrustTests {
    /// A bed with a repository, a key that is trusted, one that is not, and the configuration that says so.
    private func with(_ body: (Trusted) async throws -> Void) async throws {
        try await Bed.with { bed in
            let trusted = Trusted(
                bed: bed, repository: try await ScratchRepository.make(at: bed.folder.path + "/repo.git"),
                alice: try await SSHKey.make(in: bed.folder, "alice"),
                mallory: try await SSHKey.make(in: bed.folder, "mallory"))
            let signers = try bed.folder.write("trust/signers", "alice@example.org \(trusted.alice.publicKey)\n")
            try bed.folder.write(
                "config.yaml",
                """
                source:
                  repository: \(trusted.repository.url)
                  allowInsecure: true
                  interval: 1s
                  verify: {mode: head, allowedSignersFile: \(signers)}
                """)
            try await body(trusted)
        }
    }

    private struct Trusted {
        let bed: Bed
        let repository: ScratchRepository
        let alice: SSHKey
        let mallory: SSHKey

        func arguments(_ more: String...) -> [String] {
            bed.arguments(more + ["--config", bed.folder.path + "/config.yaml"], throughProxy: false)
        }

        func commit(replicas: Int, by signer: Signer, parents: [String] = []) async throws -> String {
            try await repository.commit(
                ["pool.yaml": .file(bed.pool()), "web.yaml": .file(bed.workload("web", replicas: replicas))],
                by: signer,
                parents: parents)
        }
    }

    @Test("a commit by a stranger is held while the old revision is kept; the next one that is signed is followed")
    func daemon() async throws {
        try await with { t in
            let first = try await t.commit(replicas: 1, by: t.alice.signer)
            _ = try await t.bed.program.running(t.arguments()) { process in
                let daemon = RunningDaemon(process: process, bed: t.bed)
                try await daemon.awaitConvergence(on: first)
                let signer = "alice@example.org (ssh \(t.alice.fingerprint))"
                try await daemon.awaitStatus("signed") { $0.source?.signers == [signer] }
                let text = try await process.tell(["status"], stateDirectory: t.bed.stateDirectory)
                #expect(text.output.contains("source    Current: signed by \(signer)\n"), "\(text)")

                let evil = try await t.commit(replicas: 3, by: t.mallory.signer, parents: [first])
                let held = try await daemon.awaitStatus("held") { $0.source?.state == .keyUnknown }
                #expect(held.source?.candidate == evil)
                #expect(held.revision?.id == first)
                let before = try #require(try await t.bed.members().first)
                #expect(try await t.bed.members().count == 1)
                let shown = try await process.tell(["status"], stateDirectory: t.bed.stateDirectory)
                let line =
                    "source    KeyUnknown: commit \(evil.prefix(7)) is signed by the ssh key \(t.mallory.fingerprint)"
                #expect(shown.output.contains(line), "\(shown)")
                #expect(shown.output.contains("; \(first.prefix(7)) stays in force"), "\(shown)")
                // Drift is still repaired.
                try await t.bed.engine.send(.post, "/containers/\(before.id)/kill")
                try await eventually("the container runs again") {
                    let member = try await t.bed.engine.inspect(before.id)
                    return member.state.status == "running" && member.state.startedAt != before.state.startedAt
                }
                // What a stranger did in between is vouched for by whoever signs on top of it.
                let last = try await t.commit(replicas: 2, by: t.alice.signer, parents: [evil])
                try await daemon.awaitConvergence(on: last)
                #expect(try await t.bed.members().count == 2)
            }
        }
    }

    @Test("--once and --dry-run say why, end with their code for held, and change nothing")
    func once() async throws {
        try await with { t in
            _ = try await t.commit(replicas: 1, by: .nobody)
            for mode in ["--once", "--dry-run"] {
                let ending = try await t.bed.program.run(t.arguments(mode))
                #expect(ending.exitCode == 4, "\(ending)")
                #expect(ending.errors.contains("held: SignatureMissing: commit "), "\(ending)")
            }
            #expect(try await t.bed.members().isEmpty)
            let signed = try await t.commit(replicas: 1, by: t.alice.signer)
            let ending = try await t.bed.program.run(t.arguments("--once"))
            #expect(ending.exitCode == 0, "\(ending)")
            #expect(try await t.bed.members().count == 1)
            // A signed commit that is older, or of another history, is still not a newer one.
            _ = try await t.commit(replicas: 0, by: t.alice.signer)
            let old = try await t.bed.program.run(t.arguments("--once"))
            #expect(old.exitCode == 4 && old.errors.contains("held: HistoryRewritten"), "\(old)")
            #expect(try await t.bed.members().count == 1)
            #expect(ending.output.contains(signed.prefix(7)))
        }
    }

    @Test("a daemon whose keys cannot be read does not start, and says which file and why")
    func noKeys() async throws {
        try await with { t in
            try FileManager.default.removeItem(atPath: t.bed.folder.path + "/trust/signers")
            for mode in [[], ["--once"], ["--dry-run"]] {
                let ending = try await t.bed.program.run(
                    t.bed.arguments(mode + ["--config", t.bed.folder.path + "/config.yaml"]))
                #expect(ending.exitCode == 1, "\(ending)")
                #expect(ending.errors.contains("source.verify.allowedSignersFile: the file '"), "\(ending)")
            }
        }
    }
}
