import FoundationEssentials
import GitSource
import ReconcileTesting
import Reconciler
import Testing

@Suite("signed tags")
struct TagTrustTests {
    typealias Mode = SourceVerification.Mode

    /// Who signed what, and what becomes of it in each mode; nil is verified.
    struct Case: Sendable, CustomTestStringConvertible {
        let tagged: Bool
        let committed: Bool
        let outcomes: [Mode: SourceStatus.State]

        var testDescription: String { "tag \(tagged ? "" : "not ")signed, commit \(committed ? "" : "not ")signed" }

        static let all = [
            Case(tagged: true, committed: true, outcomes: [:]),
            Case(
                tagged: true, committed: false, outcomes: [.head: .signatureMissing, .tagAndHead: .signatureMissing]),
            Case(tagged: false, committed: true, outcomes: [.tag: .signatureMissing, .tagAndHead: .signatureMissing]),
            Case(
                tagged: false, committed: false,
                outcomes: [.head: .signatureMissing, .tag: .signatureMissing, .tagAndHead: .signatureMissing]),
        ]
    }

    private func source(_ bench: TrustBench, _ mode: Mode, _ reference: String = "v1") throws -> GitSource {
        try bench.source(SourceVerification(mode: mode, allowedSignersFile: bench.allowedSigners)) {
            $0.reference = reference
        }
    }

    @Test("each mode looks at what it names and at nothing else", arguments: Case.all)
    func modes(_ c: Case) async throws {
        try await TrustBench.with { bench in
            let id = try await bench.commit(by: c.committed ? bench.alice.signer : .nobody)
            try await bench.repository.tag("v1", on: id, by: c.tagged ? bench.alice.signer : .nobody)
            for mode in Mode.allCases {
                let snapshot = try await source(bench, mode).fetch(accepted: nil)
                #expect(snapshot.refusal?.state == c.outcomes[mode], "\(mode): \(snapshot.verification)")
                #expect(snapshot.files.count == (c.outcomes[mode] == nil ? 1 : 0))
                #expect(snapshot.revision.id == id)
            }
        }
    }

    @Test("tag and commit may be signed by two people, and both are named")
    func twoPeople() async throws {
        try await TrustBench.with { bench in
            try bench.allow("alice \(bench.alice.publicKey)", "mallory \(bench.mallory.publicKey)")
            try await bench.repository.tag("v1", on: try await bench.commit(), by: bench.mallory.signer)
            let snapshot = try await source(bench, .tagAndHead).fetch(accepted: nil)
            #expect(snapshot.signers?.map { $0.prefix(5) } == ["mallo", "alice"], "\(snapshot.verification)")
        }
    }

    @Test("what cannot be a signed tag is told apart from one that is not signed")
    func notATag() async throws {
        try await TrustBench.with { bench in
            let id = try await bench.commit()
            try await bench.repository.git("tag", "light", id)
            for reference in ["light", "main", "refs/tags/light"] {
                let message = expectRefused(
                    .tagMissing, try await source(bench, .tag, reference).fetch(accepted: nil))
                #expect(message.contains("name a tag made with 'git tag -s'"), "\(message)")
            }
            #expect(try await source(bench, .head, "light").fetch(accepted: nil).signers?.count == 1)
        }
    }

    @Test("a signed tag under another name, or on another tag, is refused")
    func mismatch() async throws {
        try await TrustBench.with { bench in
            let first = try await bench.commit()
            try await bench.repository.tag("v1", on: first, by: bench.alice.signer)
            try await bench.repository.git("update-ref", "refs/tags/v2", "refs/tags/v1")
            let message = expectRefused(.tagMismatch, try await source(bench, .tag, "v2").fetch(accepted: nil))
            #expect(message.contains("was made as 'v1'"), "\(message)")
            try await bench.repository.tag("v3", on: "v1", by: bench.alice.signer)
            expectRefused(.tagMismatch, try await source(bench, .tag, "v3").fetch(accepted: nil))
            #expect(try await source(bench, .tag, "refs/tags/v1").fetch(accepted: nil).signers?.count == 1)
        }
    }

    @Test("a changed tag does not fit its signature, and an unknown key makes no tag good")
    func forged() async throws {
        try await TrustBench.with { bench in
            let first = try await bench.commit("1")
            let second = try await bench.commit("2", parents: [first])
            try await bench.repository.tag("v1", on: second, by: bench.alice.signer)
            let tag = try await bench.repository.text(of: "refs/tags/v1", "tag")
            let moved = try await bench.repository.write(tag.replacing(second, with: first), "tag")
            try await bench.repository.git("update-ref", "refs/tags/v1", moved)
            expectRefused(.signatureInvalid, try await source(bench, .tag).fetch(accepted: nil))
            try await bench.repository.tag("v1", on: second, by: bench.mallory.signer)
            expectRefused(.keyUnknown, try await source(bench, .tag).fetch(accepted: nil))
        }
    }

    @Test("a tag that goes back to an older signed commit is good, and does not descend from the accepted one")
    func movedBack() async throws {
        try await TrustBench.with { bench in
            let first = try await bench.commit("1")
            let second = try await bench.commit("2", parents: [first])
            try await bench.repository.tag("v1", on: first, by: bench.alice.signer)
            let old = try await bench.repository.git("rev-parse", "refs/tags/v1")
            try await bench.repository.tag("v1", on: second, by: bench.alice.signer)
            let source = try source(bench, .tagAndHead)
            #expect(try await source.fetch(accepted: first).ancestry == .descendant)
            try await bench.repository.git("update-ref", "refs/tags/v1", old)
            let back = try await source.fetch(accepted: second)
            #expect(back.signers?.count == 1, "\(back.verification)")
            #expect(back.ancestry == .rewritten)
        }
    }

    @Test("a mode for tags and a reference that cannot be one are refused before anything is fetched")
    func impossible() async throws {
        try await TrustBench.with { bench in
            for reference in ["refs/heads/main", String(repeating: "1", count: 40)] {
                let error = #expect(throws: SourceError.self) { try source(bench, .tag, reference) }
                #expect(error?.code == .invalidConfiguration)
                #expect(error?.message.contains("'\(reference)' is not a tag") == true)
            }
        }
    }
}
