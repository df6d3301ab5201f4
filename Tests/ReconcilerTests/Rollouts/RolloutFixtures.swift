import ReconcileTesting
import Reconciler
import Specs
import Testing

/// A Workload that comes from one image to the next.
enum WebRollout {
    static let web = ResourceID(.workload, "web")

    static func state(
        _ image: String, _ revision: String, replicas: Int = 2, rollsBack: Bool = true,
        _ change: (inout RolloutStrategy) -> Void = { _ in }
    ) -> DesiredState {
        var workload = Declared.workload(
            replicas: replicas, ContainerTemplate(image: image, healthCheck: HealthCheck(command: ["ok"])))
        workload.spec.strategy.autoRollback = rollsBack
        workload.spec.strategy.progressDeadline = .seconds(100)
        change(&workload.spec.strategy)
        return Declared.state(workload, revision: revision)
    }

    static let one = state("web:1", "1111111")

    /// The host under the first revision, with the image of the next one.
    static var before: ObservedState {
        var state = ObservedState(converged: one)
        state.images["web:2"] = ObservedImage(id: "sha256:web:2")
        return state
    }

    /// The host when the next revision has made its first member, beside the old one.
    static func begun(_ next: DesiredState, health: ObservedContainer.Health = .starting) throws -> ObservedState {
        var state = before
        state.add(0, of: try #require(next.objects[web]), incarnation: 2) { $0.health = health }
        return state
    }

    /// The first revision is complete, and the next one has made its first member, which does not become ready.
    static func stuck(_ next: DesiredState) throws -> LoopRig {
        var rig = try LoopRig(one)
        rig.observed(before)
        rig.tell(.desired(next))
        rig.observed(before)
        #expect(rig.stepNames == ["create-container"], "one beside the others")
        let state = try begun(next)
        let id = "id-web-0-2"
        rig.ended(.success(.container(id: id, state.containers[id])))
        return rig
    }
}

extension LoopRig {
    var rollout: RolloutReport {
        get throws { try #require(loop.report(asOf: Now(uptime: uptime, wall: wall)).rollouts.first) }
    }

    /// All that were written down.
    var writtenPins: [Pin] {
        journal.commits.joined().compactMap { if case .pin(let pin) = $0 { pin } else { nil } }
    }

    /// What the next run remembers of rollouts.
    /// What a preview plans that has read all that was written down of rollouts, and sees this host.
    func previewed(_ desired: DesiredState, on observed: ObservedState) -> [String] {
        var memory = rolloutsToRemember
        memory.incarnations = Dictionary(
            observed.containers.values.map { ($0.instance.member, $0.incarnation) }, uniquingKeysWith: max)
        return Preview(PreviewInput(desired, on: observed, remembering: memory, at: wall)).plan.lines
    }

    /// The same of the loop itself.
    var planned: [String]? { loop.currentPlan()?.lines }

    var rolloutsToRemember: StoredState {
        var stored = StoredState()
        for change in journal.commits.joined() {
            if case .rollout(let object, let state) = change { stored.rollouts[object] = state }
        }
        return stored
    }
}
