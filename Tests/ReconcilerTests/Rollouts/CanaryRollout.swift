import ReconcileTesting
import Reconciler
import Specs
import Testing

/// Four members that come from one image to the next step by step.
enum CanaryRollout {
    static let web = ResourceID(.workload, "web")
    static let port = PublishedPort(hostPort: 8080, container: ContainerPort(80))

    static func step(_ weight: Int64? = nil, count: Int? = nil, pause: Int64? = 60) -> RolloutStrategy.Step {
        var step = RolloutStrategy.Step()
        step.weight = weight.map { Percentage($0) }
        step.count = count
        step.pause = pause.map { .seconds($0) }
        return step
    }

    static func state(
        _ image: String, _ revision: String, replicas: Int = 4, rollsBack: Bool = true,
        _ change: (inout RolloutStrategy.Canary) -> Void = { _ in }
    ) -> DesiredState {
        var workload = Declared.workload(
            replicas: replicas, strategy: .canary, publish: [port],
            ContainerTemplate(image: image, healthCheck: HealthCheck(command: ["ok"])))
        var canary = RolloutStrategy.Canary()
        canary.steps = [step(10), step(50)]
        change(&canary)
        workload.spec.strategy.canary = canary
        workload.spec.strategy.autoRollback = rollsBack
        workload.spec.strategy.progressDeadline = .seconds(200)
        return Declared.state(workload, pools: [Declared.pool()], revision: revision)
    }

    static let one = state("web:1", "1111111")
    static let two = state("web:2", "2222222")

    /// The next revision, judged by the share of failed requests.
    static func judged(rollsBack: Bool = true, pause: Int64? = 60) -> DesiredState {
        state("web:2", "2222222", rollsBack: rollsBack) { canary in
            var check = RolloutStrategy.MetricCheck()
            (check.name, check.max) = ("errors", 0.1)
            check.query = MetricQuery(query: #"sum(rate(failed{name=~"$members"}[1m]))"#)
            canary.steps = [step(10, pause: pause), step(50)]
            canary.analysis.metrics = [check]
            canary.analysis.failureLimit = 2
        }
    }

    static func address(_ slot: Int, _ incarnation: Int) -> IPAddress {
        .v4(0x0AE0_0000 + UInt32(incarnation * 10 + slot))
    }

    /// Where the port leads, by slot and incarnation, with the weight of each.
    static func map(_ members: [(slot: Int, incarnation: Int, weight: Int)]) -> TrafficMap {
        TrafficMap([
            TrafficMap.Route(
                port, to: members.map { TrafficMap.Member(address($0.slot, $0.incarnation), weight: $0.weight) })
        ])
    }

    /// Members of these incarnations, by slot; the port leads to all of them alike, or as it is said.
    static func host(
        _ incarnations: [[Int]], of next: DesiredState = two, traffic: TrafficMap? = nil
    ) throws -> ObservedState {
        let first = state("web:1", "1111111", replicas: incarnations.count)
        var state = ObservedState(converged: first)
        for (slot, present) in incarnations.enumerated() {
            state.change("web-\(slot)-1") { $0.address = address(slot, 1).description }
            for incarnation in present where incarnation > 1 {
                state.add(slot, of: try #require(next.objects[web]), incarnation: incarnation) {
                    $0.address = address(slot, incarnation).description
                    $0.startedAt = "first"
                }
            }
            if !present.contains(1) { state.record(nil, id: "id-web-\(slot)-1") }
        }
        for image in ["web:1", "web:2", "web:3"] where state.images[image] == nil {
            state.images[image] = ObservedImage(id: "sha256:" + image)
        }
        let all = incarnations.enumerated().flatMap { slot, present in present.map { (slot, $0, 1) } }
        state.firewall.traffic = traffic ?? map(all)
        return state
    }

    static let old = [[1], [1], [1], [1]]
    static let stepped = [[1], [1], [1], [2]]
    /// One new member with a tenth of all connections.
    static let tenth = map([(0, 1, 3), (1, 1, 3), (2, 1, 3), (3, 2, 1)])

    /// The first revision is complete, and the next one is accepted.
    static func begun(_ next: DesiredState = two) throws -> LoopRig {
        var rig = try LoopRig(one)
        rig.observed(try host(old))
        #expect(try rig.rollout.phase == .complete)
        rig.tell(.desired(next))
        rig.observed(try host(old))
        #expect(rig.stepNames == ["create-container"])
        return rig
    }

    /// The new member of the first step is there, and its predecessor is gone.
    static func atFirstStep(_ next: DesiredState = two) throws -> LoopRig {
        var rig = try begun(next)
        let beside = try host([[1], [1], [1], [1, 2]], of: next, traffic: map((0..<4).map { ($0, 1, 1) }))
        rig.ended(.success(.container(id: "id-web-3-2", beside.containers["id-web-3-2"])))
        #expect(wanted(rig) == tenth, "the old one beside it is led to no more, since it goes")
        try see(stepped, &rig, of: next, traffic: tenth)
        var inForce = try host(stepped, of: next, traffic: tenth).firewall
        inForce.sequence = 101
        rig.ended(.success(.firewall(inForce)))
        rest(&rig)
        return rig
    }

    static func see(
        _ incarnations: [[Int]], _ rig: inout LoopRig, of next: DesiredState = two, traffic: TrafficMap? = nil,
        _ change: (inout ObservedState) -> Void = { _ in }
    ) throws {
        var state = try host(incarnations, of: next, traffic: traffic)
        state.firewall.sequence = UInt64(rig.uptime / .seconds(1)) + 100
        change(&state)
        _ = rig.lookAgain()
        rig.observed(state)
        rest(&rig)
    }

    /// Lets everything come that is due by now.
    static func rest(_ rig: inout LoopRig) {
        for _ in 0..<10 where !rig.isAtRest { rig.tell(.time) }
    }

    static func pass(_ seconds: Int64, _ rig: inout LoopRig) {
        rig.wait(.seconds(seconds))
        rest(&rig)
    }

    static func wanted(_ rig: LoopRig) -> TrafficMap? {
        for case .applyFirewall(let intent) in rig.steps.reversed() { return intent.traffic }
        return nil
    }
}

extension LoopRig {
    /// Containers that are to be made, as far as nobody has answered.
    var created: [String] {
        steps.compactMap { if case .createContainer(let intent) = $0 { intent.name } else { nil } }
    }
}
