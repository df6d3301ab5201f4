import FoundationEssentials
import GitSource
import Logging
import ReconcileTesting
import Reconciler
import Specs
import Testing

/// A repository, the files that say whom to trust, and two keys: one that they name and one that they do not.
struct TrustBench: Sendable {
    let world: World
    let alice: SSHKey
    let mallory: SSHKey

    static func with(_ body: (TrustBench) async throws -> Void) async throws {
        try await World.with { world in
            let bench = TrustBench(
                world: world, alice: try await SSHKey.make(in: world.folder, "alice"),
                mallory: try await SSHKey.make(in: world.folder, "mallory"))
            try bench.allow(#"alice@example.org namespaces="git" \#(bench.alice.publicKey)"#)
            try await body(bench)
        }
    }

    var folder: ScratchFolder { world.folder }
    var repository: ScratchRepository { world.repository }
    var allowedSigners: String { folder.path + "/trust/allowed_signers" }

    /// Replaces the lines of the allowed signers file.
    func allow(_ lines: String...) throws {
        try folder.write("trust/allowed_signers", lines.map { $0 + "\n" }.joined(), mode: 0o644)
    }

    /// A first commit, signed by alice.
    func commit(by signer: Signer? = nil, _ text: String = "1", parents: [String] = []) async throws -> String {
        try await repository.commit(["a.yaml": .file(text)], by: signer ?? alice.signer, parents: parents)
    }

    var settings: SourceVerification { SourceVerification(mode: .head, allowedSignersFile: allowedSigners) }

    func source(
        _ settings: SourceVerification? = nil, _ change: (inout GitSourceConfiguration) -> Void = { _ in },
        now: @escaping @Sendable () -> Instant = Self.now
    ) throws -> GitSource {
        let configuration = world.configuration {
            $0.verification = settings ?? self.settings
            change(&$0)
        }
        return try GitSource(configuration, logger: Logger(label: "test"), environment: [:], now: now)
    }

    @Sendable static func now() -> Instant { Instant(secondsSince1970: Int64(Date().timeIntervalSince1970)) }

    /// Moves the branch to a commit that is this text.
    func push(_ commit: String) async throws {
        try await repository.git("update-ref", "refs/heads/main", try await repository.write(commit))
    }
}

extension SourceSnapshot {
    /// Why it is refused; nil when it is not.
    var refusal: VerificationFailure? {
        if case .refused(let failure) = verification { failure } else { nil }
    }

    /// Who signed it; nil when that is in doubt or nobody asked.
    var signers: [String]? {
        if case .verified(let signers) = verification { signers } else { nil }
    }
}

/// Expects a revision without files, for this reason, and returns the message.
@discardableResult
func expectRefused(
    _ state: SourceStatus.State, _ snapshot: SourceSnapshot, sourceLocation: SourceLocation = #_sourceLocation
) -> String {
    #expect(snapshot.refusal?.state == state, "\(snapshot.verification)", sourceLocation: sourceLocation)
    #expect(snapshot.files.isEmpty, sourceLocation: sourceLocation)
    return snapshot.refusal?.message ?? ""
}
