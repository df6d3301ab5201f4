import Specs

/// Revisions that came before the one in force, as far as they can still be read.
struct EarlierRevisions: Sendable {
    /// By the id of the revision.
    var states: [String: DesiredState] = [:]
    /// The one before that in force.
    var last: Revision?

    /// What the revision says of the object; nil where nobody knows.
    func object(_ id: ResourceID, under revision: Revision?) -> DesiredObject? {
        revision.flatMap { states[$0.id]?.objects[id] }
    }

    /// The last revision under which the object was complete with another template than the next one.
    func lastGood(_ id: ResourceID, _ state: RolloutState, before next: String) -> Revision? {
        if state.isProven {
            // The newest that says the same, since that is kept for longest.
            let known = [last, state.revision].first { object(id, under: $0)?.generation == state.generation }
            if let known { return known }
        }
        return object(id, under: state.lastGood).flatMap { $0.generation == next ? nil : state.lastGood }
    }
}

/// How the rollout of an object follows what git says of it: for the controller, and for a preview of what it would do.
extension RolloutState {
    /// What a look at git made of it.
    enum News {
        /// Another template is rolled out from now on.
        case another
        /// Git has come to say by itself what was brought back.
        case returned
        /// It is the rollout that it was.
        case none
    }

    /// Whether it brings back what was there before.
    var isWayBack: Bool { [.undo, .rollback].contains(cause) }

    /// The first that is known of an object: nobody has seen who did the work before it.
    static func first(of object: DesiredObject, _ revision: Revision, at now: Instant) -> RolloutState {
        var state = RolloutState(generation: object.generation, revision: revision, at: now)
        switch object.strategy.type {
        case .blueGreen: state.blueGreen = BlueGreenState()
        case .canary: state.canary = CanaryState()
        case .rolling, .recreate: break
        }
        return state
    }

    /// - Parameter revision: the accepted one; a pin names its own.
    mutating func follow(
        _ object: DesiredObject, of revision: Revision, after earlier: EarlierRevisions, on observed: ObservedState,
        at now: Instant
    ) -> News {
        let revision = object.pin?.revision ?? revision
        let before = self
        let cause = Cause(object.pin)
        if generation != object.generation {
            begin(
                generation: object.generation, revision: revision, cause: cause,
                lastGood: earlier.lastGood(object.id, before, before: object.generation), at: now)
            let isReturn = earlier.object(object.id, under: before.lastGood)?.generation == object.generation
            takeUp(object, after: before, isReturn: before.canary != nil && isReturn, on: observed)
            return .another
        }
        let isReturned = cause == .commit && isWayBack
        if isReturned { adopt(revision, at: now) }
        takeUp(object, after: before, isReturn: before.canary?.course == .returning, on: observed)
        return isReturned ? .returned : .none
    }

    /// Takes up the switch or the steps that the strategy asks for. A rollout that is under way knows who did the work when
    /// it began; others have nothing to switch.
    ///
    /// - Parameters:
    ///   - before: the rollout before it, or this one as it was.
    ///   - isReturn: git says again what was there before the steps.
    mutating func takeUp(
        _ object: DesiredObject, after before: RolloutState, isReturn: Bool = false, on observed: ObservedState
    ) {
        guard isOpen else {
            (blueGreen, canary) = (nil, nil)
            return
        }
        if object.strategy.type != .blueGreen {
            blueGreen = nil
        } else if blueGreen == nil {
            blueGreen = .beginning(after: before.blueGreen, incarnations: observed.incarnations(of: object.id))
        }
        takeUpSteps(object, after: before.canary, isReturn: isReturn, on: observed)
    }

    private mutating func takeUpSteps(
        _ object: DesiredObject, after before: CanaryState?, isReturn: Bool, on observed: ObservedState
    ) {
        let isCanary = object.strategy.type == .canary
        guard isCanary || before != nil else {
            canary = nil
            return
        }
        if let canary, isCanary || canary.course == .returning { return }
        if isReturn || isWayBack {
            canary = .bringingBack(after: before, observed.incarnations(of: object.id))
        } else {
            canary = isCanary ? .beginning(after: before, observed.incarnations(of: object.id)) : nil
        }
    }

    // MARK: The switch of a blue-green rollout

    /// For how long old members are kept behind the switch: from what is brought back nobody wants another way back.
    func hold(of object: DesiredObject) -> Duration {
        isWayBack ? .zero : (object.strategy.blueGreen ?? RolloutStrategy.BlueGreen()).hold
    }

    /// Who is asked whether the switch may be made.
    func consent(to object: DesiredObject) -> BlueGreenOrder.Consent {
        if isWayBack { return .nobody }
        if blueGreen?.isPromoted == true { return .windows(isManual: true) }
        let promotion = (object.strategy.blueGreen ?? RolloutStrategy.BlueGreen()).promotion
        return promotion == .automatic ? .windows(isManual: false) : .person
    }
}

extension RolloutState.Cause {
    fileprivate init(_ pin: Pin?) {
        switch pin?.cause {
        case nil: self = .commit
        case .quarantined: self = .rollback
        case .requested: self = .undo
        }
    }
}

extension ObservedState {
    /// The highest incarnation that was ever seen of each slot.
    func incarnations(of id: ResourceID) -> [Int] {
        let known = storedIncarnations.filter { $0.key.object == id }
        let last = known.keys.map(\.slot).max() ?? -1
        return (0..<(last + 1)).map { known[MemberID(id, $0)] ?? 0 }
    }
}
