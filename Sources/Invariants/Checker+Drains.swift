import Reconciler
import Specs

// A host that is emptied of an object: nothing of it is begun, and it goes as budgets, holders and the deadline let it.

extension Checker {
    /// How much later than the trace a program may take a drain for begun: it was ended before it could write that down.
    private static let latestBeginning = Duration.seconds(60)

    /// A revision is stored: a program may begin its drains, also one that ends before it can say that they are in force.
    mutating func beginDrains(of revision: RevisionFacts) {
        for object in revision.objects.values where object.drain != nil && drainedSince[object.id] == nil {
            drainedSince[object.id] = now
        }
    }

    /// Another revision is in force: drains of the one before that go on keep their time.
    mutating func followDrains(in revision: RevisionFacts?) {
        drainedSince = drainedSince.filter { revision?.objects[$0.key]?.drain != nil }
        if let revision { beginDrains(of: revision) }
    }

    /// Whether what is left of an object may be taken away in spite of budgets and holders.
    func isForcedOut(_ object: ResourceID) -> Bool {
        guard let drain = inForce?.objects[object]?.drain, drain.force, let deadline = drain.deadline,
            let since = drainedSince[object]
        else { return false }
        // The wall clock of the program counts whole seconds.
        return since + deadline <= now + .seconds(1)
    }

    /// One container less, for the host is emptied.
    mutating func checkDraining(_ call: CallFacts, _ victim: ContainerFacts, _ object: ObjectFacts, _ drain: DrainFacts)
    {
        if isForcedOut(object.id) { return }
        if call.verb == .stop, !drain.force, let deadline = drain.deadline, let since = drainedSince[object.id],
            since + deadline + Self.latestBeginning < now
        {
            violate(.justifiedDeletion, "\(words(call)) after the deadline of its drain")
        }
        guard let most = object.maxUnavailable, mirror.isReady(victim), let member = call.member else { return }
        let declared = (0..<min(object.slots, object.slotsWithinCapacity)).map { MemberID(object.id, $0) }
        let missing = declared.filter { $0 == member || isMissing($0) }
        if missing.count > most {
            violate(
                .budget,
                "\(words(call)) makes slots \(missing.map(\.slot)) of \(object.id) missing, and \(most) may be")
        }
    }

    /// The world has been good for long enough: nothing is left but what a budget, a holder or the deadline keeps.
    mutating func checkDrained(_ object: ObjectFacts, _ drain: DrainFacts) {
        let present = mirror.present(of: object.id)
        if !drain.force, drain.deadline != nil { return }
        let kept: Int
        if isForcedOut(object.id) {
            kept = 0
        } else if drain.force, drain.deadline != nil {
            return
        } else {
            let held = present.count { claims.holder(of: $0.id) != nil }
            kept = held + (object.maxUnavailable.map { max(0, object.slots - $0) } ?? 0)
        }
        if present.count > kept {
            violate(.convergence, "of \(object.id) is \(present.map(\.name)) left, and \(kept) may stay")
        }
    }
}
