import Invariants
import ReconcileTesting
import Reconciler
import Specs

// What befalls a world, one tick a second.

extension World {
    static let tick = Duration.seconds(1)
    private static let ticksBetweenComparisons = 50

    /// Begins a bad time, in which dice decide each second what goes wrong.
    package mutating func begin(_ trouble: Trouble) {
        self.trouble = trouble
        schedule(.tick, in: Self.tick)
    }

    mutating func tick() {
        guard trouble != .none else { return }
        schedule(.tick, in: Self.tick)
        figures.ticks += 1
        countContainers()
        if chance(trouble.handEdit) { editByHand() }
        if chance(trouble.revision) { pushSomething() }
        if chance(trouble.fault) { beginSomeFault() }
        if chance(trouble.crash) {
            figures.faults += 1
            journal.crash(after: Int.random(in: 0..<30, using: &dice))
        }
        if chance(trouble.clockJump) {
            figures.faults += 1
            let seconds = Int64.random(in: -7_200...7_200, using: &dice)
            wallSeconds += seconds
            emit(.clockSet(by: .seconds(seconds)))
        }
        if chance(trouble.obstacle) { standInTheWay() }
        if chance(trouble.approval) { approveRemovals() }
        if chance(trouble.drain) { drainForAWhile() }
        if chance(trouble.claim) { comeAlong() }
        if chance(trouble.claimHand) { meddleWithClaims() }
        if figures.ticks.isMultiple(of: Self.ticksBetweenComparisons) { comparePlans() }
        sabotageTick()
    }

    /// There were as many containers as there must be.
    private var isFilled: Bool { figures.mostContainers >= Figures.least.containers }

    private mutating func countContainers() {
        if isFilled { return }
        let ours = engine.containers.values.count { $0.mark?.owner == host.owner && $0.mark?.member != nil }
        figures.mostContainers = max(figures.mostContainers, ours)
    }

    // MARK: Git

    /// Puts a draft on the branch.
    @discardableResult
    package mutating func push(_ draft: Draft, isRewritten: Bool = false) -> String {
        let commit = git.push(draft, isRewritten: isRewritten)
        figures.revisions += 1
        figures.mostObjects = max(figures.mostObjects, commit.facts.objects.count)
        emit(.shown(commit.facts))
        return commit.snapshot.revision.id
    }

    /// The draft that git shows now.
    package var draft: Draft? { git.head?.draft }

    private mutating func pushSomething() {
        guard let draft = git.head?.draft else { return }
        var next = draft.objects.isEmpty ? drafts.draft(using: &dice) : draft
        next = drafts.change(next, using: &dice)
        switch Int.random(in: 0..<10, using: &dice) {
        case 0:
            next.brokenObject = next.objects.randomElement(using: &dice)?.name
            push(next)
        case 1: push(Draft([]))
        case 2:
            let id = push(next, isRewritten: true)
            if chance(500) { allow(id) }
        default: push(next)
        }
    }

    /// A person lets this revision through.
    package mutating func allow(_ id: String) {
        allowedRevision = id
        emit(.allowed(revision: id))
    }

    /// A person reads the plan, and allows the removals that are held.
    package mutating func approveRemovals() {
        guard let program, let plan = program.loop.currentPlan() else { return }
        let holds = plan.actions.flatMap { action in
            if case .held(let hold) = action.verdict { [hold] + hold.also } else { [Hold]() }
        }
        guard holds.contains(where: { $0.gate == .pruneBudget }), let desired = program.loop.desired else { return }
        let removals = RemovalSet(desired, program.loop.informer.observed)
        emit(.approved(revision: removals.revision, removals: removals.names))
        tell(
            .command(
                .approve(
                    Approval(revision: removals.revision, removals: removals.names, by: "somebody", at: moment.wall))))
    }

    // MARK: Hands

    private mutating func editByHand() {
        let ours = engine.containers.values.filter { $0.mark?.owner == host.owner && $0.mark?.member != nil }
            .sorted { $0.id < $1.id }
        guard let victim = ours.randomElement(using: &dice) else { return }
        figures.handEdits += 1
        switch Int.random(in: 0..<13, using: &dice) {
        case 12: flushFilter()
        case 0...3: byHand { $0.stopByHand(victim.id, exitCode: 1) }
        case 4: byHand { $0.pauseByHand(victim.id) }
        case 5: byHand { $0.removeByHand(victim.id) }
        case 6: byHand { $0.renameByHand(victim.id, to: "renamed-\(victim.id.suffix(4))") }
        case 7:
            var live = victim.live
            live.pids = pick([nil, 7])
            live.nanoCPUs = pick([nil, 2_000_000_000])
            live.restartPolicy = pick(["no", "always"])
            // What else can be set follows from the dice that were cast.
            live.cpuShares = live.pids == nil ? 512 : nil
            live.cpuset = live.nanoCPUs == nil ? "0" : nil
            byHand { $0.updateByHand(victim.id, live) }
        case 8 where victim.hasHealthCheck && victim.status == .running:
            let health = pick([ObservedContainer.Health.healthy, .unhealthy])
            byHand { $0.setHealth(victim.id, health) }
        case 9:
            let (reference, number) = (pick(RandomDrafts.images), Int.random(in: 0..<5, using: &dice))
            byHand { $0.publishByHand(reference, id: "sha256:moved-\(number)") }
        case 10:
            let unused = engine.networks.values.filter { network in
                network.mark?.owner == host.owner
                    && !engine.containers.values.contains { $0.isActive && $0.network == network.name }
            }
            if let name = unused.map(\.name).min() { byHand { $0.removeNetworkByHand(name) } }
        default:
            let reference = pick(RandomDrafts.images)
            byHand { $0.removeImageByHand(reference) }
        }
    }

