package import Specs

/// What git and Docker cannot hold, written down before the effect that it describes, and read back at the start.
///
/// Losing it loses history, never running containers. A commit blocks for one durable write (about 0.1 ms on the
/// measured machine, some milliseconds on slow disks) and may come from any thread. Texts are kept up to their first
/// NUL character.
package protocol StateJournal: Sendable {
    /// Everything that a start needs, read in one transaction.
    func load() throws(StateStoreError) -> StoredState
    /// All of the changes or none of them, on the disk before it returns.
    ///
    /// - Throws: `StateStoreError` with `conflict` when a transition finds another phase, `unavailable` when the disk
    ///   is full or cannot be written. Nothing is changed then, and the same call may succeed later.
    func commit(_ changes: [StateChange]) throws(StateStoreError)
    /// The newest events, oldest first; the store keeps a bounded number.
    func events(limit: Int) throws(StateStoreError) -> [EventRecord]
    /// What became of the last revisions, oldest first; the store keeps a bounded number.
    func history(limit: Int) throws(StateStoreError) -> [RevisionRecord]
}

/// One revision that was read in full, validated whole, and put in force.
package struct AcceptedRevision: Hashable, Sendable {
    package var revision: Revision
    package var files: [SpecFile]

    package init(revision: Revision, files: [SpecFile]) {
        self.revision = revision
        self.files = files
    }
}

/// Why the state store cannot be read or written.
package struct StateStoreError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Hashable, Sendable {
        case unavailable, corrupt
        /// Somebody else was faster: the state is not the one that the change was decided for.
        case conflict
        /// Written by a newer version of the program: refused, never half read.
        case newerFormat
        /// A copy of the state of another host: what it claims and remembers is not true here.
        case foreignHost
    }

    package var code: Code
    package var message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
