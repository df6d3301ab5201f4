import ReconcileTesting
import Reconciler
import Specs
import Testing

/// All new members beside all old ones, a switch, a hold, and every way back.
struct BlueGreenTests {
    private static let web = ResourceID(.workload, "web")
    private static let port = PublishedPort(hostPort: 8080, container: ContainerPort(80))

    private static func state(
        _ image: String, _ revision: String, replicas: Int = 2, room: Int? = nil, rollsBack: Bool = true,
        _ change: (inout RolloutStrategy.BlueGreen) -> Void = { _ in }
    ) -> DesiredState {
        var workload = Declared.workload(
            replicas: replicas, strategy: .blueGreen, publish: [port],
            ContainerTemplate(image: image, healthCheck: HealthCheck(command: ["ok"])))
        var blueGreen = RolloutStrategy.BlueGreen()
        blueGreen.hold = .seconds(60)
        change(&blueGreen)
        workload.spec.strategy.blueGreen = blueGreen
        workload.spec.strategy.autoRollback = rollsBack
        workload.spec.strategy.progressDeadline = .seconds(100)
        return Declared.state(workload, pools: [Declared.pool(containersPerHost: room)], revision: revision)
    }

    private static let one = state("web:1", "1111111")
    private static let two = state("web:2", "2222222")

    /// Slot 0 of the first revision has the address 10, slot 1 the address 11; those of incarnation 2 have 20 and 21.
    private static func address(_ slot: Int, _ incarnation: Int) -> IPAddress {
        .v4(0x0AE0_0000 + UInt32(incarnation * 10 + slot))
    }

    private static func map(_ incarnation: Int) -> TrafficMap {
        TrafficMap([
            TrafficMap.Route(port, to: [0, 1].map { TrafficMap.Member(address($0, incarnation)) })
        ])
    }

    private static var before: ObservedState {
        var state = ObservedState(converged: one)
        for slot in 0..<2 { state.change("web-\(slot)-1") { $0.address = address(slot, 1).description } }
        for image in ["web:2", "web:3"] { state.images[image] = ObservedImage(id: "sha256:" + image) }
        state.firewall.traffic = map(1)
        return state
    }

    /// The members of the next revision are there, beside the old ones.
    private static func beside(
        _ next: DesiredState = two, ready: Int = 2, leading traffic: TrafficMap = map(1)
    ) throws -> ObservedState {
        var state = before
        for slot in 0..<2 {
            state.add(slot, of: try #require(next.objects[web]), incarnation: 2) {
                $0.address = address(slot, 2).description
                if slot >= ready { $0.health = .starting }
            }
        }
        state.firewall.traffic = traffic
        state.firewall.sequence = traffic == map(1) ? 1 : 5
        return state
    }

    /// The first revision is complete, and the next one is accepted.
    private static func begun(
        _ next: DesiredState = two, at wall: Instant = Instant(secondsSince1970: 0)
    ) throws -> LoopRig {
        var rig = try LoopRig(one, wall: wall)
        rig.observed(before)
        #expect(try rig.rollout.phase == .complete)
        rig.tell(.desired(next))
        rig.observed(before)
        return rig
    }

    /// Answers that both new members are made, as they are in this state.
    private static func made(_ state: ObservedState, _ rig: inout LoopRig) {
        for slot in 0..<2 {
            let id = "id-web-\(slot)-2"
            rig.ended(.success(.container(id: id, state.containers[id])))
        }
    }

    /// Puts what is seen into the loop by a look at everything.
    private static func see(_ state: ObservedState, _ rig: inout LoopRig) {
        _ = rig.lookAgain()
        rig.observed(state)
    }

    private func wantedMap(_ rig: LoopRig) -> TrafficMap? {
        for case .applyFirewall(let intent) in rig.steps { return intent.traffic }
        return nil
    }

