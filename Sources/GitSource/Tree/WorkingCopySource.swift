package import Reconciler
import Specs

/// Specs from a plain folder, for `--specs DIR`: no history, no network, the same rules as for a commit.
package struct WorkingCopySource: Source {
    private let directory: String
    private let limits: GitLimits

    package init(directory: String, limits: GitLimits = GitLimits()) {
        self.directory = directory
        self.limits = limits
    }

    package func fetch(accepted: String?) async throws(SourceError) -> SourceSnapshot {
        let files = try await DedicatedThread.run { () throws(SourceError) in
            try FolderReader.read(directory, limits: limits)
        }
        guard files.contains(where: \.isSpec) else {
            throw SourceError(.emptyTree, "there is no *.yaml or *.yml file under '\(directory)'")
        }
        return SourceSnapshot(
            revision: Revision(id: Revision.workingCopyID, reference: directory), files: files,
            ancestry: accepted == Revision.workingCopyID ? .same : .none)
    }
}
