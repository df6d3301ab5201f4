package import Reconciler
import Synchronization

/// A state store that lives as long as the value: what the real one keeps, without a file.
package final class InMemoryStateStore: StateStore {
    private struct Contents {
        var accepted: AcceptedRevision?
        var incarnations: [MemberID: Int] = [:]
        var probedStarts: [String: String] = [:]
        var problem: StateStoreError?
    }

    private let contents = Mutex(Contents())

    package init(accepted: AcceptedRevision? = nil) {
        contents.withLock { $0.accepted = accepted }
    }

    /// Makes every call fail from now on; nil mends it.
    package func fail(with problem: StateStoreError?) { contents.withLock { $0.problem = problem } }

    package func acceptedRevision() throws(StateStoreError) -> AcceptedRevision? { try read(\.accepted) }

    package func accept(_ revision: AcceptedRevision) throws(StateStoreError) {
        try change { $0.accepted = revision }
    }

    package func incarnations() throws(StateStoreError) -> [MemberID: Int] { try read(\.incarnations) }

    package func record(incarnation: Int, of member: MemberID) throws(StateStoreError) {
        try change { $0.incarnations[member] = max(incarnation, $0.incarnations[member] ?? 0) }
    }

    package func probedStarts() throws(StateStoreError) -> [String: String] { try read(\.probedStarts) }

    package func record(probed container: String, startedAt: String) throws(StateStoreError) {
        try change { $0.probedStarts[container] = startedAt }
    }

    package func forget(probed containers: Set<String>) throws(StateStoreError) {
        try change { for container in containers { $0.probedStarts[container] = nil } }
    }

    private func read<Value: Sendable>(
        _ part: @Sendable (Contents) -> Value
    ) throws(StateStoreError) -> Value {
        let (problem, value) = contents.withLock { ($0.problem, part($0)) }
        if let problem { throw problem }
        return value
    }

    private func change(_ body: (inout sending Contents) -> Void) throws(StateStoreError) {
        let problem = contents.withLock { contents in
            if contents.problem == nil { body(&contents) }
            return contents.problem
        }
        if let problem { throw problem }
    }
}
