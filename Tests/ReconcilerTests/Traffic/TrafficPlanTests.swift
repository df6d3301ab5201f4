import ReconcileTesting
import Reconciler
import Specs
import Testing

/// Where published ports lead, and who is not stopped before they lead elsewhere.
struct TrafficPlanTests {
    private static let port = PublishedPort(hostPort: 8080, container: ContainerPort(80))
    private static let web = ResourceID(.workload, "web")

    private static func state(_ image: String = "web:1", replicas: Int = 2, revision: String = "1") -> DesiredState {
        Declared.state(
            Declared.workload(
                replicas: replicas, publish: [port],
                ContainerTemplate(image: image, healthCheck: HealthCheck(command: ["ok"]))), revision: revision)
    }

    private static func address(_ number: UInt32) -> IPAddress { .v4(0x0AE0_0000 + number) }

    private static func map(_ numbers: UInt32...) -> TrafficMap {
        TrafficMap([TrafficMap.Route(port, to: numbers.map { TrafficMap.Member(address($0)) })])
    }

    /// Two members with the addresses 2 and 3, to which the port leads.
    private static func settled(_ desired: DesiredState = state()) -> ObservedState {
        var observed = ObservedState(converged: desired)
        for slot in 0..<2 { observed.change("web-\(slot)-1") { $0.address = address(UInt32(slot + 2)).description } }
        observed.images["web:2"] = ObservedImage(id: "sha256:web:2")
        observed.firewall.traffic = map(2, 3)
        return observed
    }

    private func wanted(_ desired: DesiredState, _ observed: ObservedState, gates: Gates? = nil) -> TrafficMap? {
        let actions = plan(desired, observed, gates: gates).actions
        guard case .applyFirewall(let intent)? = actions.first(where: { $0.key == .firewall })?.steps.first else {
            return nil
        }
        return intent.traffic
    }

    private func action(
        _ slot: Int, _ desired: DesiredState, _ observed: ObservedState, gates: Gates? = nil
    ) -> Action? {
        plan(desired, observed, gates: gates).actions.first { $0.key == .member(MemberID(Self.web, slot)) }
    }

    @Test("a port that leads to every ready member is nothing to do, and the engine has no part in it")
    func quiet() throws {
        #expect(plan(Self.state(), Self.settled()).lines == [])
        #expect(try #require(Self.state().objects[Self.web]).container.publish.isEmpty)
    }

    @Test("with `recreate` the engine publishes, and no rule of ours leads anywhere")
    func recreated() throws {
        let desired = Declared.state(Declared.workload(strategy: .recreate, publish: [Self.port]))
        let object = try #require(desired.objects[Self.web])
        #expect(object.container.publish == [Self.port] && object.ledPorts.isEmpty && !desired.firewall.leadsPorts)
    }

