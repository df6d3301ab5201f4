import Invariants
import ReconcileTesting
import Reconciler
import Specs

// Seeded bugs: what a broken program would do, done in its place.

extension World {
    /// Sends a step that the program has not asked for, with its intent, as a program would that meant it.
    private mutating func forge(_ step: Step) {
        sabotage.lastIntent += 1
        let key: Key = CallFacts(step).member.map(Key.member) ?? .object(ResourceID(.workload, "a"))
        emit(
            .intent(
                Intent(
                    id: sabotage.lastIntent, key: key, step: step.name, subject: step.subject,
                    incarnation: step.incarnation, revision: announced ?? "", observation: 0, engine: "",
                    begun: moment.wall)))
        let facts = CallFacts(step)
        var call = WireCall(run: run, ticket: .max, request: .apply(step, facts), fate: .good)
        call.isForged = true
        launch(call)
        emit(.sent(run: run, call: lastCall, facts))
        sabotage.isDone = true
    }

    /// The containers of declared objects that run, are known, and have no call under way.
    private func idleContainers() -> [ObservedContainer] {
        guard let loop = program?.loop, let desired = loop.desired, engine.isUp, checker.isReadyToAct else { return [] }
        let busy = Set(calls.values.compactMap(\.member))
        return loop.informer.observed.containers.values.sorted { $0.id < $1.id }.filter { container in
            container.isReady && engine.containers[container.id]?.status == .running
                && !busy.contains(MemberID(container.mark.object, container.slot))
                && desired.objects[container.mark.object] != nil
        }
    }

    mutating func sabotageTick() {
        guard let bug, !sabotage.isDone else { return }
        switch bug {
        case .deleteWithoutReason:
            guard let victim = idleContainers().first(where: { checker.isNeeded($0.id) }) else { return }
            forge(.stop(ContainerReference(victim), timeout: .zero))
        case .touchForeign:
            guard checker.isReadyToAct, let model = idleContainers().first,
                let foreign = engine.containers.values.filter({ $0.mark == nil }).min(by: { $0.id < $1.id })
            else { return }
            var forged = model
            forged.id = foreign.id
            forged.name = foreign.name
            forge(.rename(ContainerReference(forged), to: "taken-over"))
        case .takeClaimed:
            guard let victim = idleContainers().first(where: { checker.isGoodForItsHolder($0.id) }) else { return }
            forge(.stop(ContainerReference(victim), timeout: .zero))
        default: break
        }
    }

    /// The container of a run that is over, as the program knows.
    mutating func startAgain() {
        guard bug == .repeatRun, !sabotage.isDone, let loop = program?.loop, checker.isReadyToAct else { return }
        let ended = loop.informer.observed.containers.values.filter {
            $0.mark.object.kind == .scheduledTask && $0.status == .exited
        }
        if let first = ended.min(by: { $0.id < $1.id }) { forge(.start(ContainerReference(first))) }
    }

    /// Beside a step of the program.
    mutating func forgeCompany(of step: Step) {
        rushRollout(beside: step)
        spendBudgetTwice(beside: step)
        guard bug == .ignoreBudget, !sabotage.isDone, case .stop(let reference, _) = step else { return }
        let stale = idleContainers().first { container in
            container.mark.object == reference.member.object && container.slot != reference.member.slot
                && checker.isStaleMemberToReplace(container.id)
        }
        if let stale { forge(.stop(ContainerReference(stale), timeout: .zero)) }
    }

    /// The successor of another member, beside that of the first.
    private mutating func rushRollout(beside step: Step) {
        guard bug == .rushRollout, !sabotage.isDone, case .createContainer(var intent) = step,
            let member = intent.mark.member, member.slot == 0, member.incarnation > 1
        else { return }
        intent.mark.member?.slot = 1
        intent.name = "\(intent.mark.object.name)-1-\(member.incarnation)"
        forge(.createContainer(intent))
    }

    /// A member beyond the replicas, beside the second of those that go because it does their work.
    private mutating func spendBudgetTwice(beside step: Step) {
        guard bug == .spendBudgetTwice, !sabotage.isDone, case .stop(let reference, _) = step else { return }
        let object = reference.member.object
        let busy = Set(calls.values.compactMap(\.member)).filter { $0.object == object }
        guard busy.count > 1, let slots = program?.loop.desired?.objects[object]?.slots else { return }
        let surplus = idleContainers().first { $0.mark.object == object && $0.slot >= slots }
        if let surplus { forge(.stop(ContainerReference(surplus), timeout: .zero)) }
    }

    /// After the answer to a step, and before the program hears of it.
    mutating func forgeEcho(of step: Step, _ result: Result<StepResult, DriverError>) {
        guard let bug, !sabotage.isDone else { return }
        switch (bug, step, result) {
        case (.repeatStep, .start, .success): forge(step)
        case (.createTwice, .createContainer(var intent), .success):
            guard let member = intent.mark.member, let id = intent.mark.memberID else { return }
            intent.mark.member?.incarnation += 1
            intent.name = "\(id.object.name)-\(id.slot)-\(member.incarnation + 1)"
            forge(.createContainer(intent))
        case (.overCreate, .createContainer(var intent), .success) where intent.mark.object.kind == .warmPool:
            // As many as no waiting crowd could ask for.
            for slot in 100..<130 {
                intent.mark.member?.slot = slot
                intent.mark.member?.incarnation = 1
                intent.name = "\(intent.mark.object.name)-\(slot)-1"
                forge(.createContainer(intent))
            }
        case (.forgetDoubt, .start, .failure(let error)), (.forgetDoubt, .stop, .failure(let error)):
            if error.disposition == .unknown { forge(step) }
        default: break
        }
    }

