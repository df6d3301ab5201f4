import FoundationEssentials
import Reconciler
import Specs

/// What the parent asks of the child, in JSON on its standard input; the only place where secrets travel.
struct FetchRequest: Codable, Sendable {
    /// The bare repository; made by the child when it is not there.
    var repository: String
    /// A folder of ours that stands in for the home of the user.
    var home: String
    var url: String
    var allowInsecure: Bool
    var reference: String
    var path: String
    var accepted: String?
    var credentials: LoadedCredentials
    var caFile: String?
    var limits: GitLimits
    /// Whether signatures are asked for.
    var needsEvidence: Bool
    /// Seconds of processor time.
    var cpuSeconds: Int
    /// The process that the child must not outlive.
    var parent: Int32
    /// What the child is to become; nil for what we are.
    var user: ChildUser?
}

/// What the child answers, in JSON on its standard output.
enum FetchReply: Codable, Sendable {
    case fetched(FetchedRevision)
    /// - Parameter mirrorMayBeBroken: whether a fresh mirror may help.
    case failed(code: SourceError.Code, message: String, mirrorMayBeBroken: Bool)
}

struct FetchedRevision: Codable, Sendable {
    enum Ancestry: String, Codable {
        case none, same, descendant, rewritten
    }

    /// `Data` travels as base64, a third of the size that numbers would have.
    struct File: Codable, Sendable {
        var path: String
        var content: Data
    }

    var commit: String
    var ancestry: Ancestry
    var files: [File]
    /// As the commit says, unchecked.
    var facts: CommitFacts?
    /// Only where signatures are asked for.
    var evidence: Evidence?

    /// The objects, as they are in git, that tie the files and the ancestry to a commit that somebody signed.
    struct Evidence: Codable, Sendable {
        /// The full name that was followed; nil for a commit id.
        var name: String?
        /// The annotated tag that the name leads to, if it does.
        var tag: Data?
        var commit: Data
        /// Every tree that was read.
        var trees: [Data]
        /// Each a parent of the one before, from a parent of the commit to a child of the accepted one.
        var history: [Data]
    }
}

extension FetchedRevision {
    func snapshot(reference: String) -> SourceSnapshot {
        SourceSnapshot(
            revision: Revision(id: commit, reference: reference),
            files: files.map { SpecFile(path: $0.path, bytes: Array($0.content)) },
            ancestry: ancestry.value, commit: facts?.harmless)
    }
}

extension CommitFacts {
    private static let longestText = 200

    /// On one line each, of at most 200 characters, without secrets in addresses and what steers a terminal; the time
    /// between the years 1970 and 9999.
    var harmless: CommitFacts {
        CommitFacts(
            author: Self.shown(author),
            time: min(max(time, Instant(secondsSince1970: 0)), .lastWritable),
            subject: Self.shown(subject))
    }

    private static func shown(_ text: String) -> String {
        let line = Redaction().apply(to: text)
        return line.count <= longestText ? line : line.prefix(longestText - 1) + "…"
    }
}

extension FetchedRevision.Ancestry {
    fileprivate var value: SourceSnapshot.Ancestry {
        switch self {
        case .none: .none
        case .same: .same
        case .descendant: .descendant
        case .rewritten: .rewritten
        }
    }
}
