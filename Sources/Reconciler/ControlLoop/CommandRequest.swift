package import Specs

/// What a person asks of a running controller, in the names and digests that they read in the plan and the status.
package enum CommandRequest: Hashable, Sendable {
    /// nil pauses the whole host.
    case pause(ResourceID?, reason: String)
    /// nil resumes the whole host; objects that are paused by themselves stay so.
    case resume(ResourceID?)
    /// The digest of what the revision in force would remove now.
    case approve(digest: String)
    /// The first seven digits of a revision or more; nil is the one before the revision in force.
    case pin(ResourceID, revision: String?, reason: String)
    case unpin(ResourceID)
    /// No window holds anything of the object, or of the host, for so long.
    case override(ResourceID?, for: Duration, reason: String)
    /// nil ends that of the whole host; those of single objects stay.
    case endOverride(ResourceID?)
    /// Empties the host; nil waits for ever for what budgets and claims keep.
    case drain(deadline: Duration?, force: Bool, reason: String)
    case uncordon
    case rollout(RolloutRequest)
    /// One run of a ScheduledTask now.
    case runTask(ResourceID)
}

/// Why a request was not carried out; nothing has changed then.
package struct CommandRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Hashable, Sendable {
        /// It says something that can never be done.
        case invalid
        /// No such object, or no such revision.
        case notFound
        /// It was decided for another state than the present one.
        case conflict
        /// It could not be written down, or there is no revision in force yet: the same request may succeed later.
        case unavailable
    }

    package var code: Code
    package var message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}
