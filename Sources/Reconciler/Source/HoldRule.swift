package import Specs

/// When a revision is good and yet not followed: neither a rewritten history nor a revision without objects may take
/// away what runs. Only a person lets it through, with `--accept-revision`.
package struct HoldRule: Sendable {
    /// Why a revision is held.
    package struct Finding: Hashable, Sendable {
        package var state: SourceStatus.State
        /// Says what stays in force and how the revision is accepted.
        package var message: String
    }

    private let accepted: AcceptedRevision?
    private let allowedRevision: String?

    /// - Parameters:
    ///   - accepted: the revision in force; nil when there is none.
    ///   - allowedRevision: the commit that a person allowed, abbreviated as git does to seven characters or more.
    package init(accepted: AcceptedRevision?, allowing allowedRevision: String?) {
        self.accepted = accepted
        self.allowedRevision = allowedRevision
    }

    /// nil when the revision may be followed. What is in force already is never held.
    package func finding(on snapshot: SourceSnapshot, _ specs: SpecSet) -> Finding? {
        let revision = snapshot.revision
        let isInForce = accepted?.revision.id == revision.id && accepted?.files == snapshot.files
        if isAllowed(revision) || isInForce { return nil }
        let old = accepted?.revision.description ?? "nothing"
        let advice = "\(old) stays in force; accept it with --accept-revision \(revision.id)"
        if snapshot.ancestry == .rewritten {
            return Finding(
                state: .historyRewritten,
                message: "\(revision) does not descend from the accepted revision; \(advice)")
        }
        if specs.isEmpty {
            return Finding(state: .emptyRevision, message: "\(revision) declares nothing that runs; \(advice)")
        }
        return nil
    }

    private func isAllowed(_ revision: Revision) -> Bool {
        guard let allowedRevision, allowedRevision.count >= 7 else { return false }
        return revision.id.hasPrefix(allowedRevision)
    }
}
