import CGit2
import FoundationEssentials
import Reconciler

/// Puts together what lets another process check a revision without believing this one.
struct EvidenceCollector {
    /// Bytes of all commits between the accepted one and the new one; some ten thousand of them.
    private static let maximumHistoryBytes = 8 << 20
    /// Commits that are looked at for a way from one to the other.
    private static let maximumCommits = 200_000

    let repository: MirrorRepository

    /// The annotated tag that a name of ours leads to, as it is; nil when it leads to a commit.
    func tag(named name: String) throws(FetchFailure) -> Data? {
        var oid = git_oid()
        try repository.check(git_reference_name_to_id(&oid, repository.handle, name), during: .reading)
        guard try repository.header(&oid).kind == GIT_OBJECT_TAG else { return nil }
        return try repository.bytes(
            of: MirrorRepository.text(&oid), GIT_OBJECT_TAG, limit: CommitObject.largest
        ) { "the tag itself has more than 1 MiB" }
    }

    func commit(_ id: String) throws(FetchFailure) -> Data {
        try repository.bytes(of: id, GIT_OBJECT_COMMIT, limit: CommitObject.largest) {
            "the commit '\(id)' itself has more than 1 MiB"
        }
    }

    /// The commits on the shortest way from a parent of the new commit down to a child of the accepted one, newest
    /// first; empty when they are parent and child, or when the way is too long to show.
    func history(from commit: String, to accepted: String) throws(FetchFailure) -> [Data] {
        var history: [Data] = []
        var bytes = 0
        for id in try way(from: commit, to: accepted) {
            let data = try self.commit(id)
            bytes += data.count
            if bytes > Self.maximumHistoryBytes { return [] }
            history.append(data)
        }
        return history
    }

    /// Breadth first, so that a branch that was merged does not make the way longer.
    private func way(from commit: String, to accepted: String) throws(FetchFailure) -> [String] {
        var child: [String: String] = [commit: ""]
        var queue = [commit]
        var next = 0
        while next < queue.count && queue.count < Self.maximumCommits {
            let id = queue[next]
            next += 1
            for parent in try repository.parents(of: id) where child[parent] == nil {
                child[parent] = id
                queue.append(parent)
                guard parent == accepted else { continue }
                var way: [String] = []
                var step = id
                while step != commit, let newer = child[step] {
                    way.append(step)
                    step = newer
                }
                return way.reversed()
            }
        }
        return []
    }
}
