package import Specs

/// What git and Docker cannot hold, written before the effect that it describes, and kept across restarts.
///
/// Losing it loses history, never running containers. Calls block for one durable write (about 0.1 ms on the
/// measured machine, some milliseconds on slow disks) and may come from any thread.
package protocol StateStore: Sendable {
    /// The revision in force, with its files, so that a host boots without git.
    func acceptedRevision() throws(StateStoreError) -> AcceptedRevision?
    /// Replaces the revision in force.
    func accept(_ revision: AcceptedRevision) throws(StateStoreError)
    /// The highest incarnation ever created, by slot.
    func incarnations() throws(StateStoreError) -> [MemberID: Int]
    /// Remembers that this incarnation was created; a lower number than the stored one changes nothing.
    func record(incarnation: Int, of member: MemberID) throws(StateStoreError)
    /// The start at which our own probe found each container ready, by container id.
    func probedStarts() throws(StateStoreError) -> [String: String]
    /// Remembers that the container was found ready in the run that began then.
    func record(probed container: String, startedAt: String) throws(StateStoreError)
    /// Forgets containers that are gone.
    func forget(probed containers: Set<String>) throws(StateStoreError)
}

/// What the control loop writes down before it acts, and reads back when it starts.
///
/// Texts are kept up to their first NUL character.
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
