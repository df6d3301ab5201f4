import Reconciler
import Specs

// S6 and L3: what people plan for is begun when windows let it, and is made when they do.
//
// Windows hold whatever takes the work away from a member that does it: a replacement, a stale member of a pool, fewer
// members by git, what is no longer declared, a drain, and the switch of a blue-green rollout. They hold no repair of what
// does none, and nothing that nobody plans: fewer members of an autoscaler or a pool, the end of a claim, the runs of tasks.
//
// Not seen here: windows that let (`allow`), selectors and classes, since every freeze of a trace speaks of all that is
// disruptive or destructive; overrides and a person's sync; and whether members that do no work are taken away in a freeze.

/// What was begun while windows let it; whoever has gone is forgotten.
struct TimelyBeginnings: Sendable {
    /// Members whose container was asked for.
    var creations: Set<MemberInstance> = []
    /// Members that were written down to go, then or for a reason that waits for no window.
    var retirements: Set<MemberInstance> = []

    mutating func forget(_ instance: MemberInstance) {
        creations.remove(instance)
        retirements.remove(instance)
    }
}

extension Checker {
    // MARK: What is begun

    /// A container is about to be taken away.
    ///
    /// - Parameter object: nil where nothing declares it any more.
    mutating func checkWindow(ofLoss call: CallFacts, _ victim: ContainerFacts, _ object: ObjectFacts?) {
        if isPlanned(lossOf: victim, object) { checkWindow(call, victim, freeze(of: object)) }
    }

    /// A container is about to be made in the place of one that does its work.
    mutating func checkWindow(ofCreation call: CallFacts, _ member: MemberID, _ object: ObjectFacts) {
        let old = mirror.known(of: member).filter { isStaleInUse($0, object) }
        if let first = old.min(by: { $0.incarnation < $1.incarnation }) { checkWindow(call, first, object.freeze) }
        guard let incarnation = call.incarnation, !isFrozen(object) else { return }
        beginnings.creations.insert(MemberInstance(member, incarnation))
    }

    /// A network is about to be removed that nothing declares any more.
    mutating func checkWindow(ofNetworkLoss call: CallFacts) {
        if let freeze = inForce?.freeze, isFrozen(nil) { report(call, held: freeze) }
    }

    /// Ports are about to be led to new members alone: as the switch of a blue-green rollout, which was begun by making them.
    mutating func checkWindow(ofTraffic call: CallFacts) {
        for object in (inForce?.objects.values ?? [:].values).sorted(by: { $0.id < $1.id }) where object.hold != nil {
            guard let freeze = object.freeze, !freeze.letsFinish, isFrozen(object) else { continue }
            let members = mirror.known(of: object.id).filter { !$0.address.isEmpty }
            let isLeft = members.contains {
                isStaleInUse($0, object) && led.contains($0.address) && !call.addresses.contains($0.address)
            }
            let isTaken = members.contains {
                !led.contains($0.address) && call.addresses.contains($0.address) && mirror.fitsAsKnown($0, object)
            }
            if isLeft && isTaken && !switchedInTime.contains(object.id) { report(call, held: freeze) }
        }
    }

    private mutating func checkWindow(_ call: CallFacts, _ victim: ContainerFacts, _ freeze: FreezeFacts?) {
        guard let freeze, let wall else { return }
        let isHeld =
            wasBegunInTime(victim)
            ? !freeze.letsFinish && freeze.holds(at: wall) : freeze.holds(at: wall, lead: freeze.lead)
        if isHeld { report(call, held: freeze) }
    }

    private mutating func report(_ call: CallFacts, held freeze: FreezeFacts) {
        let time = wall.map { " at \($0)" } ?? ""
        violate(.window, "\(words(call))\(time), and nothing may be changed from \(freeze.from) to \(freeze.to)")
    }

    // MARK: What was begun

    /// The program has written down that a member goes for good.
    mutating func retired(_ instance: MemberInstance) {
        mirror.retired.insert(instance)
        let object = inForce?.objects[instance.member.object]
        retirements[instance] = Retirement(since: now, isOfDrain: object.map { !drains(of: $0).isEmpty } ?? false)
        let victim = mirror.known(of: instance.member).first { $0.incarnation == instance.incarnation }
        let isHeld = isFrozen(object) && victim.map { isPlanned(lossOf: $0, object) } ?? false
        if !isHeld { beginnings.retirements.insert(instance) }
    }

    /// The program has written down how far the switch of a blue-green rollout is.
    mutating func switched(_ object: ResourceID, _ isSwitched: Bool) {
        defer { switches[object] = isSwitched ? switches[object] ?? now : nil }
        if !isSwitched {
            switchedInTime.remove(object)
        } else if switches[object] == nil, !isFrozen(inForce?.objects[object]) {
            switchedInTime.insert(object)
        }
    }

    /// Its removal was begun as windows let it, or it has a successor in the engine that was asked for then.
    private func wasBegunInTime(_ victim: ContainerFacts) -> Bool {
        guard let member = victim.member else { return false }
        if isBegun(victim), beginnings.retirements.contains(MemberInstance(member, victim.incarnation)) { return true }
        return mirror.present(of: member).contains {
            $0.incarnation > victim.incarnation
                && beginnings.creations.contains(MemberInstance(member, $0.incarnation))
        }
    }

    // MARK: Questions

    /// - Parameter object: nil where nothing declares it any more.
    private func freeze(of object: ObjectFacts?) -> FreezeFacts? { object == nil ? inForce?.freeze : object?.freeze }

    private func isFrozen(_ object: ObjectFacts?) -> Bool {
        guard let freeze = freeze(of: object), let wall else { return false }
        return freeze.holds(at: wall)
    }

    /// It does its work, and people would plan for its end.
    private func isPlanned(lossOf victim: ContainerFacts, _ object: ObjectFacts?) -> Bool {
        guard let member = victim.member, !claims.wasGiven(victim.id) else { return false }
        guard let object else { return mirror.isReady(victim) }
        if object.task != nil || !mirror.isClaimable(victim, object) { return false }
        let isSurplus = !object.isPool && member.slot >= object.slots
        if isSurplus, object.scaling != nil { return false }
        return isSurplus || isEmptied(of: object) || isStaleInUse(victim, object)
    }

    /// The host is emptied of it, and the deadline is still to come or takes what is left.
    private func isEmptied(of object: ObjectFacts) -> Bool {
        drains(of: object).contains { $0.isForced(at: now) || !$0.isOver(at: now) }
    }

    /// It does the work, and is not as git says.
    private func isStaleInUse(_ container: ContainerFacts, _ object: ObjectFacts) -> Bool {
        guard let member = container.member, object.task == nil, mirror.isClaimable(container, object) else {
            return false
        }
        let hasPlace = object.isPool || member.slot < min(object.slots, object.slotsWithinCapacity)
        return hasPlace && !mirror.isCurrentAsKnown(container, object)
    }

    // MARK: At rest

    /// What is there does its work still as an earlier revision says, which a window held, and nothing has been in the way
    /// for long.
    func isHeldBeyondOpening(_ member: MemberID, _ object: ObjectFacts) -> Bool {
        guard let freeze = object.freeze, let wall, let acceptedAt, acceptedAt < freeze.to, freeze.to <= wall else {
            return false
        }
        return mirror.present(of: member).contains { isStaleInUse($0, object) }
    }
}
