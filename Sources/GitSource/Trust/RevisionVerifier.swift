import FoundationEssentials
import Reconciler
import Specs
import Synchronization

/// Judges what the fetch process brought, without believing that process in anything.
///
/// It read bytes of a stranger and may be in a stranger's hands. So the ids of all objects are worked out anew here, the
/// files are read from the trees of the signed commit by the same rules, and the ancestry is walked commit by commit.
struct RevisionVerifier {
    let roots: TrustRoots
    let configuration: GitSourceConfiguration
    let process: VerifierProcess
    let now: Instant
    let memory: VerdictMemory

    /// - Throws: when what was brought does not add up, or there is no verdict on a signature. A signature that does not
    ///   suffice is no error but a part of the answer.
    func snapshot(of fetched: FetchedRevision, accepted: String?) throws(SourceError) -> SourceSnapshot {
        guard let evidence = fetched.evidence else { throw Self.unproven("no commit") }
        // Before anything is made of them: what is sent may be of any size up to that of the answer.
        for object in [evidence.commit] + evidence.history + [evidence.tag].compactMap(\.self)
        where object.count > CommitObject.largest {
            throw Self.unproven("a commit or tag of more than 1 MiB")
        }
        guard let commit = CommitObject(Array(evidence.commit)) else {
            throw Self.unproven("a commit that is not one of git's")
        }
        let tag = try tag(evidence, on: commit)
        if case .commit(let id) = try GitReference(configuration.reference), id != commit.id {
            throw Self.unproven("the commit \(commit.id), where \(id) was asked for")
        }
        var snapshot = SourceSnapshot(
            revision: Revision(id: commit.id, reference: configuration.reference), files: [],
            ancestry: ancestry(of: commit, evidence, accepted), commit: commit.facts.harmless)
        let judged = Case(commit: commit, tag: tag, name: evidence.name, accepted: accepted)
        switch try verdict(on: judged) {
        case .failure(let failure): snapshot.verification = .refused(failure)
        case .success(let signers):
            snapshot.verification = .verified(by: signers)
            snapshot.files = try files(fetched, evidence, of: commit)
        }
        return snapshot
    }

    /// One revision that is judged.
    private struct Case {
        var commit: CommitObject
        var tag: TagObject?
        var name: String?
        var accepted: String?
    }

    private static func unproven(_ what: String) -> SourceError {
        SourceError(.unproven, "the fetch process sent \(what): nothing that it sent is used")
    }

    private func tag(_ evidence: FetchedRevision.Evidence, on commit: CommitObject) throws(SourceError) -> TagObject? {
        guard let bytes = evidence.tag else { return nil }
        guard let tag = TagObject(Array(bytes)) else { throw Self.unproven("a tag that is not one of git's") }
        // A tag of a tag is refused later, where a tag is asked for; elsewhere it only led here.
        guard tag.target == commit.id || tag.targetKind != "commit" else {
            throw Self.unproven("the tag '\(SpecTreeRules.shown(tag.name))' that is on another commit")
        }
        return tag
    }

    private func ancestry(
        of commit: CommitObject, _ evidence: FetchedRevision.Evidence, _ accepted: String?
    ) -> SourceSnapshot.Ancestry {
        guard let accepted else { return .none }
        if commit.id == accepted { return .same }
        var newest = commit
        for bytes in evidence.history {
            guard let older = CommitObject(Array(bytes)), newest.parents.contains(older.id) else { return .rewritten }
            newest = older
        }
        return newest.parents.contains(accepted) ? .descendant : .rewritten
    }

    private func files(
        _ fetched: FetchedRevision, _ evidence: FetchedRevision.Evidence, of commit: CommitObject
    ) throws(SourceError) -> [SpecFile] {
        let objects = ReceivedObjects(trees: evidence.trees, files: fetched.files.map(\.content))
        var reader = CommitReader(objects, limits: configuration.limits)
        let files = try reader.read(commit.tree, path: try SpecsPath(configuration.path))
        return files.map { SpecFile(path: $0.path, bytes: Array($0.content)) }
    }

    // MARK: Signatures

    private func verdict(on c: Case) throws(SourceError) -> Result<[String], VerificationFailure> {
        let key = VerdictMemory.Key(commit: c.commit.id, tag: c.tag?.id, name: c.name, roots: roots.digest)
        // What is in force was judged when it came; only new keys are a reason to judge it again.
        if c.commit.id == c.accepted, let signers = memory.signers(for: key) { return .success(signers) }
        do throws(Refusal) {
            let signers = try signers(of: c)
            if c.commit.id != c.accepted { try checkAge(of: c) }
            memory.remember(signers, for: key)
            return .success(signers)
        } catch {
            switch error {
            case .failure(let failure): return .failure(failure)
            case .error(let error): throw error
            }
        }
    }

