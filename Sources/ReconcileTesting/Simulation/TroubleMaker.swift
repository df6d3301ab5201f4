package import Reconciler

/// What people with root and a bad network do to a host.
package enum TroubleMaker {
    /// One edit of one random container of ours.
    package static func editByHand(
        _ engine: FakeDriver, _ desired: DesiredState, _ random: inout SplitMix64
    ) async {
        let ours = await engine.containers.values.filter { $0.observed(by: desired.host.owner) != nil }
        guard let victim = ours.sorted(by: { $0.id < $1.id }).randomElement(using: &random) else { return }
        switch Int.random(in: 0..<10, using: &random) {
        case 0...2: await engine.stopByHand(victim.id, exitCode: Int.random(in: 0...1, using: &random))
        case 3: await engine.pauseByHand(victim.id)
        case 4: await engine.removeByHand(victim.id)
        case 5: await engine.renameByHand(victim.id, to: "renamed-\(victim.id.suffix(4))")
        case 6:
            var live = victim.live
            live.pids = RandomSpecs.pick([nil, 7], &random)
            live.nanoCPUs = RandomSpecs.pick([nil, 2_000_000_000], &random)
            live.restartPolicy = RandomSpecs.pick(["no", "always"], &random)
            await engine.updateByHand(victim.id, live)
        case 7 where victim.hasHealthCheck && victim.status == .running:
            await engine.setHealth(victim.id, RandomSpecs.pick([.healthy, .unhealthy, .starting], &random))
        case 8:
            let reference = RandomSpecs.pick(RandomSpecs.images, &random)
            await engine.publishByHand(reference, id: "sha256:moved-\(Int.random(in: 0..<5, using: &random))")
        default: await engine.removeImageByHand(RandomSpecs.pick(RandomSpecs.images, &random))
        }
    }

    /// Something that goes wrong with the next step or look.
    package static func planFault(_ engine: FakeDriver, _ random: inout SplitMix64) async {
        if await engine.pendingFaults > 3 { return }
        switch Int.random(in: 0..<6, using: &random) {
        case 0: await engine.failNext(.loseRequest)
        case 1, 2: await engine.failNext(.loseReply)
        case 3: await engine.failNext(.refuse(DriverError(.transient, .serverError, "busy", at: "simulation")))
        case 4: await engine.failNextObservation(.incomplete)
        default:
            await engine.failNextObservation(
                .refuse(DriverError(.transient, .engineUnreachable, "away", at: "simulation")))
        }
    }
}
