package import Specs

/// One line of the audit log: who did what to which object, and on whose word.
///
/// The log adds the number of the line and the hashes that chain it to the line before.
package struct AuditEntry: Hashable, Sendable {
    package var time: Instant
    /// A user name, `git`, or `reconcile` for what the program decided by itself.
    package var actor: String
    /// One word in kebab case, to search for: `create-container`, `pause`, `accept-revision`.
    package var action: String
    /// What it was done to: a key, a container, a revision; empty for the host as a whole.
    package var object: String
    /// For a person; never holds a secret.
    package var detail: String
    /// The id of the revision that asked for it; nil when none did.
    package var revision: String?

    package init(
        time: Instant, actor: String, action: String, object: String = "", detail: String = "", revision: String? = nil
    ) {
        self.time = time
        self.actor = actor
        self.action = action
        self.object = object
        self.detail = detail
        self.revision = revision
    }
}

/// Where audit entries go: appended and never changed.
package protocol AuditTrail: Sendable {
    /// Appends these entries: all of them or none.
    ///
    /// - Parameter isSynced: whether they are on the disk when the call returns. What is written before an effect must
    ///   be; what tells of its end need not wait, and is on the disk with the next synced batch.
    /// - Throws: `StateStoreError` with `unavailable`; nothing of the batch is in the log then.
    func append(_ entries: [AuditEntry], isSynced: Bool) throws(StateStoreError)
}