    /// Either way there is nobody to name.
    private enum Refusal: Error {
        case failure(VerificationFailure)
        case error(SourceError)
    }

    private func refusal(_ state: SourceStatus.State, _ message: String) -> Refusal {
        .failure(VerificationFailure(state, message))
    }

    private func signers(of c: Case) throws(Refusal) -> [String] {
        var signers: [String] = []
        if roots.settings.mode.needsTag { signers.append(try signer(ofTag: c)) }
        if roots.settings.mode.needsCommit {
            let what = "commit \(c.commit.id.prefix(7))"
            guard c.commit.signatureCount <= 1 else {
                throw refusal(.signatureInvalid, "\(what) holds more than one signature: exactly one is expected")
            }
            if c.commit.signatureCount == 1 && c.commit.signature == nil {
                throw refusal(
                    .signatureInvalid, "\(what) holds a signature for another kind of repository only: sign it anew")
            }
            signers.append(try signer(of: c.commit.payload, c.commit.signature, what, "git commit -S"))
        }
        return signers.count == 2 && signers[0] == signers[1] ? [signers[0]] : signers
    }

    private func signer(ofTag c: Case) throws(Refusal) -> String {
        let reference = SpecTreeRules.shown(configuration.reference)
        guard let tag = c.tag else {
            throw refusal(
                .tagMissing,
                "'\(reference)' is not an annotated tag, and source.verify.mode is '\(roots.settings.mode.rawValue)': name a tag "
                    + "made with 'git tag -s', or set the mode 'head'")
        }
        let name = SpecTreeRules.shown(tag.name)
        guard tag.targetKind == "commit", tag.target == c.commit.id else {
            throw refusal(
                .tagMismatch,
                "the tag '\(name)' is on a \(SpecTreeRules.shown(tag.targetKind)): it must be on the commit itself")
        }
        let followed =
            configuration.reference.hasPrefix("refs/")
            ? configuration.reference : "refs/tags/\(configuration.reference)"
        // Byte by byte: to Swift, two spellings of an accented letter are one.
        guard followed.utf8.elementsEqual("refs/tags/\(tag.name)".utf8) else {
            throw refusal(
                .tagMismatch,
                "the tag that the server shows as '\(reference)' was made as '\(name)': somebody moved it; make a new tag"
            )
        }
        return try signer(of: tag.payload, tag.signature, "tag '\(name)'", "git tag -s")
    }

    private func signer(
        of signed: [UInt8], _ signature: [UInt8]?, _ what: String, _ command: String
    ) throws(Refusal) -> String {
        guard let signature else {
            throw refusal(.signatureMissing, "\(what) is not signed: sign a new one with '\(command)'")
        }
        let text: SignatureText
        do throws(VerificationFailure) {
            text = try SignatureText(signature, on: what)
        } catch {
            throw .failure(error)
        }
        switch try verdict(on: text, over: signed, what) {
        case .success(let name): return name
        case .failure(let failure): throw .failure(failure)
        }
    }

    private func verdict(
        on text: SignatureText, over signed: [UInt8], _ what: String
    ) throws(Refusal) -> SignatureVerdict {
        do throws(SourceError) {
            switch text.format {
            case .ssh:
                return try SSHVerifier(process: process, roots: roots, now: now)
                    .verdict(on: text, over: signed, what: what)
            case .openPGP:
                return try OpenPGPVerifier(process: process, roots: roots).verdict(on: text, over: signed, what: what)
            }
        } catch {
            throw .error(error)
        }
    }

    /// Only bytes that a signature covers may say how old it is.
    private func checkAge(of c: Case) throws(Refusal) {
        guard let limit = roots.settings.maxCommitAge else { return }
        var made = c.commit.time
        if roots.settings.mode.needsTag, let tagged = c.tag?.time { made = max(made, tagged) }
        guard now.wall - made.wall > limit else { return }
        throw refusal(
            .commitTooOld,
            "commit \(c.commit.id.prefix(7)) is of \(made), longer ago than source.verify.maxCommitAge of \(limit.goText): sign a new "
                + "commit, and find out why the server shows an old one")
    }
}

/// Who signed the revision in force, so that it is not judged anew at every look.
final class VerdictMemory: Sendable {
    struct Key: Hashable {
        var commit: String
        var tag: String?
        var name: String?
        /// `TrustRoots.digest`.
        var roots: String
    }

    private let last = Mutex<(key: Key, signers: [String])?>(nil)

    func signers(for key: Key) -> [String]? { last.withLock { $0?.key == key ? $0?.signers : nil } }

    func remember(_ signers: [String], for key: Key) { last.withLock { $0 = (key, signers) } }
}
