package import Invariants
import ReconcileTesting
import Reconciler
import Specs

// The end of a run: what must have been reached, and that it stays.

extension World {
    /// Things of others, who do nothing but watch.
    package mutating func placeBystanders() {
        let object = ResourceID(.workload, "a")
        var half = OwnershipMark(owner: host.owner, object: object).labels
        half["dev.reconcile.slot"] = "-1"
        let theirs = OwnershipMark(
            owner: "staging", object: object, member: .init(slot: 0, incarnation: 1, recreateHash: "v1"))
        byHand { engine in
            engine.addContainerByHand(name: "half-marked", labels: half)
            engine.addContainerByHand(name: "of-another-owner", labels: theirs.labels)
            engine.addContainerByHand(name: "bystander", status: .exited)
            engine.addNetworkByHand(name: "wide", subnets: ["10.224.0.0/15"])
        }
    }

    /// Lets the program get to where git says, and says when it must be there.
    package mutating func settle(within bound: Duration) {
        waitForMorning()
        let end = now + bound
        // What was lost on its way before is given up at its deadline.
        let lost = Set(calls.keys)
        while !lost.isDisjoint(with: calls.keys), now < end, checker.violations.isEmpty {
            run(until: now + .seconds(1))
        }
        // What it has not seen yet, it cannot know: a look at everything and one at git come first.
        run(until: now + settings.resyncInterval * 1.2 + .seconds(10))
        var looks = 0
        while checker.violations.isEmpty, now < end {
            // A person reads the plan every ten seconds.
            if looks.isMultiple(of: 5) { approveRemovals() }
            looks += 1
            run(until: min(end, now + .seconds(2)))
            if calls.isEmpty, crowd.isGone, journal.openIntents == 0, checker.isAtRest { break }
        }
        guard checker.violations.isEmpty else { return }
        if trace != nil, !checker.isAtRest { notePlan() }
        emit(.due)
    }

    /// What git says by the clock stays as it is from then on.
    private mutating func waitForMorning() {
        let drafts = git.commits.values.map(\.draft)
        let nights = drafts.flatMap { $0.objects.compactMap(\.scaling?.night?.to) } + drafts.compactMap(\.freeze?.to)
        if let last = nights.max() { run(until: now + max(.zero, last.wall - moment.wall.wall)) }
    }

    /// Lets the program get to where git says, before anything is expected of it.
    mutating func settleForScenario(within bound: Duration) {
        let end = now + bound
        repeat {
            run(until: now + .seconds(2))
        } while !(calls.isEmpty && crowd.isGone && checker.isAtRest) && now < end
    }

    /// What the program would still do, for the one who wonders why it does not.
    private mutating func notePlan() {
        for action in program?.loop.currentPlan()?.actions ?? [] {
            trace?.note("plan: \(action.key) \(action.verb.rawValue): \(action.reason) \(action.verdict)", at: now)
        }
    }

    /// A long time in which nothing happens, and then a program that has just begun.
    package mutating func rest(rounds: Int, interval: Duration) {
        run(until: now + interval * rounds)
        let last = now + .seconds(60)
        while !calls.isEmpty, now < last, checker.violations.isEmpty { run(until: now + .milliseconds(100)) }
        emit(.ended(openIntents: journal.openIntents))
        crash()
        let end = now + .seconds(60)
        repeat { run(until: now + .seconds(1)) } while !isInformed && now < end && checker.violations.isEmpty
        guard checker.violations.isEmpty, let plan = program?.loop.currentPlan() else { return }
        let changes = plan.actions.filter { $0.isChange && !$0.isHeld }
        emit(.planned(changes: changes.map { "\($0.key) \($0.verb.rawValue): \($0.reason)" }))
    }

    /// The program has looked, and knows what git says.
    private var isInformed: Bool { program?.loop.currentPlan() != nil && program?.loop.nextDesired == nil }

    /// What the revision in force was made of.
    package var draftInForce: Draft? { announced.flatMap { git.commits[$0]?.draft } }

    /// Both hosts must have come to the same end.
    package mutating func expectSameEnd(as other: World, _ invariant: Invariant = .routeIndependence) {
        if let violation = other.checker.violations.first {
            checker.report(violation.invariant, "on the other way: \(violation.message)", at: now)
        } else if let difference = checker.finalState.difference(to: other.checker.finalState) {
            checker.report(invariant, "another end than on the other way: \(difference)", at: now)
        }
    }
}