    /// Right after a boot.
    mutating func forgeBlindStep() {
        if bug == .actBlind, run > 1, !sabotage.isDone, trouble.handEdit > 0 { forge(.pullImage(reference: "app:1")) }
    }

    /// A container of ours that nobody can see, left behind at the end of the trouble.
    mutating func leaveOrphan() {
        guard bug == .leaveOrphan else { return }
        let mark = OwnershipMark(
            owner: host.owner, object: ResourceID(.workload, "gone"),
            member: .init(slot: 0, incarnation: 1, recreateHash: "v1"))
        var id = ""
        byHand { engine in
            id = engine.addContainerByHand(name: "gone-0-1", labels: mark.labels)
            _ = engine.takeEvents()
        }
        sabotage.hidden.insert(id)
    }

    func sabotaged(_ desired: DesiredState) -> DesiredState {
        var copy = desired
        if bug == .neverRollBack {
            for id in desired.objects.keys { copy.objects[id]?.strategy.autoRollback = false }
        }
        if bug == .retireEarly {
            for id in desired.objects.keys { copy.objects[id]?.strategy.blueGreen?.hold = .zero }
        }
        if bug == .rushCanary {
            var all = RolloutStrategy.Step()
            (all.weight, all.pause) = (Percentage(100), .zero)
            for id in desired.objects.keys { copy.objects[id]?.strategy.canary?.steps = [all] }
        }
        if bug == .overlapRuns || bug == .forgetRuns {
            for id in desired.objects.keys {
                if bug == .forgetRuns { copy.objects[id]?.task?.spec.suspend = true }
                copy.objects[id]?.task?.spec.concurrencyPolicy = .allow
            }
        }
        if bug == .forgetObject { copy.objects = desired.objects.filter { $0.key.name != "b" } }
        sabotageDrains(of: &copy)
        sabotageScaling(of: &copy)
        sabotageWindows(of: &copy)
        return copy
    }

    /// What is said of drains reaches the program as something else.
    private func sabotageDrains(of desired: inout DesiredState) {
        func change(_ change: (inout HostPool.Drain) -> Void) {
            guard var drain = desired.hostPools["drained"]?.spec.drain else { return }
            change(&drain)
            desired.hostPools["drained"]?.spec.drain = drain
        }
        switch bug {
        case .neverDrain: desired.hostPools["drained"]?.spec.drain = nil
        case .forgetDrain: if run > 1 { desired.hostPools["drained"]?.spec.drain = nil }
        case .drainForEver: change { $0.deadline = nil }
        case .spareAtDeadline: change { $0.force = false }
        case .evictEarly: change { $0.deadline = .zero }
        case .drainPastBudget:
            for id in desired.objects.keys { desired.objects[id]?.disruptionBudget = nil }
        case .drainTolerant:
            for id in desired.objects.keys { desired.objects[id]?.tolerations = [] }
        default: break
        }
    }

    /// What was decided before is put back to what git says, and written down as if that had been decided.
    mutating func beginWithGit() throws(StateStoreError) {
        guard bug == .beginWithGit, let revision = journal.accepted?.revision.id,
            let objects = git.commits[revision]?.facts.objects
        else { return }
        for (id, state) in try journal.load().scaling.sorted(by: { $0.key < $1.key }) {
            var state = state
            state.size = objects[id]?.slots
            try journal.commit([.scaled(id, state)])
        }
    }

    private func sabotageScaling(of desired: inout DesiredState) {
        let before = program?.loop.desired?.autoscalers ?? []
        for index in desired.autoscalers.indices {
            switch bug {
            case .keepBeyondBounds:
                let target = desired.autoscalers[index].spec.target
                guard let old = before.first(where: { $0.spec.target == target })?.spec else { continue }
                (desired.autoscalers[index].spec.min, desired.autoscalers[index].spec.max) = (old.min, old.max)
            case .leaveBounds: desired.autoscalers[index].spec.max += 3
            case .shrinkAtOnce: desired.autoscalers[index].spec.behavior.scaleDown.stabilizationWindowSeconds = 0
            default: break
            }
        }
    }

