package import Reconciler
import Specs
import Synchronization

/// A state store that lives as long as the value: what the real one keeps, without a file.
///
/// A commit costs little more than its changes, so that simulators can make as many as they like; `onCommit` stops it
/// at any commit, before or after it counts.
package final class InMemoryStateStore: Sendable {
    /// Where a commit is; a simulated crash belongs to one of the two.
    package enum CommitPhase: Hashable, Sendable {
        /// Nothing is on the disk. A hook that throws here makes the commit fail without a trace.
        case before
        /// Everything is on the disk, and nobody has heard of it. A hook that throws here loses only the answer.
        case after
    }

    /// One commit as the hook sees it.
    package struct CommitPoint: Sendable {
        /// Counts the calls of `commit` from 1, those that failed included.
        package var number: Int
        package var phase: CommitPhase
        package var changes: [StateChange]
    }

    package typealias CommitHook = @Sendable (CommitPoint) throws(StateStoreError) -> Void

    private struct Contents {
        var journal: JournalContents
        var commits = 0
        var hook: CommitHook?
        var problem: StateStoreError?
    }

    private let contents: Mutex<Contents>

    package init(accepted: AcceptedRevision? = nil, bounds: JournalBounds = JournalBounds()) {
        var journal = JournalContents(bounds: bounds)
        journal.accept(accepted)
        contents = Mutex(Contents(journal: journal))
    }

    private init(journal: JournalContents) { contents = Mutex(Contents(journal: journal)) }

    /// Another store with the same contents, without hook and problem: the disk as a new run of the program finds it.
    package func copy() -> InMemoryStateStore { InMemoryStateStore(journal: contents.withLock { $0.journal }) }

    /// Makes every call fail from now on; nil mends it.
    package func fail(with problem: StateStoreError?) { contents.withLock { $0.problem = problem } }

    /// What tells of claims is gone, but for what says that members are on their way out.
    package func loseClaims() { contents.withLock { $0.journal.loseClaims() } }

    /// Called around every commit, on the thread that commits and without any lock: it may use the store.
    package var onCommit: CommitHook? {
        get { contents.withLock { $0.hook } }
        set { contents.withLock { $0.hook = newValue } }
    }

    /// How many commits were asked for, those that failed included.
    package var commits: Int { contents.withLock { $0.commits } }

    private func read<Value: Sendable>(_ part: @Sendable (JournalContents) -> Value) throws(StateStoreError) -> Value {
        let (problem, value) = contents.withLock { ($0.problem, part($0.journal)) }
        if let problem { throw problem }
        return value
    }
}

extension InMemoryStateStore: StateJournal {
    package func load() throws(StateStoreError) -> StoredState { try read(\.state) }

    package func commit(_ changes: [StateChange]) throws(StateStoreError) {
        if changes.isEmpty { return }
        let (number, hook) = contents.withLock { contents in
            contents.commits += 1
            return (contents.commits, contents.hook)
        }
        try hook?(CommitPoint(number: number, phase: .before, changes: changes))
        try contents.withLock { contents throws(StateStoreError) in
            if let problem = contents.problem { throw problem }
            try contents.journal.commit(changes)
        }
        try hook?(CommitPoint(number: number, phase: .after, changes: changes))
    }

    package func events(limit: Int) throws(StateStoreError) -> [EventRecord] { try read { $0.events(limit: limit) } }

    package func history(limit: Int) throws(StateStoreError) -> [RevisionRecord] {
        try read { $0.history(limit: limit) }
    }
}