    /// Names, subnets and half marks of somebody else.
    private mutating func standInTheWay() {
        let name = pick(["a", "b", "c"])
        switch Int.random(in: 0..<3, using: &dice) {
        case 0:
            let incarnation = Int.random(in: 1...9, using: &dice)
            let taken = "\(name)-0-\(incarnation)"
            if !engine.containers.values.contains(where: { $0.name == taken }) {
                byHand { $0.addContainerByHand(name: taken) }
            }
        case 1:
            // An object without its network has no containers: not before there were as many as there must be.
            if isFilled, engine.networks["reconcile-\(name)"] == nil {
                byHand { $0.addNetworkByHand(name: "reconcile-\(name)", subnets: ["172.20.0.0/16"]) }
            }
        default:
            let third = Int.random(in: 0..<256, using: &dice)
            if engine.networks["foreign-\(third)"] == nil {
                byHand { $0.addNetworkByHand(name: "foreign-\(third)", subnets: ["10.225.\(third).0/24"]) }
            }
        }
    }

    // MARK: Faults that last

    /// Begins any of them, unless it lasts still.
    mutating func beginSomeFault() { begin(pick(Fault.allCases)) }

    private mutating func begin(_ fault: Fault) {
        guard faults.insert(fault).inserted else { return }
        figures.faults += 1
        emit(.fault(fault.rawValue, isOn: true))
        switch fault {
        case .engineDown where engine.isUp, .engineDownWithContainers where engine.isUp:
            byItself { if fault == .engineDown { $0.stop() } else { $0.crash() } }
            loseAnswers()
            schedule(.streamBreaks(run: run), in: between(0, 100))
        case .engineDown, .engineDownWithContainers: break
        case .diskFull: engine.isDiskFull = true
        case .storeFull: journal.setFull(true)
        case .gitAway: git.isAway = true
        case .badConnection: break
        }
        schedule(.ends(fault), in: between(2_000, 25_000))
    }

    /// What was under way when the engine went is never answered.
    private mutating func loseAnswers() {
        for (id, call) in calls.sorted(by: { $0.key < $1.key }) where call.answer == nil && call.listed == nil {
            calls[id]?.fate = .requestLost
        }
    }

    mutating func end(_ fault: Fault) {
        guard faults.remove(fault) != nil else { return }
        emit(.fault(fault.rawValue, isOn: false))
        switch fault {
        case .engineDown, .engineDownWithContainers:
            let isStillDown = faults.contains(.engineDown) || faults.contains(.engineDownWithContainers)
            if !engine.isUp && !isStillDown { byItself { $0.start() } }
        case .diskFull: engine.isDiskFull = false
        case .storeFull: journal.setFull(false)
        case .gitAway: git.isAway = false
        case .badConnection: break
        }
    }

    // MARK: Calm

    /// Nothing goes wrong any more, and nothing stands in the way: from here on the program must get there.
    package mutating func calmDown() {
        for fault in Fault.allCases { end(fault) }
        trouble = .none
        // Whoever has set the clock back sets it right, or nobody could wait for what is due.
        wallSeconds = max(wallSeconds, World.wallAtStart)
        journal.revive()
        if hostDrain != nil { schedule(.uncordons, in: .zero) }
        removeObstacles()
        // A tag that has moved is found at the next look behind it, which may be minutes away.
        byHand { engine in for (reference, image) in engine.images { engine.publishByHand(reference, id: image.id) } }
        emit(.calm)
    }

    private mutating func removeObstacles() {
        for container in engine.containers.values.sorted(by: { $0.id < $1.id })
        where container.observed(by: host.owner) == nil && container.name.utf8.count <= "a-0-10".utf8.count {
            byHand { $0.removeByHand(container.id) }
        }
        for network in engine.networks.values.sorted(by: { $0.name < $1.name })
        where network.mark == nil && network.name.hasPrefix("reconcile-") {
            byHand { $0.removeNetworkByHand(network.name) }
        }
    }
}
