import ReconcileTesting
import Reconciler
import Specs
import Testing

/// What holds for every plan under gates, on hosts, specs and gates made of dice.
struct GatePropertyTests {
    private struct Scene {
        var desired: DesiredState
        var observed: ObservedState
        var gates: Gates
    }

    /// A host that an earlier revision left behind, some of it broken, under a revision with budgets and all the rest.
    private static func scene(_ seed: UInt64) -> Scene {
        var random = SplitMix64(seed: seed)
        func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }
        var observed = ObservedState(converged: RandomSpecs.state(using: &random, revision: 0))
        for container in observed.containers.values.sorted(by: { $0.id < $1.id }) where chance(25) {
            observed.change(container.name) { $0.status = RandomSpecs.pick([.exited, .paused, .created], &random) }
        }
        var desired = RandomSpecs.state(using: &random, revision: 1)
        desired.host.pruneBudget = PruneBudget(
            RandomSpecs.pick([.count(0), .count(1), .percent(Percentage(30))], &random))
        for id in desired.objects.keys.sorted() {
            let numbers: [CountOrPercent] = [.count(1), .count(2), .percent(Percentage(50)), .percent(Percentage(100))]
            let number = RandomSpecs.pick(numbers, &random)
            desired.objects[id]?.disruptionBudget = RandomSpecs.pick(
                [nil, .minAvailable(number), .maxUnavailable(number)], &random)
            if chance(10) { desired.objects[id]?.pausedInGit = "" }
            if chance(20) { desired.objects[id]?.apartFrom = [id] }
            if chance(20), let other = desired.objects.keys.sorted().first, other != id {
                desired.objects[id]?.dependsOn = [other]
            }
        }
        for name in desired.hostPools.keys.sorted() {
            if chance(10) { desired.hostPools[name]?.spec.cordon = true }
            if chance(20) {
                desired.hostPools[name]?.spec.taints = [
                    Taint(key: "t", effect: RandomSpecs.pick([.noExecute, .noSchedule], &random))
                ]
            }
            if chance(20) {
                desired.hostPools[name]?.spec.capacity.reserved.cpus = CPUQuantity(nanoCPUs: 3_000_000_000)
            }
        }
        if chance(10) { observed.preflight = PreflightFacts(dataFree: 0, dataSize: 1 << 40) }
        var gates = desired.solitaryGates
        if chance(10) {
            gates.pauses = [Pause(object: nil, reason: "", by: "a", since: Instant(secondsSince1970: 0))]
        }
        for container in observed.containers.values.sorted(by: { $0.id < $1.id }) where chance(5) {
            guard let member = container.mark.memberID else { continue }
            gates.phases[MemberInstance(member, container.incarnation)] = .retiring
        }
        for image in desired.images { observed.images[image] = ObservedImage(id: "sha256:" + image) }
        observed.refreshedImages = desired.images
        observed.isComplete = !chance(5)
        return Scene(desired: desired, observed: observed, gates: gates)
    }

    private static func plan(_ scene: Scene, _ scope: Planner.Scope = .everything) -> Plan {
        Planner.plan(desired: scene.desired, observed: scene.observed, gates: scene.gates, now: Now(), scope: scope)
    }

    @Test("the plan of a key is its part of the plan of everything", arguments: Seeds.corpus(300))
    func scopes(seed: UInt64) {
        let scene = Self.scene(seed)
        let whole = Self.plan(scene)
        for key in Set(whole.actions.map(\.key)) {
            #expect(Self.plan(scene, .key(key)).actions == whole.actions.filter { $0.key == key })
        }
    }

    @Test("the same parts in another order give the same plan", arguments: Seeds.corpus(100))
    func isDeterministic(seed: UInt64) {
        let scene = Self.scene(seed)
        var (other, random) = (scene, SplitMix64(seed: seed))
        for container in scene.observed.containers.values.shuffled(using: &random) {
            other.observed.record(nil, id: container.id)
            other.observed.record(container, id: container.id)
        }
        other.gates.phases = Dictionary(uniqueKeysWithValues: scene.gates.phases.shuffled(using: &random))
        #expect(Self.plan(other) == Self.plan(scene))
    }

    @Test("a pause of the host leaves nothing that may go on but looking", arguments: Seeds.corpus(100))
    func paused(seed: UInt64) {
        var scene = Self.scene(seed)
        scene.gates.pauses = [Pause(object: nil, reason: "", by: "a", since: Instant(secondsSince1970: 0))]
        let plan = Self.plan(scene)
        #expect(!plan.hasChanges)
        for action in plan.actions where action.verdict == .go { #expect(action.takesAway.isEmpty && !action.isChange) }
    }

    @Test("a plan whose changes are all held says that there is no change", arguments: Seeds.corpus(100))
    func heldIsNoChange(seed: UInt64) {
        let plan = Self.plan(Self.scene(seed))
        let open = plan.actions.filter { $0.isChange && !$0.isHeld }
        #expect(plan.hasChanges == !open.isEmpty)
        #expect(plan.held.count + plan.actions.count { !$0.isHeld } == plan.actions.count)
    }

    /// Workers take the first steps of any of the actions that may go on, side by side, and then look again.
    @Test("in no order of applying more is taken away than the budgets allow", arguments: Seeds.corpus(300))
    func budgets(seed: UInt64) {
        var scene = Self.scene(seed)
        var random = SplitMix64(seed: seed &+ 1)
        for _ in 0..<30 {
            let going = Self.plan(scene).actions.filter { $0.verdict == .go }
            guard !going.isEmpty else { break }
            let chosen = going.filter { _ in Bool.random(using: &random) }
            var before: [ResourceID: Int] = [:]
            for id in scene.desired.objects.keys { before[id] = Self.available(id, scene) }
            let undeclared = RemovalSet(scene.desired, scene.observed).containers.count
            let mayGo = scene.desired.host.pruneBudget.allowed(of: scene.observed.containers.count)
            for action in chosen {
                let isRemoval = action.key.object.flatMap { scene.desired.objects[$0] } == nil && action.isChange
                #expect(!isRemoval || undeclared <= mayGo, "held together, or not at all: \(action.line)")
                Self.apply(action, &scene)
            }
            for (id, object) in scene.desired.objects {
                guard let budget = object.disruptionBudget, let before = before[id] else { continue }
                let (after, least) = (Self.available(id, scene), budget.minimum(of: object.slots))
                // Fewer than that is somebody else's doing, and never made worse.
                #expect(after >= min(before, least), "\(id): \(before) -> \(after), \(budget)\n\(chosen.map(\.line))")
            }
        }
    }

    @Test("under budgets that leave room every rollout comes to an end", arguments: Seeds.corpus(200))
    func ends(seed: UInt64) {
        var random = SplitMix64(seed: seed &+ 2)
        var scene = Self.scene(seed)
        let fresh = scene.desired
        scene.desired = RandomSpecs.state(using: &random, revision: 2)
        for (id, object) in scene.desired.objects {
            let budget = fresh.objects[id]?.disruptionBudget
            // Members that the pool has no room for are missing for good.
            let fits = object.slotsWithinCapacity == object.slots
            let leavesRoom = object.strategy.type == .rolling || (budget?.minimum(of: object.slots) ?? 0) < object.slots
            scene.desired.objects[id]?.disruptionBudget = fits && leavesRoom ? budget : nil
        }
        scene.gates.pauses = []
        scene.observed.preflight = PreflightFacts()
        scene.observed.isComplete = true
        for image in scene.desired.images { scene.observed.images[image] = ObservedImage(id: "sha256:" + image) }
        scene.observed.refreshedImages = scene.desired.images
        for _ in 0..<300 {
            guard let action = Self.plan(scene).actions.filter({ $0.verdict == .go }).randomElement(using: &random)
            else {
                break
            }
            Self.apply(action, &scene)
        }
        let left = Self.plan(scene).actions.filter { action in
            guard case .held(let hold) = action.verdict else { return true }
            return ![.capacity, .hostNotSelected].contains(hold.gate)
        }
        #expect(left.isEmpty, "\(left.map(\.line))")
    }

    private static func available(_ id: ResourceID, _ scene: Scene) -> Int {
        let ready = scene.observed.containers(of: id).filter { container in
            let instance = MemberInstance(MemberID(id, container.slot), container.incarnation)
            return container.isReady && scene.gates.phases[instance] != .retiring
        }
        return Set(ready.map(\.slot)).count
    }

    /// All that the action does before something new is needed; a new container is ready at once or stays broken.
    private static func apply(_ action: Action, _ scene: inout Scene) {
        for step in action.steps {
            switch step {
            case .stop(let reference, _):
                guard var container = scene.observed.containers[reference.id] else { continue }
                container.status = .exited
                scene.observed.record(container, id: reference.id)
            case .remove(let reference):
                // The phase goes with the container.
                if let gone = scene.observed.containers[reference.id] { scene.gates.phases[gone.instance] = nil }
                scene.observed.record(nil, id: reference.id)
            case .start(let reference), .unpause(let reference):
                guard var container = scene.observed.containers[reference.id] else { continue }
                container.status = .running
                scene.observed.record(container, id: reference.id)
            case .createContainer(let intent):
                guard let member = intent.mark.memberID, let object = scene.desired.objects[member.object] else {
                    return
                }
                scene.observed.add(member.slot, of: object, incarnation: intent.mark.member?.incarnation ?? 1)
                return
            case .createNetwork(let intent): scene.observed.addNetwork(of: intent.mark.object)
            case .removeNetwork(let name, _, _): scene.observed.networks[name] = nil
            case .createVolume(let name, _): scene.observed.volumes[name] = ObservedVolume(name: name)
            case .update(let reference, let live):
                guard var container = scene.observed.containers[reference.id] else { continue }
                container.live = live
                if live.pids == -1 { container.live.pids = nil }
                scene.observed.record(container, id: reference.id)
            case .pullImage, .probe, .pause, .rename, .applyFirewall: continue
            }
        }
    }
}
