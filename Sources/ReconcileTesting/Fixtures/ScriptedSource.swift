package import Reconciler
import Specs
import Synchronization

/// A source that says what a test told it to say.
package final class ScriptedSource: Source {
    private struct Script {
        var answer: Result<SourceSnapshot, SourceError>
        var askedFor: [String?] = []
        var isUnchanged = false
    }

    private let script: Mutex<Script>

    package init(_ snapshot: SourceSnapshot) { script = Mutex(Script(answer: .success(snapshot))) }

    /// Changes the answer of every later fetch.
    package func bring(_ snapshot: SourceSnapshot) { script.withLock { $0.answer = .success(snapshot) } }

    /// Makes every later fetch fail.
    package func fail(_ error: SourceError) { script.withLock { $0.answer = .failure(error) } }

    /// Makes the source sure, or unsure, that a fetch would bring nothing new.
    package func vouch(_ isUnchanged: Bool) { script.withLock { $0.isUnchanged = isUnchanged } }

    package var isUnchanged: Bool { script.withLock { $0.isUnchanged } }

    /// The accepted revision that each fetch named, in order.
    package var askedFor: [String?] { script.withLock { $0.askedFor } }

    package func fetch(accepted: String?) async throws(SourceError) -> SourceSnapshot {
        try script.withLock { script in
            script.askedFor.append(accepted)
            return script.answer
        }.get()
    }
}

extension SourceSnapshot {
    /// A revision whose only file holds this text.
    package init(_ id: String, _ yaml: String, ancestry: Ancestry = .descendant, commit: CommitFacts? = nil) {
        self.init(
            revision: Revision(id: id, reference: "main"),
            files: [SpecFile(path: "all.yaml", bytes: Array(yaml.utf8))], ancestry: ancestry, commit: commit)
    }
}
