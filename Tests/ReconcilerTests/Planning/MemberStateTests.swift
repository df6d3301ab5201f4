import ReconcileTesting
import Reconciler
import Specs
import Testing

/// One state that a member can be found in, and what is done about it.
struct MemberCase: Sendable, CustomTestStringConvertible {
    let name: String
    var healthCheck: HealthCheck?
    let change: @Sendable (inout ObservedContainer) -> Void
    let expected: [String]

    init(
        _ name: String, check: Bool = false, _ expected: [String],
        _ change: @escaping @Sendable (inout ObservedContainer) -> Void
    ) {
        self.name = name
        healthCheck = check ? HealthCheck(command: ["ok"]) : nil
        self.change = change
        self.expected = expected
    }

    var testDescription: String { name }

    static let all: [MemberCase] = [
        MemberCase("running", []) { _ in },
        MemberCase("created", ["Workload/web/0 start: created but never started [start web-0-1]"]) {
            $0.status = .created
        },
        MemberCase("exited with 0", ["Workload/web/0 start: stopped with exit code 0 [start web-0-1]"]) {
            $0.status = .exited
        },
        MemberCase("exited with 137", ["Workload/web/0 start: stopped with exit code 137 [start web-0-1]"]) {
            $0.status = .exited
            $0.exitCode = 137
        },
        MemberCase("paused", ["Workload/web/0 unpause: paused by someone else [unpause web-0-1]"]) {
            $0.status = .paused
        },
        MemberCase("restarting", ["Workload/web/0 await: not ready yet []"]) { $0.status = .restarting },
        MemberCase("being removed", ["Workload/web/0 replace: not on this host [create-container web-0-2]"]) {
            $0.status = .removing
        },
        MemberCase("dead", ["Workload/web/0 replace: not on this host [create-container web-0-2, remove web-0-1]"]) {
            $0.status = .dead
        },
        MemberCase("renamed", ["Workload/web/0 rename: renamed to 'mine' by someone else [rename mine web-0-1]"]) {
            $0.name = "mine"
        },
        MemberCase("renamed and stopped", ["Workload/web/0 start: stopped with exit code 0 [start mine]"]) {
            $0.name = "mine"
            $0.status = .exited
        },
        MemberCase("healthy", check: true, []) { $0.health = .healthy },
        MemberCase(
            "unhealthy", check: true, ["Workload/web/0 restart: unhealthy [stop web-0-1, start web-0-1]"]
        ) { $0.health = .unhealthy },
        MemberCase("starting, not probed", check: true, ["Workload/web/0 await: not ready yet [probe web-0-1]"]) {
            $0.health = .starting
        },
        MemberCase("starting, our probe succeeded", check: true, []) {
            $0.health = .starting
            $0.probed = true
        },
        MemberCase(
            "unhealthy after our probe succeeded", check: true,
            ["Workload/web/0 restart: unhealthy [stop web-0-1, start web-0-1]"]
        ) {
            $0.health = .unhealthy
            $0.probed = true
        },
    ]
}

struct MemberStateTests {
    @Test("every state of a member leads to one repair", arguments: MemberCase.all)
    func states(_ c: MemberCase) {
        let desired = Declared.state(Declared.workload(template(c)))
        var observed = ObservedState(converged: desired)
        observed.change("web-0-1", c.change)
        #expect(plan(desired, observed).lines == c.expected)
    }

    @Test("a member that is as it should be is counted and not mentioned")
    func settled() {
        let desired = Declared.state(Declared.workload(replicas: 3))
        var observed = ObservedState(converged: desired)
        #expect(plan(desired, observed) == Plan(settled: 3))
        observed.change("web-1-1") { $0.status = .exited }
        #expect(plan(desired, observed).settled == 2)
    }

    @Test("a missing member is created under the next incarnation that nobody has had")
    func incarnations() {
        let desired = Declared.state(Declared.workload(replicas: 2))
        var observed = ObservedState(converged: desired)
        observed.remove("web-0-1")
        observed.remove("web-1-1")
        observed.storedIncarnations = [MemberID(ResourceID(.workload, "web"), 1): 7]
        #expect(
            plan(desired, observed).lines == [
                "Workload/web/0 create: not on this host [create-container web-0-1]",
                "Workload/web/1 create: not on this host [create-container web-1-8]",
            ])
    }

    @Test("a member that keeps stopping is started when its wait is over")
    func backoff() {
        let desired = Declared.state(Declared.workload())
        var observed = ObservedState(converged: desired)
        observed.change("web-0-1") { $0.status = .exited }
        var gates = desired.solitaryGates
        gates.restartsNotBefore = [MemberID(ResourceID(.workload, "web"), 0): .seconds(5)]
        let waiting = plan(desired, observed, gates: gates, uptime: .seconds(4))
        #expect(
            waiting.lines == [
                "Workload/web/0 start: stopped with exit code 0 [start web-0-1] not before 5.0 seconds"
            ])
        #expect(waiting.hasChanges)
        let over = plan(desired, observed, gates: gates, uptime: .seconds(5))
        #expect(over.actions.map(\.verdict) == [.go])
    }

    private func template(_ c: MemberCase) -> ContainerTemplate {
        ContainerTemplate(image: "web:1", healthCheck: c.healthCheck)
    }
}
