import Specs

/// What an effect was asked for.
enum Errand: Hashable, Sendable {
    /// - Parameter images: which references it looks for.
    case observation(images: Set<String>)
    /// A step of a key.
    case step(Key)
    /// The containers of a slot once more, before the step takes one of them away.
    case confirmation(Key, Step, began: UInt64)
    /// A member that is being made its holder's.
    case binding(ClaimID)
    /// The last command in the container of a claim that is over.
    case farewell(ClaimID)
    /// What the autoscaler of this object goes by.
    case measurement(ResourceID)
    /// What the canary of this object is judged by.
    case judgement(ResourceID)
    /// The number of hosts that the autoscaler of this pool asks its provider for.
    case order(ResourceID)
    /// One container because something happened to it, or because Docker is at work on it.
    case look(container: String, began: UInt64, turn: Key?)
}

/// A key whose last step may have happened.
struct Doubt: Hashable, Sendable {
    /// Intents that stay open until the doubt is settled, so that it outlives the program, with how each ends then.
    var intents: [Int64: StepOutcome] = [:]
    /// What the step was to make: once it is seen, the step has happened, whatever else could not be read.
    var creation: MemberInstance?
    /// The name of the container that the step was about: as far as it is seen, the rest need not be.
    var container: String?
    /// The network that the step was to make or remove.
    var network: String?
    /// A full observation is under way that began after the step.
    var isBeingLookedAt = false
    /// The lane that the key is queued in when the doubt is gone; nil when nobody asked for a turn.
    var waitingIn: Lane?
}

extension Doubt {
    /// A step of this run whose answer was lost.
    init(_ step: Step, of key: Key, intent: Int64?, _ outcome: StepOutcome) {
        if let intent { intents = [intent: outcome] }
        creation = step.creation
        network = step.network
        if case .member = key { container = step.subject }
    }

    /// A step of a run of the program that ended before the answer.
    mutating func add(_ intent: Intent) {
        intents[intent.id] = .unknown("the program ended before the answer")
        creation = intent.creation ?? creation
        network = intent.network ?? network
        if case .member = intent.key { container = intent.subject }
    }

    /// Whether a look that began after the step tells what became of it.
    func isSettled(by fresh: ObservedState) -> Bool {
        if fresh.isComplete { return true }
        if let creation { return fresh.shows(creation) }
        return container.map { fresh.container(named: $0) != nil } ?? false
    }
}

extension ObservedState {
    fileprivate func shows(_ instance: MemberInstance) -> Bool {
        containers(of: instance.member.object, slot: instance.member.slot).contains {
            $0.incarnation == instance.incarnation
        }
    }
}

/// A step in flight.
struct Flight: Hashable, Sendable {
    var ticket: Ticket
    var intent: Int64?
    @Boxed var action: Action
    @Boxed var step: Step
    var begun: Duration
    /// Of a member of a pool that is made: how many unclaimed ones there could be when it was begun.
    var mostUnclaimed: Int?
}
