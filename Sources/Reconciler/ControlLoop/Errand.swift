/// What an effect was asked for.
enum Errand: Hashable, Sendable {
    /// - Parameter images: which references it looks for.
    case observation(images: Set<String>)
    /// A step of a key.
    case step(Key)
    /// The containers of a slot once more, before the step takes one of them away.
    case confirmation(Key, Step, began: UInt64)
    /// One container because something happened to it, or because Docker is at work on it.
    case look(container: String, began: UInt64, turn: Key?)
}

/// A key whose last step may have happened.
struct Doubt: Hashable, Sendable {
    /// What the step was to make: once it is seen, the step has happened, whatever else could not be read.
    var creation: MemberInstance?
    /// The network that the step was to make or remove.
    var network: String?
    /// A full observation is under way that began after the step.
    var isBeingLookedAt = false
    /// The lane that the key is queued in when the doubt is gone; nil when nobody asked for a turn.
    var waitingIn: Lane?
}

/// A step in flight.
struct Flight: Hashable, Sendable {
    var ticket: Ticket
    var intent: Int64?
    var action: Action
    var step: Step
    var begun: Duration
}
