import ReconcileTesting
import Reconciler
import Specs
import Synchronization
import Testing

/// The whole controller, with workers side by side, in a world of dice. Its interleavings are not repeatable, so the
/// rules are those that hold in every one of them.
struct ControllerSimulationTests {
    @Test(
        "a daemon in a bad world does nothing wrong, and converges when the world turns good",
        arguments: Seeds.corpus(12))
    func converges(seed: UInt64) async throws {
        var random = SplitMix64(seed: seed)
        var settings = Rig.quick
        settings.imageRefreshInterval = .milliseconds(100)
        let watch = Watch()
        let engine = FakeDriver(images: ["app:1"], registry: RandomSpecs.images)
        let rig = Rig(settings: settings, engine: engine) { watch.over($0) }
        let foreign = await engine.addContainerByHand(name: "bystander")
        var desired = RandomSpecs.state(using: &random, revision: 0)
        try await rig.running(desired) {
            for round in 1...120 {
                await TroubleMaker.editByHand(engine, desired, &random)
                await TroubleMaker.planFault(engine, &random)
                if round % 40 == 0 {
                    desired = RandomSpecs.state(using: &random, revision: round)
                    await rig.controller.setDesired(desired)
                }
                // The world turns in real time, beside the controller's workers.
                try await Task.sleep(for: .milliseconds(2))
            }
            await engine.clearFaults()
            // A stall ends with the next revision, or by a look; here it must not outlive the trouble for long.
            await rig.controller.setDesired(desired)
            // Both at one moment: a refreshed image may begin another replacement as soon as the plan is empty.
            let isQuiet = await eventually(within: .seconds(30)) {
                let isEmpty = await rig.controller.currentPlan()?.hasChanges == false
                let isSingle = await hasOneContainerPerSlot(rig)
                return isEmpty && isSingle
            }
            let plan = await rig.controller.currentPlan()?.lines.joined(separator: "\n")
            #expect(isQuiet, "SEED=\(seed)\n\(plan ?? "")")
        }
        #expect(watch.complaints == [], "SEED=\(seed)")
        #expect(await engine.containers[foreign]?.status == .running)
    }

    /// What is held may have been in the middle of a replacement, and is left alone.
    private func hasOneContainerPerSlot(_ rig: Rig) async -> Bool {
        let held = Set(await rig.controller.currentPlan()?.held.map(\.key) ?? [])
        let members = await rig.engine.containers.values.compactMap { OwnershipMark(labels: $0.labels)?.memberID }
            .filter { !held.contains(.member($0)) }
        return Set(members).count == members.count
    }

    /// Looks at every step on its way to the engine.
    private final class Watch: Sendable {
        private let found = Mutex<[String]>([])
        private let running = Mutex<[String: Int]>([:])

        var complaints: [String] { found.withLock { $0 } }

        func over(_ engine: FakeDriver) -> any Driver {
            WillfulDriver(engine: engine) { [self] step, engine throws(DriverError) in
                let subject = step.subject
                enter(subject, step)
                let before = await HostSnapshot(engine, owner: Declared.host.owner)
                defer { leave(subject) }
                let result = try await engine.apply(step)
                let changes = await HostSnapshot(engine, owner: Declared.host.owner).foreignChanges(since: before)
                found.withLock { $0 += changes }
                return result
            }
        }

        /// No member has two steps at once.
        private func enter(_ subject: String, _ step: Step) {
            let count = running.withLock { running in
                running[subject, default: 0] += 1
                return running[subject] ?? 0
            }
            if count > 1, !subject.isEmpty {
                found.withLock { $0.append("two steps at once on \(subject): \(step.name)") }
            }
        }

        private func leave(_ subject: String) { running.withLock { $0[subject]? -= 1 } }
    }
}

extension Step {
    /// What may have only one step at a time.
    fileprivate var subject: String {
        switch self {
        // Several objects may ask for one image; the driver shares the pull.
        case .pullImage: ""
        case .createNetwork(let intent): "\(intent.mark.object)"
        case .removeNetwork(_, let id, _): "network \(id)"
        case .createVolume(let name, let mark): "\(mark.object) \(name)"
        case .createContainer(let intent): "\(intent.mark.memberID.map(\.description) ?? intent.name)"
        case .start(let reference), .probe(let reference, _), .update(let reference, _), .pause(let reference),
            .unpause(let reference), .rename(let reference, _), .stop(let reference, _), .remove(let reference):
            reference.member.description
        case .applyFirewall: "firewall"
        }
    }
}
