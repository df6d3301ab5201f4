package import Specs

/// What a person asks of the rollout of one Workload.
package struct RolloutRequest: Hashable, Sendable {
    package enum Verb: Hashable, Sendable {
        /// Back to an earlier revision, of which seven digits or more are enough; nil is the last good one with another
        /// template.
        case undo(to: String?)
        /// New members of the same template.
        case restart
        /// On with a rollout that waits for a person: by one step, or past all steps that are left.
        case promote(isFull: Bool = false)
        /// Back to the last good revision, in the middle of a rollout.
        case abort
    }

    package var object: ResourceID
    package var verb: Verb
    /// For whoever finds it so; nil where nobody said why.
    package var reason: String?

    package init(_ verb: Verb, of object: ResourceID, reason: String? = nil) {
        self.object = object
        self.verb = verb
        self.reason = reason
    }
}
