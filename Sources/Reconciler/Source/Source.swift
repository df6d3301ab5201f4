package import Specs

/// Brings revisions of the specs.
package protocol Source: Sendable {
    /// Looks for the newest revision and reads its files.
    ///
    /// - Parameter accepted: the id of the revision in force, so that the source can say whether the new one descends
    ///   from it; nil when there is none yet.
    /// - Throws: `SourceError` when there is no revision to be had; what is in force then stays in force.
    func fetch(accepted: String?) async throws(SourceError) -> SourceSnapshot

    /// Whether another fetch would bring what the last one brought, for certain and without one.
    var isUnchanged: Bool { get }
}

extension Source {
    package var isUnchanged: Bool { false }
}

/// One revision as the source found it.
package struct SourceSnapshot: Sendable {
    package enum Ancestry: Hashable, Sendable {
        /// Nothing was accepted before, or the source has no history.
        case none
        case same
        case descendant
        /// The history was rewritten: the accepted commit is not an ancestor of this one, or is unknown now.
        case rewritten
    }

    package var revision: Revision
    package var files: [SpecFile]
    package var ancestry: Ancestry
    /// Who made the commit; nil for a source without commits.
    package var commit: CommitFacts?
    package var verification: Verification

    package init(
        revision: Revision, files: [SpecFile], ancestry: Ancestry, commit: CommitFacts? = nil,
        verification: Verification = .notAsked
    ) {
        self.revision = revision
        self.files = files
        self.ancestry = ancestry
        self.commit = commit
        self.verification = verification
    }
}

/// Why there is no revision to be had.
package struct SourceError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Hashable, Codable, Sendable {
        /// The server cannot be reached, or answers nonsense.
        case unreachable
        case timedOut
        case unauthorized
        /// The host key or certificate is not the known one.
        case untrustedServer
        case repositoryNotFound
        /// The branch, tag or commit is not there.
        case referenceMissing
        /// The path within the repository is not there.
        case pathMissing
        /// No spec file under the path: never a reason to remove what runs.
        case emptyTree
        /// A symlink, a submodule or a name that we refuse to follow.
        case hostileTree
        case limitExceeded
        /// The local mirror is broken beyond repair.
        case mirrorBroken
        /// What the process that talks to the server answered does not add up to the commit that it named.
        case unproven
        /// The URL or reference is refused by our own rules, or a file that it needs is not as it must be.
        case invalidConfiguration
    }

    package var code: Code
    /// Lower case, for a person; never holds a secret.
    package var message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { "\(message) (\(code.rawValue))" }
}
