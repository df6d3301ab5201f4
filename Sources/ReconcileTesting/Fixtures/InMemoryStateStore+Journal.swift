package import Reconciler

extension InMemoryStateStore: StateJournal {
    package func load() throws(StateStoreError) -> StoredState {
        var s = StoredState(); s.accepted = try acceptedRevision(); s.incarnations = try incarnations();
        s.probedStarts = try probedStarts(); return s
    }
    package func commit(_ changes: [StateChange]) throws(StateStoreError) {
        for c in changes {
            switch c {
            case .begin(let i):
                if let n = i.incarnation, case .member(let m) = i.key { try record(incarnation: n, of: m) }
            case .probed(let c, let s): try record(probed: c, startedAt: s)
            case .forgetProbes(let g): try forget(probed: g)
            case .accept(let a): try accept(a)
            default: break
            }
        }
        _ = try acceptedRevision()
    }
    package func events(limit: Int) throws(StateStoreError) -> [EventRecord] { [] }
    package func history(limit: Int) throws(StateStoreError) -> [RevisionRecord] { [] }
}