    @Test("the port leads to those that are ready, and to nobody where nobody is")
    func readiness() {
        var observed = Self.settled()
        observed.change("web-1-1") { $0.health = .unhealthy }
        #expect(wanted(Self.state(), observed) == Self.map(2))
        observed.change("web-0-1") { $0.status = .exited }
        #expect(wanted(Self.state(), observed) == TrafficMap())
        #expect(
            plan(Self.state(), Self.settled().leading(Self.map(2))).lines == [
                "Firewall update: ports do not lead to the ready members of Workload/web [apply-firewall]"
            ])
    }

    /// A successor of the first member is ready beside it.
    private static func succeeded(_ next: DesiredState, leading traffic: TrafficMap?) throws -> ObservedState {
        var observed = settled()
        observed.add(0, of: try #require(next.objects[web]), incarnation: 2) { $0.address = address(4).description }
        observed.firewall.traffic = traffic
        return observed
    }

    @Test("who has a successor is led to no more, and is stopped when the kernel says so")
    func succession() throws {
        let next = Self.state("web:2", revision: "2")
        for before in [Self.map(2, 3), Self.map(2, 3, 4), nil] {
            let observed = try Self.succeeded(next, leading: before)
            #expect(wanted(next, observed) == Self.map(3, 4), "\(before as Any)")
            #expect(action(0, next, observed)?.verdict == .waitFor(.firewall), "\(before as Any)")
        }
        let after = try Self.succeeded(next, leading: Self.map(3, 4))
        #expect(wanted(next, after) == nil)
        let removal = try #require(action(0, next, after))
        #expect(removal.verdict == .go && removal.takesAway == ["id-web-0-1"])
    }

    @Test("rules that are on their way, or that may have come, count like those that are there")
    func underWay() throws {
        let next = Self.state("web:2", revision: "2")
        let observed = try Self.succeeded(next, leading: Self.map(3, 4))
        var gates = Gates(shares: ["local": .everything])
        gates.trafficUnderWay = Self.map(2, 3, 4)
        #expect(action(0, next, observed, gates: gates)?.verdict == .waitFor(.firewall))
        gates.trafficUnderWay = nil
        gates.isTrafficInDoubt = true
        #expect(action(0, next, observed, gates: gates)?.verdict == .waitFor(.firewall))
    }

    @Test("what a gate holds back stays where it is, and so does what its port leads to")
    func held() throws {
        let next = Self.state("web:2", revision: "2")
        let observed = try Self.succeeded(next, leading: Self.map(2, 3, 4))
        var gates = Gates(shares: ["local": .everything])
        gates.pauses = [Pause(object: Self.web, reason: "later", by: "alice", since: Instant(secondsSince1970: 0))]
        #expect(wanted(next, observed, gates: gates) == nil)
    }

    @Test(
        "an object that is gone from git keeps its port as long as its removal is held, and loses it before its members go",
        arguments: [true, false])
    func undeclared(isHeld: Bool) throws {
        var host = Declared.host
        host.pruneBudget = PruneBudget(.percent(Percentage(isHeld ? 10 : 100)))
        let gone = Declared.state(Declared.workload("api"), host: host, revision: "2")
        var observed = Self.settled()
        observed.add(0, of: try #require(gone.objects[ResourceID(.workload, "api")]))
        observed.addNetwork(of: ResourceID(.workload, "api"))
        let removal = try #require(action(0, gone, observed))
        #expect(removal.isHeld == isHeld)
        #expect(wanted(gone, observed) == (isHeld ? nil : TrafficMap()))
        if !isHeld { #expect(removal.verdict == .waitFor(.firewall)) }
    }

    @Test("nothing starts while a port leads to an address that it might get")
    func freedAddress() {
        var observed = Self.settled()
        observed.change("web-1-1") {
            $0.status = .exited
            $0.address = nil
        }
        #expect(action(1, Self.state(), observed)?.verdict == .waitFor(.firewall))
        observed.firewall.traffic = Self.map(2)
        #expect(action(1, Self.state(), observed)?.verdict == .go)
    }

    @Test(
        "where ports cannot be led, what asks for it is held",
        arguments: [FirewallFacts.Support.missing("no nft"), .unknown, .by(.iptables)])
    func unsupported(_ support: FirewallFacts.Support) {
        var observed = Self.settled()
        observed.firewall = FirewallFacts(support: support)
        observed.firewall.leadsPorts = false
        observed.remove("web-1-1")
        guard case .held(let hold)? = action(1, Self.state(), observed)?.verdict else {
            Issue.record("it is not held")
            return
        }
        #expect(hold.gate == .publishingNotSupported)
    }

    @Test("a member that becomes ready is led to, and its predecessor is stopped after that, in the control loop")
    func loop() throws {
        let (first, next) = (Self.state(), Self.state("web:2", revision: "2"))
        var rig = try LoopRig(first)
        rig.observed(Self.settled())
        #expect(rig.steps.isEmpty)
        rig.tell(.desired(next))
        rig.observed(Self.settled())
        #expect(rig.stepNames == ["create-container"])
        let observed = try Self.succeeded(next, leading: Self.map(2, 3))
        rig.ended(.success(.container(id: "id-web-0-2", observed.containers["id-web-0-2"])))
        #expect(rig.stepNames == ["apply-firewall"], "the old one leaves the map before it is asked to stop")
        #expect(rig.looks.isEmpty)
        var facts = observed.firewall
        (facts.traffic, facts.sequence) = (Self.map(3, 4), 5)
        rig.ended(.success(.firewall(facts)))
        #expect(rig.looks == [["id-web-0-1", "id-web-0-2"]])
        rig.looked(observed.containers.filter { $0.value.slot == 0 }.mapValues { .some($0) })
        #expect(rig.stepNames == ["stop"])
    }
}

extension ObservedState {
    fileprivate func leading(_ traffic: TrafficMap) -> ObservedState {
        var copy = self
        copy.firewall.traffic = traffic
        return copy
    }
}
