package import Reconciler
import Specs
import Synchronization

/// A host in a seeded world: random specs, a random mess, people with root, and an engine that loses answers.
///
/// Everything happens in one order that follows from the seed, so a failure comes back with its seed. One turn plans
/// the whole host and takes the first step of one random action that may go on; what workers do side by side is an
/// interleaving of such turns.
package struct SimulatedHost {
    package let engine = FakeDriver(images: ["app:1"], registry: RandomSpecs.images)
    package private(set) var desired: DesiredState
    /// What went against the rules, in order.
    package private(set) var violations: [String] = []
    /// The last turns, for the one who looks for the reason.
    package private(set) var history: [String] = []
    /// An attentive host looks before every step; the others act on what they saw last, as workers do.
    private let isAttentive: Bool
    private let isCalm = Flag()
    private var random: SplitMix64
    private var belief: ObservedState?
    private var incarnations: [MemberID: Int] = [:]
    private var refreshed: Set<String> = []
    private var probedStarts: [String: String] = [:]
    private var revision = 0

    package init(seed: UInt64) async {
        var random = SplitMix64(seed: seed)
        isAttentive = Bool.random(using: &random)
        desired = RandomSpecs.state(using: &random, revision: 0)
        let dice = SharedDice(seed: random.next())
        let isCalm = isCalm
        self.random = random
        await engine.setProbeOutcome { _, _ in isCalm.isSet || dice.roll(2) == 0 }
        await makeForeignThings()
    }

    /// Turns with faults, hand edits and new revisions.
    package mutating func run(turns: Int) async throws(DriverError) {
        for _ in 0..<turns {
            if chance(20) { await TroubleMaker.editByHand(engine, desired, &random) }
            if chance(20) { await TroubleMaker.planFault(engine, &random) }
            if chance(2) { renewSpecs() }
            if chance(3) { restart() }
            _ = try await turn()
            if !violations.isEmpty { return }
        }
    }

    /// No faults and no people any more: whatever stood in the way is gone.
    package mutating func calmDown() async {
        isCalm.set()
        await engine.clearFaults()
        for (id, container) in await engine.containers where container.observed(by: desired.host.owner) == nil {
            if container.name.count <= "a-0-1".count { await engine.removeByHand(id) }
        }
        if await engine.networks["reconcile-b"]?.labels.isEmpty == true {
            await engine.removeNetworkByHand("reconcile-b")
        }
        belief = nil
    }

    /// Turns until none is left that could be taken.
    ///
    /// - Returns: what is left of the plan.
    package mutating func settle(turns: Int) async throws(DriverError) -> Plan {
        for _ in 0..<turns {
            belief = nil
            if try await !turn() { break }
            if !violations.isEmpty { break }
        }
        return plan(try await look())
    }

    // MARK: One turn

    /// False when there was nothing to do.
    private mutating func turn() async throws(DriverError) -> Bool {
        if isAttentive || chance(30) { belief = nil }
        let observed: ObservedState
        do throws(DriverError) { observed = try await look() } catch { return true }
        let possible = plan(observed).actions.filter { $0.verdict == .go && !$0.steps.isEmpty }
        guard let action = possible.randomElement(using: &random), let step = action.steps.first else { return false }
        let before = await HostSnapshot(engine, owner: desired.host.owner)
        note("\(action.key) \(action.verb.rawValue): \(action.reason) -> \(step)")
        if isAttentive { violations += before.objections(to: step, desired) }
        do throws(DriverError) {
            take(try await engine.apply(step), of: step)
        } catch {
            note("  failed: \(error)")
            belief = nil
        }
        violations += await HostSnapshot(engine, owner: desired.host.owner).foreignChanges(since: before)
        return true
    }

    private func plan(_ observed: ObservedState) -> Plan {
        Planner.plan(desired: desired, observed: observed, gates: desired.solitaryGates, now: Now())
    }

    private mutating func look() async throws(DriverError) -> ObservedState {
        if let belief { return belief }
        var fresh = try await engine.observe(Interest(owner: desired.host.owner, images: desired.images))
        fresh.storedIncarnations = incarnations
        fresh.refreshedImages = refreshed
        for var container in fresh.containers.values where probedStarts[container.id] == container.startedAt {
            container.probed = true
            fresh.record(container, id: container.id)
        }
        belief = fresh
        return fresh
    }

    private mutating func take(_ result: StepResult, of step: Step) {
        if case .createContainer(let intent) = step, let member = intent.mark.memberID {
            incarnations[member] = max(incarnations[member] ?? 0, intent.mark.member?.incarnation ?? 0)
        }
        if case .pullImage(let reference) = step { refreshed.insert(reference) }
        if case .probe = step, case .container(let id, let container?) = result, container.probed {
            probedStarts[id] = container.startedAt
        }
        belief?.record(result)
        belief?.storedIncarnations = incarnations
        belief?.refreshedImages = refreshed
    }

    // MARK: What happens to it

    private mutating func renewSpecs() {
        revision += 1
        desired = RandomSpecs.state(using: &random, revision: revision)
        refreshed = []
        belief = nil
        note("revision \(revision)")
    }

    /// The program starts anew, sometimes with its state file lost.
    private mutating func restart() {
        note("restart")
        belief = nil
        refreshed = []
        if chance(30) {
            incarnations = [:]
            probedStarts = [:]
        }
    }

    /// Containers and networks that are not ours: names and subnets in our way, forged and half marks, other owners.
    private mutating func makeForeignThings() async {
        let object = ResourceID(.workload, "a")
        var half = OwnershipMark(owner: "default", object: object).labels
        half["dev.reconcile.slot"] = "-1"
        await engine.addContainerByHand(name: "half-marked", labels: half)
        let theirs = OwnershipMark(
            owner: "staging", object: object, member: .init(slot: 0, incarnation: 1, recreateHash: "v1"))
        await engine.addContainerByHand(name: "of-another-owner", labels: theirs.labels)
        await engine.addContainerByHand(name: "bystander", status: .exited)
        await engine.addNetworkByHand(name: "wide", subnets: ["10.224.0.0/15"])
        if chance(30) { await engine.addContainerByHand(name: "a-0-1") }
        if chance(20) { await engine.addNetworkByHand(name: "reconcile-b", subnets: ["172.20.0.0/16"]) }
    }

    private mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

    private mutating func note(_ line: String) {
        history.append(line)
        if history.count > 40 { history.removeFirst() }
    }
}

/// Dice for closures that the engine calls; the calls come one after the other.
private final class SharedDice: Sendable {
    private let random: Mutex<SplitMix64>

    init(seed: UInt64) { random = Mutex(SplitMix64(seed: seed)) }

    func roll(_ sides: Int) -> Int { random.withLock { Int.random(in: 0..<sides, using: &$0) } }
}

private final class Flag: Sendable {
    private let state = Mutex(false)

    var isSet: Bool { state.withLock { $0 } }

    func set() { state.withLock { $0 = true } }
}