    @Test("all new members are made at once, and the old ones go on doing the work")
    func besideEachOther() throws {
        let rig = try Self.begun()
        #expect(rig.stepNames == ["create-container", "create-container"])
        for ready in 0..<2 {
            var rig = try Self.begun()
            Self.made(try Self.beside(ready: ready), &rig)
            #expect(wantedMap(rig) == nil, "the port leads to the old ones")
            #expect(!rig.stepNames.contains("stop") && rig.looks.isEmpty)
            #expect(try rig.rollout.stage == "the old members do the work until all new ones are available")
        }
    }

    @Test("the switch is one transaction; the old ones stay for `hold`, and go then")
    func switching() throws {
        var rig = try Self.begun()
        Self.made(try Self.beside(), &rig)
        #expect(wantedMap(rig) == Self.map(2))
        let stored = rig.rolloutsToRemember.rollouts[Self.web]
        #expect(stored?.blueGreen?.switched != nil, "it is written down before the port leads to them")
        rig.ended(.success(.firewall(try Self.beside(leading: Self.map(2)).firewall)))
        Self.see(try Self.beside(leading: Self.map(2)), &rig)
        rig.wait(.seconds(59))
        Self.see(try Self.beside(leading: Self.map(2)), &rig)
        #expect(rig.looks.isEmpty, "the old ones are kept")
        let kept = rig.previewed(Self.two, on: try Self.beside(leading: Self.map(2)))
        #expect(kept == rig.planned && kept.count { $0.hasSuffix("held: KeptBeside") } == 2, "\(kept)")
        #expect(try rig.rollout.stage?.hasPrefix("the new members do the work; the old ones are kept until") == true)
        rig.wait(.seconds(2))
        #expect(rig.looks.count == 2, "both are looked at before they are stopped: \(rig.looks)")
    }

    @Test("nobody who is switched away from is stopped before the kernel has switched")
    func order() throws {
        let next = Self.state("web:2", "2222222") { $0.hold = .zero }
        var rig = try Self.begun(next)
        Self.made(try Self.beside(next), &rig)
        #expect(wantedMap(rig) == Self.map(2) && rig.looks.isEmpty)
        rig.ended(.success(.firewall(try Self.beside(next, leading: Self.map(2)).firewall)))
        #expect(rig.looks.count == 2, "both are looked at before they are stopped: \(rig.looks)")
    }