    private func sabotageWindows(of desired: inout DesiredState) {
        switch bug {
        case .ignoreWindows: desired.windows = WindowSet([])
        case .removeInFreeze: change { $0.classes = [.disruptive] }
        case .ignoreLead where !desired.windows.isEmpty:
            for id in desired.objects.keys { desired.objects[id]?.container.template.stopTimeout = .zero }
        case .neverFinish: change { $0.overrun = .stop }
        case .overrunWindow, .switchInFreeze: change { $0.overrun = .finish }
        case .forgetOpening: change { $0.duration = .seconds(86_400) }
        default: break
        }
        func change(_ change: (inout MaintenanceWindow) -> Void) {
            let windows = desired.windows.windows.map { window in
                var spec = window.spec
                change(&spec)
                return Resource(id: ResourceID(.maintenanceWindow, window.name), spec: spec, origin: window.origin)
            }
            desired.windows = WindowSet(windows, zones: [:])
        }
    }

    /// What the program is told of a metric.
    func sabotaged(_ reading: MetricReading) -> MetricReading {
        switch (bug, reading) {
        case (.scaleBlind, .failed): .whole(0, at: moment.wall)
        case (.neverScale, _): .failed("nobody listens")
        default: reading
        }
    }

    /// Whether a revision is followed in spite of the rules.
    func isSabotaged(_ commit: SimulatedGit.Commit) -> Bool {
        switch bug {
        case .followBrokenRevision: commit.specs == nil
        case .followVanishedRevision: commit.specs != nil
        default: false
        }
    }

    /// Whether this step fails because somebody wants it to.
    func isSabotaged(_ step: Step) -> Bool {
        if bug == .neverRefill, case .createContainer(let intent) = step, trouble == .none {
            return drafts.claimable.contains(intent.mark.object.name)
        }
        if bug == .leaveUnrepaired || bug == .holdRepair, case .start(let reference) = step {
            return engine.containers[reference.id]?.status == .exited
        }
        guard bug == .neverBackOff, case .start(let reference) = step else { return false }
        return reference.member.slot == 0
    }

    /// Rules that lead to a member that is not ready as well, once.
    mutating func sabotaged(rules step: Step) -> Step {
        guard bug == .leadToUnready, !sabotage.isDone, case .applyFirewall(let intent) = step else { return step }
        // Whoever is known to be ready is led to anyway.
        let address = engine.containers.values.sorted { $0.name < $1.name }
            .filter { $0.mark?.owner == host.owner && $0.mark?.object.kind == .workload && $0.status == .created }
            .compactMap { try? IPAddress.parse($0.address) }.first { !intent.traffic.leads(to: $0) }
        guard let address else { return step }
        sabotage.isDone = true
        let routes = intent.traffic.routes.map { route in
            TrafficMap.Route(route.port, to: route.members + [TrafficMap.Member(address)])
        }
        return .applyFirewall(intent.leading(TrafficMap(routes)))
    }

    // MARK: Claims

    /// What the program is told of containers that somebody has, when it is not to know that they have ended.
    func sabotaged(_ state: ObservedState) -> ObservedState {
        guard bug == .hideLoss else { return state }
        var state = state
        for container in state.containers.values {
            if let mended = sabotaged(container) { state.record(mended, id: container.id) }
        }
        return state
    }

    func sabotaged(_ found: [String: ObservedContainer?]) -> [String: ObservedContainer?] {
        bug == .hideLoss ? found.mapValues { $0.map { sabotaged($0) ?? $0 } } : found
    }

    private func sabotaged(_ container: ObservedContainer) -> ObservedContainer? {
        guard container.status == .exited, checker.isHeld(container.id) else { return nil }
        var mended = container
        mended.status = .running
        return mended
    }

    /// What whoever asked is told; nil for nothing.
    func sabotaged(_ result: Result<Claim, ClaimRefusal>) -> Result<Claim, ClaimRefusal>? {
        switch (bug, result) {
        case (.giveTwice, .success(var claim)):
            let others = crowd.containersInUse.filter { $0 != claim.container }
            if let other = others.first { claim.container = other }
            return .success(claim)
        case (.leaveWaiting, .failure(let refusal)) where refusal.code == .exhausted: return nil
        default: return result
        }
    }

    // MARK: Determinism

    /// Plans twice from the same facts, put together in another order.
    mutating func comparePlans() {
        guard let program, let desired = program.loop.desired else { return }
        let observed = program.loop.informer.observed
        var shuffled = observed
        for container in observed.containers.values { shuffled.record(nil, id: container.id) }
        for container in observed.containers.values.shuffled(using: &dice) {
            shuffled.record(container, id: container.id)
        }
        let gates = Gates(shares: SolitaryCoordinator.shares(of: desired.hostPools, for: host.identity))
        let first = Planner.plan(desired: desired, observed: observed, gates: gates, now: moment)
        var second = Planner.plan(desired: desired, observed: shuffled, gates: gates, now: moment)
        if bug == .dependOnOrder { second.actions.reverse() }
        for action in first.actions { emit(.said("\(action.reason) \(action.verdict)")) }
        guard first != second else { return }
        let difference = zip(first.actions, second.actions).first { $0 != $1 }
        emit(.plansDiffer("\(difference.map { "\($0.0.key) \($0.0.reason)" } ?? "one is longer")"))
    }
}

extension WireCall {
    /// The member that a step on the wire is about.
    var member: MemberID? {
        if case .apply(_, let facts) = request { facts.member } else { nil }
    }

    var withoutAnswer: WireCall {
        var call = self
        call.answer = nil
        return call
    }
}
