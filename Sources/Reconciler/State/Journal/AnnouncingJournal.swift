/// A journal that tells what was written, as soon as it is on the disk: for event streams and metrics.
///
/// Whoever listens is called on the thread that commits, in the order of the commits of that thread, and must not wait.
package struct AnnouncingJournal: StateJournal {
    private let base: any StateJournal
    private let announce: @Sendable ([StateChange]) -> Void

    package init(_ base: any StateJournal, announce: @escaping @Sendable ([StateChange]) -> Void) {
        self.base = base
        self.announce = announce
    }

    package func load() throws(StateStoreError) -> StoredState { try base.load() }

    package func commit(_ changes: [StateChange]) throws(StateStoreError) {
        try base.commit(changes)
        announce(changes)
    }

    package func events(limit: Int) throws(StateStoreError) -> [EventRecord] { try base.events(limit: limit) }

    package func history(limit: Int) throws(StateStoreError) -> [RevisionRecord] { try base.history(limit: limit) }
}