    @Test("a manual switch waits for a person, for whom it is never too late")
    func promotion() throws {
        let next = Self.state("web:2", "2222222") { $0.promotion = .manual }
        var rig = try Self.begun(next)
        Self.made(try Self.beside(next), &rig)
        rig.wait(.seconds(500))
        Self.see(try Self.beside(next), &rig)
        #expect(wantedMap(rig) == nil && rig.looks.isEmpty)
        #expect(try rig.rollout.phase == .progressing && rig.writtenPins.isEmpty)
        #expect(try rig.rollout.stage == "the old members do the work; 'reconcile rollout promote' switches")
        let waiting = rig.previewed(next, on: try Self.beside(next))
        #expect(waiting == rig.planned && waiting.count { $0.hasSuffix("held: AwaitsPromotion") } == 2, "\(waiting)")
        #expect(
            try rig.ask(.rollout(RolloutRequest(.promote(), of: Self.web)))
                == "Workload/web switches to its new members now")
        #expect(wantedMap(rig) == Self.map(2))
        #expect(throws: CommandRefusal.self) { _ = try rig.ask(.rollout(RolloutRequest(.promote(), of: Self.web))) }
    }

    @Test("a switch that its window left no time for goes on as overrun says", arguments: [false, true])
    func overrun(isManual: Bool) throws {
        let nights = try Wall.window("nights", cron: "0 2 * * *") { $0.overrun = .stop }
        var next = Self.state("web:2", "2222222") { if isManual { $0.promotion = .manual } }
        next.windows = WindowSet([nights])
        var rig = try Self.begun(next, at: try Wall.at("2026-11-21T02:50:00Z"))
        rig.wait(.seconds(600))
        Self.made(try Self.beside(next), &rig)
        Self.see(try Self.beside(next), &rig)
        if isManual {
            let told = try rig.ask(.rollout(RolloutRequest(.promote(), of: Self.web)))
            #expect(
                told == "Workload/web switches to its new members as soon as windows let it: "
                    + "MaintenanceWindow: held until Sun 2026-11-22 02:00 UTC (in 23h) by nights")
        }
        #expect(wantedMap(rig) == nil)
        let planned = try #require(rig.planned)
        #expect(planned.count { $0.hasSuffix("held: MaintenanceWindow") } == 2, "\(planned)")
        rig.wait(.seconds(23 * 3_600 - 1))
        #expect(wantedMap(rig) == nil)
        rig.wait(.seconds(1))
        #expect(wantedMap(rig) == Self.map(2))
    }

    @Test("an autoscaler goes by the members that do the work")
    func scaling() throws {
        var next = Self.two
        next.autoscalers = [LiveScalingTests.autoscaler(Scaled.cpu())]
        var rig = try Self.begun(next)
        Self.made(try Self.beside(next, ready: 1), &rig)
        Self.see(try Self.beside(next, ready: 1), &rig)
        rig.measured(.failed("no answer"))
        rig.wait(.seconds(15))
        #expect(rig.measures == [[.members(.cpu, containers: ["id-web-0-1", "id-web-1-1"])]])
        Self.see(try Self.beside(next), &rig)
        rig.measured(.failed("no answer"))
        rig.wait(.seconds(15))
        #expect(rig.measures == [[.members(.cpu, containers: ["id-web-0-2", "id-web-1-2"])]])
    }

    @Test("new members that do not come up go, and the port never led to them")
    func failing() throws {
        var rig = try Self.begun()
        Self.made(try Self.beside(ready: 1), &rig)
        rig.wait(.seconds(101))
        #expect(rig.writtenPins.first?.revision?.id == "1111111")
        Self.see(try Self.beside(ready: 1), &rig)
        #expect(wantedMap(rig) == nil)
        #expect(Set(rig.looks.joined()) == ["id-web-0-1", "id-web-0-2"], "the other one is being probed")
        rig.looked(try Self.beside(ready: 1).containers.filter { $0.value.slot == 0 }.mapValues { .some($0) })
        guard case .stop(let reference, _)? = rig.steps.last else {
            Issue.record("nothing is stopped: \(rig.stepNames)")
            return
        }
        #expect(reference.name == "web-0-2")
    }

    @Test("an undo while the old ones are kept leads back to them at once")
    func undo() throws {
        var rig = try Self.begun()
        Self.made(try Self.beside(), &rig)
        rig.ended(.success(.firewall(try Self.beside(leading: Self.map(2)).firewall)))
        Self.see(try Self.beside(leading: Self.map(2)), &rig)
        _ = try rig.ask(.rollout(RolloutRequest(.undo(to: nil), of: Self.web)))
        // Whether its image is there is looked at first.
        rig.observed(try Self.beside(leading: Self.map(2)))
        #expect(wantedMap(rig) == Self.map(1))
        #expect(rig.looks.isEmpty, "the new ones are led to still")
        var back = try Self.beside(leading: Self.map(1))
        back.firewall.sequence = 9
        rig.ended(.success(.firewall(back.firewall)))
        #expect(rig.looks.count == 2)
    }

    @Test("a third template in the middle leaves those at work that did it before")
    func third() throws {
        var rig = try Self.begun()
        Self.made(try Self.beside(ready: 1), &rig)
        let beforehand = rig.previewed(Self.state("web:3", "3333333"), on: try Self.beside())
        rig.tell(.desired(Self.state("web:3", "3333333")))
        Self.see(try Self.beside(), &rig)
        #expect(beforehand == rig.planned)
        #expect(wantedMap(rig) == nil, "the port leads to the first ones")
        #expect(rig.looks == [["id-web-0-1", "id-web-0-2"]], "the other one is being probed")
        rig.looked(try Self.beside().containers.filter { $0.value.slot == 0 }.mapValues { .some($0) })
        let stopped = rig.steps.compactMap { if case .stop(let reference, _) = $0 { reference.name } else { nil } }
        #expect(stopped == ["web-0-2"], "what never did any work is in the way")
    }

    @Test("a next run of the program goes on where this one was")
    func restart() throws {
        var rig = try Self.begun()
        Self.made(try Self.beside(), &rig)
        rig.wait(.seconds(30))
        var stored = rig.rolloutsToRemember
        stored.incarnations = [MemberID(Self.web, 0): 2, MemberID(Self.web, 1): 2]
        var next = try LoopRig(Self.two, stored: stored, wall: rig.wall)
        next.observed(try Self.beside(leading: Self.map(2)))
        #expect(next.looks.isEmpty && wantedMap(next) == nil)
        next.wait(.seconds(31))
        #expect(next.looks.count == 2, "half a minute was over before")
    }

    @Test("without room for twice as many nothing is begun, and the reason is said")
    func room() throws {
        let (first, next) = (Self.state("web:1", "1111111", room: 3), Self.state("web:2", "2222222", room: 3))
        var rig = try LoopRig(first)
        rig.observed(Self.before)
        rig.tell(.desired(next))
        rig.observed(Self.before)
        #expect(rig.steps.isEmpty)
        let holds = plan(next, Self.before).actions.compactMap { action -> Hold? in
            if case .held(let hold) = action.verdict { hold } else { nil }
        }
        #expect(holds.map(\.gate) == [.capacity, .capacity])
        #expect(
            holds.first?.message == "a blue-green rollout of 2 members needs room for as many beside them: "
                + "HostPool/local holds 3 containers, and 4 would be there")
    }

    @Test("an old member that stops while its successor comes up is started again")
    func healing() throws {
        var state = try Self.beside(ready: 0)
        state.change("web-0-1") {
            $0.status = .exited
            $0.address = nil
        }
        state.firewall.traffic = TrafficMap([TrafficMap.Route(Self.port, to: [TrafficMap.Member(Self.address(1, 1))])])
        var rig = try Self.begun()
        Self.made(state, &rig)
        Self.see(state, &rig)
        // Each key has one step at a time, and this one is being probed.
        rig.ended(.success(.container(id: "id-web-0-2", state.containers["id-web-0-2"])))
        rig.wait(.seconds(2))
        let started = rig.steps.compactMap { if case .start(let reference) = $0 { reference.name } else { nil } }
        #expect(started == ["web-0-1"])
    }

    @Test("a successor that can be started is started before one that may never come up again")
    func brokenBefore() throws {
        for (status, started) in [(ObservedContainer.Status.created, "web-0-2"), (.running, "web-0-1")] {
            var state = try Self.beside(ready: 0)
            state.change("web-0-1") {
                $0.status = .exited
                $0.address = nil
            }
            state.change("web-0-2") {
                $0.status = status
                if status == .created { $0.address = nil }
            }
            state.firewall.traffic = TrafficMap()
            let action = try #require(plan(Self.two, state).actions.first { $0.key == .member(MemberID(Self.web, 0)) })
            let names = action.steps.compactMap { if case .start(let reference) = $0 { reference.name } else { nil } }
            #expect(names == [started])
        }
    }

    @Test("an abort of a restart leaves those at work that are, and takes away what came beside them")
    func abortedRestart() throws {
        let one = Self.state("web:1", "1111111") { $0.promotion = .manual }
        var rig = try LoopRig(one)
        rig.observed(Self.before)
        _ = try rig.ask(.rollout(RolloutRequest(.restart, of: Self.web)))
        #expect(rig.stepNames == ["create-container", "create-container"])
        Self.made(try Self.beside(one), &rig)
        _ = try rig.ask(.rollout(RolloutRequest(.abort, of: Self.web)))
        Self.see(try Self.beside(one), &rig)
        #expect(wantedMap(rig) == nil, "the port leads where it did")
        rig.looked(try Self.beside(one).containers.mapValues { .some($0) })
        let stopped = rig.steps.compactMap { if case .stop(let reference, _) = $0 { reference.name } else { nil } }
        #expect(!stopped.isEmpty && stopped.allSatisfy { $0.hasSuffix("-2") }, "\(stopped), \(rig.stepNames)")
    }
}
