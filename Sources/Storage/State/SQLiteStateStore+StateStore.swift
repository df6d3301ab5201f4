package import Reconciler
import Specs

/// One call for each thing; the journal does the same in groups.
extension SQLiteStateStore: StateStore {
    package func acceptedRevision() throws(StateStoreError) -> AcceptedRevision? {
        try perform { try RevisionTable.accepted(in: $0) }
    }

    package func accept(_ revision: AcceptedRevision) throws(StateStoreError) { try commit([.accept(revision)]) }

    package func incarnations() throws(StateStoreError) -> [MemberID: Int] {
        try perform { try IncarnationTable.all(in: $0) }
    }

    package func record(incarnation: Int, of member: MemberID) throws(StateStoreError) {
        try perform { try IncarnationTable.raise(member, to: incarnation, in: $0) }
    }

    package func probedStarts() throws(StateStoreError) -> [String: String] {
        try perform { try ProbeTable.all(in: $0) }
    }

    package func record(probed container: String, startedAt: String) throws(StateStoreError) {
        try commit([.probed(container: container, startedAt: startedAt)])
    }

    package func forget(probed containers: Set<String>) throws(StateStoreError) {
        try commit([.forgetProbes(containers)])
    }
}
