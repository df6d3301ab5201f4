import Invariants
import ReconcileTesting
import Reconciler
import Specs

// People who have the host emptied, and end that again.

extension World {
    /// Somebody has the host emptied, if the program hears of it, and ends that some time later.
    mutating func drainForAWhile() {
        guard hostDrain == nil else { return }
        let deadline = pick([Duration?.none, .seconds(5), .seconds(20)])
        let facts = DrainFacts(deadline: deadline, force: deadline != nil && Bool.random(using: &dice))
        tell(.command(.drain(drain(facts))))
        schedule(.uncordons, in: between(5_000, 60_000))
    }

    mutating func uncordon() {
        guard hostDrain != nil else { return }
        tell(.command(.uncordon(by: "somebody")))
        if hostDrain != nil { schedule(.uncordons, in: .seconds(2)) }
    }

    /// Somebody has the host emptied, and asks again until it is written down.
    mutating func insistOnDrain(_ facts: DrainFacts) {
        // Nobody hears of it, and whoever asked believes that it holds.
        if bug == .ignorePerson { return emit(.drained(pool: nil, facts, isOverdue: false, age: .zero)) }
        insist(until: { $0.hostDrain != nil }) { .drain($0.drain(facts)) }
    }

    mutating func insistOnUncordon() { insist(until: { $0.hostDrain == nil }) { _ in .uncordon(by: "somebody") } }

    /// The command is made anew each time, since time passes.
    private mutating func insist(until isDone: (World) -> Bool, _ command: (World) -> Command) {
        let last = now + .seconds(60)
        while !isDone(self), now < last, checker.violations.isEmpty {
            tell(.command(command(self)))
            if !isDone(self) { run(until: now + .milliseconds(500)) }
        }
    }

    private func drain(_ facts: DrainFacts) -> Drain {
        Drain(
            reason: "a new kernel", by: "somebody", since: moment.wall,
            deadline: facts.deadline.map { moment.wall.advanced(bySeconds: $0.components.seconds) }, force: facts.force)
    }

    /// The program has written a drain down, or how far it has come.
    mutating func written(_ drain: Drain) {
        if drain.pool == nil { hostDrain = drain }
        let facts = DrainFacts(deadline: drain.deadline.map { $0.wall - drain.since.wall }, force: drain.force)
        emit(
            .drained(
                pool: drain.pool, facts, isOverdue: drain.isOverdue, age: moment.wall.wall - drain.since.wall))
    }

    /// A container of ours that nobody has seen before comes to light.
    mutating func bringToLight(_ member: MemberID, incarnation: Int) {
        let mark = OwnershipMark(
            owner: host.owner, object: member.object,
            member: .init(slot: member.slot, incarnation: incarnation, recreateHash: "v1"))
        byHand { engine in
            engine.addContainerByHand(
                name: "\(member.object.name)-\(member.slot)-\(incarnation)", labels: mark.labels)
        }
    }
}
