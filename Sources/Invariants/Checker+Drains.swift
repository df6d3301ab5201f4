import Reconciler
import Specs

// A host that is emptied of an object, by git or by a person: nothing of it is begun, and it goes as budgets, holders and the
// deadline let it.

/// What the program wrote down of a drain, and what the clocks have said since.
struct DrainTrack: Sendable {
    var facts: DrainFacts
    /// Since the world began.
    let since: Duration
    /// How far the wall clock was set since, and the most that it has shown to have passed.
    private var clock = Duration.zero
    private var mostPassed = Duration.zero
    private var wasSet = false
    /// The program has written down that the deadline is over.
    private var isSaidToBeOver = false

    init(_ facts: DrainFacts, since: Duration) {
        self.facts = facts
        self.since = since
    }

    /// The deadline could be taken for over, now or before. The wall clock counts whole seconds.
    func mayBeOver(at now: Duration) -> Bool {
        guard let deadline = facts.deadline else { return false }
        return isSaidToBeOver || deadline <= max(mostPassed, now - since + clock) + .seconds(1)
    }

    /// The deadline is over, and the program must have found out: it has said so, or nobody has set the clock.
    func isOver(at now: Duration) -> Bool {
        guard let deadline = facts.deadline else { return false }
        return isSaidToBeOver || !wasSet && deadline + .seconds(2) < now - since
    }

    /// What is left goes in spite of budgets and holders.
    func isForced(at now: Duration) -> Bool { facts.force && mayBeOver(at: now) }

    mutating func clockWasSet(by seconds: Duration, at now: Duration) {
        mostPassed = max(mostPassed, now - since + clock)
        clock += seconds
        wasSet = true
    }

    mutating func sayOver() { isSaidToBeOver = true }
}

extension Checker {
    // MARK: What is written down

    /// - Parameter age: how long ago it began, as the program says.
    mutating func drained(_ pool: String?, _ facts: DrainFacts, isOverdue: Bool, age: Duration) {
        var track = drains[pool] ?? DrainTrack(facts, since: now - age)
        // A drain of git's keeps its beginning, whatever else it says; whoever asks for another begins anew.
        if track.facts != facts { track = DrainTrack(facts, since: pool == nil ? now - age : track.since) }
        if isOverdue { track.sayOver() }
        drains[pool] = track
    }

    mutating func clockWasSet(by seconds: Duration) {
        for pool in Array(drains.keys) { drains[pool]?.clockWasSet(by: seconds, at: now) }
        wall = wall?.advanced(bySeconds: seconds.components.seconds)
        if let wall { scaling.age(to: wall) }
    }

    // MARK: Questions

    /// What the host is to be emptied of an object by.
    func drains(of object: ObjectFacts) -> [DrainTrack] {
        if object.isExemptFromDrains { return [] }
        let inGit = object.drain.map { facts in
            let written = drains[object.hostPool]
            return written.flatMap { $0.facts == facts ? $0 : nil } ?? DrainTrack(facts, since: written?.since ?? now)
        }
        return [inGit, drains[nil]].compactMap(\.self)
    }

    /// Whether what is left of an object may be taken away in spite of budgets and holders.
    func isForcedOut(_ id: ResourceID) -> Bool {
        inForce?.objects[id].map { drains(of: $0).contains { $0.isForced(at: now) } } ?? false
    }

    // MARK: What is taken away

    /// One container less, on a host that is emptied of its object.
    ///
    /// - Returns: false where the usual rules hold, for no drain takes anything away any more.
    mutating func checkDraining(_ call: CallFacts, _ victim: ContainerFacts, _ object: ObjectFacts) -> Bool {
        let drains = drains(of: object)
        if drains.isEmpty { return false }
        if drains.contains(where: { $0.isForced(at: now) }) { return true }
        if drains.contains(where: { !$0.isOver(at: now) }) {
            checkServing(call, victim, object)
            return true
        }
        return checkLeftBehind(call, victim, object)
    }

    /// After the deadline nothing is taken away that the usual rules would keep, since no other can take its place.
    private mutating func checkLeftBehind(
        _ call: CallFacts, _ victim: ContainerFacts, _ object: ObjectFacts
    ) -> Bool {
        guard let member = call.member, !object.isPool, member.slot < object.slots else { return false }
        // What was begun is finished.
        if isBegun(victim) { return true }
        let others = mirror.known(of: member).filter { $0.id != victim.id }
        if others.contains(where: { mirror.fitsAsKnown($0, object) }) { return false }
        violate(.justifiedDeletion, "\(words(call)) after the deadline of its drain")
        return true
    }

    // MARK: At rest

    /// The world has been good for long enough: nothing is left but what a budget, a holder or the deadline keeps.
    mutating func checkDrained(_ object: ObjectFacts) {
        let drains = drains(of: object)
        let present = mirror.present(of: object.id)
        var kept = 0
        if !drains.contains(where: { $0.isForced(at: now) }) {
            if let drain = drains.first(where: { $0.facts.deadline != nil && !$0.isOver(at: now) }) {
                return violate(.convergence, "the deadline of \(object.id) is still to come: \(drain.facts)")
            }
            if drains.allSatisfy({ $0.isOver(at: now) }) { return checkRepaired(object, present) }
            let held = present.count { claims.holder(of: $0.id) != nil }
            kept = held + (object.maxUnavailable.map { max(0, object.slots - $0) } ?? 0)
        }
        if present.count > kept {
            violate(.convergence, "of \(object.id) is \(present.map(\.name)) left, and \(kept) may stay")
        }
    }

    /// What was still here at the deadline does its work.
    private mutating func checkRepaired(_ object: ObjectFacts, _ present: [ContainerFacts]) {
        for container in present where mirror.fits(container, object) && !mirror.isClaimable(container, object) {
            violate(.convergence, "'\(container.name)' is left behind, and is \(container.status.rawValue)")
        }
    }
}
