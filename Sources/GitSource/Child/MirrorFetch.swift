import CGit2
import FoundationEssentials
import Glibc
import Reconciler
import Specs

/// One fetch into the mirror, from connecting to reading the specs.
struct MirrorFetch {
    /// Ours alone: a name of the server's could not be both a file and a folder.
    private static let fetchedReference = "refs/reconcile/fetched"
    private static let acceptedReference = "refs/reconcile/accepted"

    private let request: FetchRequest
    private let url: RepositoryURL
    private let reference: GitReference
    private let path: SpecsPath

    init(_ request: FetchRequest) throws(FetchFailure) {
        self.request = request
        do throws(SourceError) {
            url = try RepositoryURL(request.url, allowInsecure: request.allowInsecure)
            reference = try GitReference(request.reference)
            path = try SpecsPath(request.path)
        } catch {
            throw FetchFailure(error)
        }
    }

    func run() throws(FetchFailure) -> FetchedRevision {
        let repository = try MirrorRepository(path: request.repository)
        // What these names lead to, the server is told that we have: it must be there, or history gets a hole.
        for name in [Self.fetchedReference, Self.acceptedReference] { try repository.checkReference(name) }
        let name = try download(into: repository)
        let commit = try findCommit(in: repository)
        let ancestry = try ancestry(of: commit, in: repository)
        let objects = MirrorObjects(repository, keepingTrees: request.needsEvidence)
        var reader = CommitReader(objects, limits: request.limits)
        let files = try reader.read(try repository.tree(of: commit), path: path)
        var revision = FetchedRevision(
            commit: commit, ancestry: ancestry, files: files, facts: try repository.facts(of: commit))
        if request.needsEvidence {
            revision.evidence = try evidence(for: revision, name, reader.objects.trees, in: repository)
        }
        return revision
    }

    private func evidence(
        for revision: FetchedRevision, _ name: String?, _ trees: [Data], in repository: MirrorRepository
    ) throws(FetchFailure) -> FetchedRevision.Evidence {
        let collector = EvidenceCollector(repository: repository)
        var history: [Data] = []
        if revision.ancestry == .descendant, let accepted = request.accepted {
            history = try collector.history(from: revision.commit, to: accepted)
        }
        return FetchedRevision.Evidence(
            name: name, tag: name == nil ? nil : try collector.tag(named: Self.fetchedReference),
            commit: try collector.commit(revision.commit), trees: trees, history: history)
    }

    /// - Returns: the full name that was followed; nil for a commit id.
    private func download(into repository: MirrorRepository) throws(FetchFailure) -> String? {
        let callbacks = RemoteCallbacks(url: url, credentials: request.credentials, limits: request.limits)
        let remote = try GitRemote(repository: repository, url: url, callbacks: callbacks, headers: headers)
        let offered = try remote.connect()
        let name: String?
        do throws(SourceError) {
            name = try reference.resolve(among: Set(offered))
        } catch {
            throw FetchFailure(error)
        }
        if let name {
            try remote.fetch(["+\(name):\(Self.fetchedReference)"])
        } else {
            // A commit can only be asked for by a name that leads to it.
            try remote.fetch(["+refs/heads/*:refs/reconcile/heads/*", "+refs/tags/*:refs/reconcile/tags/*"])
        }
        return name
    }

    /// The token goes along from the first request on: libgit2 1.5 trips over a refusal that ends with the connection.
    ///
    /// Redirects to other hosts are not followed, so nobody else is sent the token.
    private var headers: [String] {
        guard url.scheme != .ssh, url.scheme != .file, let pair = request.credentials.basicAuthorization else {
            return []
        }
        return ["Authorization: Basic \(pair)"]
    }

    private func findCommit(in repository: MirrorRepository) throws(FetchFailure) -> String {
        guard case .commit(let id) = reference else { return try repository.commit(named: Self.fetchedReference) }
        guard try repository.hasCommit(id) else {
            throw FetchFailure(
                SourceError(.referenceMissing, "no branch or tag of the repository leads to the commit '\(id)'"))
        }
        return id
    }

    private func ancestry(
        of commit: String, in repository: MirrorRepository
    ) throws(FetchFailure) -> FetchedRevision.Ancestry {
        guard let accepted = request.accepted else { return .none }
        guard try repository.hasCommit(accepted) else { return .rewritten }
        // A name keeps it among what we tell the server that we have.
        try repository.setReference(Self.acceptedReference, to: accepted)
        if accepted == commit { return .same }
        return try repository.isDescendant(commit, of: accepted) ? .descendant : .rewritten
    }
}
