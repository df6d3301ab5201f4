import ReconcileTesting
import Reconciler
import Specs
import Testing

/// What holds for every plan, on hosts and specs made of dice.
struct PlannerPropertyTests {
    /// A host that some revision left behind, edited by hand, and a new revision for it.
    private static func scene(_ seed: UInt64) -> (desired: DesiredState, observed: ObservedState) {
        var random = SplitMix64(seed: seed)
        let before = RandomSpecs.state(using: &random, revision: 0)
        var observed = ObservedState(converged: before)
        for container in observed.containers.values.sorted(by: { $0.id < $1.id }) {
            guard Int.random(in: 0..<3, using: &random) == 0 else { continue }
            let statuses: [ObservedContainer.Status] = [
                .created, .running, .paused, .restarting, .removing, .exited, .dead,
            ]
            let status = RandomSpecs.pick(statuses, &random)
            let pids = RandomSpecs.pick([Int64?.none, 7], &random)
            observed.change(container.name) {
                $0.status = status
                $0.live.pids = pids
            }
        }
        observed.isComplete = Int.random(in: 0..<5, using: &random) > 0
        observed.foreignNames = ["a-0-1": "f", "other": "g"]
        observed.networks["wide"] = ObservedNetwork(id: "w", name: "wide", subnets: ["10.224.0.0/15"])
        return (RandomSpecs.state(using: &random, revision: 1), observed)
    }

    @Test("the same states in another order of their parts give the same plan", arguments: Seeds.corpus(100))
    func isDeterministic(seed: UInt64) {
        let (desired, observed) = Self.scene(seed)
        var random = SplitMix64(seed: seed)
        var shuffled = ObservedState(engine: observed.engine)
        for container in observed.containers.values.shuffled(using: &random) {
            shuffled.record(container, id: container.id)
        }
        shuffled.foreignNames = Dictionary(uniqueKeysWithValues: observed.foreignNames.shuffled(using: &random))
        for network in observed.networks.values.shuffled(using: &random) { shuffled.networks[network.name] = network }
        shuffled.images = Dictionary(uniqueKeysWithValues: observed.images.shuffled(using: &random))
        shuffled.isComplete = observed.isComplete
        #expect(plan(desired, shuffled) == plan(desired, observed))
    }

    @Test("the plan of a key is its part of the plan of everything", arguments: Seeds.corpus(100))
    func scopes(seed: UInt64) {
        let (desired, observed) = Self.scene(seed)
        let whole = plan(desired, observed)
        for key in Set(whole.actions.map(\.key)) {
            let part = Planner.plan(
                desired: desired, observed: observed, gates: desired.solitaryGates, now: Now(), scope: .key(key))
            #expect(part.actions == whole.actions.filter { $0.key == key })
        }
    }

    @Test("every step is about something with our mark, or about something new", arguments: Seeds.corpus(100))
    func nothingForeign(seed: UInt64) {
        let (desired, observed) = Self.scene(seed)
        for step in plan(desired, observed).actions.filter({ $0.verdict == .go }).flatMap(\.steps) {
            switch step {
            case .start(let reference), .probe(let reference, _), .update(let reference, _), .pause(let reference),
                .unpause(let reference), .rename(let reference, _), .stop(let reference, _), .remove(let reference):
                #expect(observed.containers[reference.id]?.mark.owner == desired.host.owner)
            case .removeNetwork(let name, let id, _):
                #expect(observed.networks[name]?.mark?.owner == desired.host.owner && observed.networks[name]?.id == id)
            case .createNetwork(let intent): #expect(observed.networks[intent.name] == nil)
            case .createVolume(let name, _): #expect(observed.volumes[name] == nil)
            case .createContainer(let intent): #expect(observed.foreignNames[intent.name] == nil)
            case .pullImage, .applyFirewall: break
            }
        }
    }

    @Test("a plan counts every declared slot and every container's slot once", arguments: Seeds.corpus(100))
    func countsMembers(seed: UInt64) {
        let (all, observed) = Self.scene(seed)
        var desired = all
        // Which slots of a pool get a member depends on who is in it; what is left of it counts as any container.
        desired.objects = desired.objects.filter { $0.value.pool == nil }
        let plan = plan(desired, observed)
        var members = Set(observed.containers.values.compactMap(\.mark.memberID))
        for object in desired.objects.values where !plan.elsewhere.contains(object.id) {
            for slot in 0..<object.slots { members.insert(MemberID(object.id, slot)) }
        }
        let planned = plan.actions.map(\.key).filter { if case .member = $0 { true } else { false } }
        #expect(Set(planned).count == planned.count)
        #expect(planned.count + plan.settled == members.count)
    }

    @Test("on a converged host there is nothing to do", arguments: Seeds.corpus(100))
    func converged(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let desired = RandomSpecs.state(using: &random, revision: 0)
        var observed = ObservedState(converged: desired)
        observed.volumes["data"] = ObservedVolume(name: "data")
        observed.refreshedImages = desired.images
        #expect(plan(desired, observed).actions.filter { !$0.isHeld } == [])
    }

    @Test("an incomplete observation takes nothing away", arguments: Seeds.corpus(50))
    func incomplete(seed: UInt64) {
        var (desired, observed) = Self.scene(seed)
        observed.isComplete = false
        for action in plan(desired, observed).actions where action.verdict == .go {
            let names = Set(action.steps.map(\.name))
            #expect(names.isDisjoint(with: ["remove", "remove-network"]), "\(action.line)")
        }
        desired = Declared.state()
        #expect(plan(desired, observed).held.count == plan(desired, observed).actions.count)
    }
}
