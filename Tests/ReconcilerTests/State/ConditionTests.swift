import ReconcileTesting
import Specs
import Testing

@testable import Reconciler

struct ConditionTests {
    private static let web = ResourceID(.workload, "web")

    private static func action(_ verb: Action.Verb, _ verdict: Verdict = .go) -> Action {
        Action(.member(MemberID(web, 0)), verb, .missing, at: nil, class: .safe, steps: [], verdict: verdict)
    }

    private static func summary(_ conditions: [Condition]) -> [String] {
        conditions.map { "\($0.type.rawValue)=\($0.status) \($0.reason)" }
    }

    @Test("conditions follow from what is left to do", arguments: ConditionCase.all)
    func conditions(_ c: ConditionCase) {
        #expect(Self.summary(Condition.of(c.actions, stalls: c.stalls)) == c.expected)
    }

    struct ConditionCase: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let actions: [Action]
        var stalls: [Stall] = []
        let expected: [String]

        private static let hold = Verdict.held(Hold(.capacity, "full"))
        private static let stall = Stall(.refused, "no")

        static let all: [ConditionCase] = [
            ConditionCase(testDescription: "nothing left", actions: [], expected: ["Ready=true Converged"]),
            ConditionCase(
                testDescription: "something to do", actions: [action(.create)],
                expected: ["Ready=false Progressing", "Reconciling=true Progressing"]),
            ConditionCase(
                testDescription: "waiting for a neighbour", actions: [action(.replace, .waitFor(.object(web)))],
                expected: ["Ready=false Progressing", "Reconciling=true Progressing"]),
            ConditionCase(
                testDescription: "a look behind a tag is no work", actions: [action(.pull)],
                expected: ["Ready=true Converged"]),
            ConditionCase(
                testDescription: "held", actions: [action(.create, hold)],
                expected: ["Ready=false InsufficientCapacity"]),
            ConditionCase(
                testDescription: "held and something to do", actions: [action(.create, hold), action(.start)],
                expected: ["Ready=false Progressing", "Reconciling=true Progressing"]),
            ConditionCase(
                testDescription: "a stall in the plan", actions: [action(.create, .stalled(stall)), action(.start)],
                expected: ["Ready=false Refused", "Stalled=true Refused"]),
            ConditionCase(
                testDescription: "a stall that the controller remembers", actions: [action(.start)], stalls: [stall],
                expected: ["Ready=false Refused", "Stalled=true Refused"]),
        ]
    }

    @Test("a status counts what is there and what is ready")
    func counts() {
        let desired = Declared.state(Declared.workload(replicas: 2))
        let observed = ObservedState(converged: desired)
        let status = HostStatus(
            host: Declared.host, desired: desired, observed: observed,
            plan: Plan(actions: [Self.action(.create)]), stalls: [:], isObserved: true, engineProblem: nil)
        #expect(status.objects.map(\.present) == [2])
        #expect(status.objects.map(\.ready) == [2])
        #expect(!status.isConverged)
        #expect(status.revision?.id == "1111111")
    }

    @Test("a member that keeps stopping is told, also while it runs just now, and it is tried again")
    func crashLoop() {
        let desired = Declared.state(Declared.workload(replicas: 2))
        let status = HostStatus(
            host: Declared.host, desired: desired, observed: ObservedState(converged: desired), plan: Plan(),
            stalls: [:],
            crashLoops: [MemberID(Self.web, 1): 7], isObserved: true, engineProblem: nil)
        let conditions = status.objects.first { $0.id == Self.web }?.conditions ?? []
        #expect(
            Self.summary(conditions) == ["Ready=false CrashLoop", "Reconciling=true CrashLoop"], "\(conditions)")
        #expect(conditions.first?.message.contains("Workload/web/1 keeps stopping: it was started 7 times") == true)
        #expect(!status.isConverged)
    }

    @Test("an engine that was never seen, or is away, is not reachable")
    func reachability() {
        let desired = Declared.state()
        func status(isObserved: Bool, _ problem: DriverError?) -> HostStatus {
            HostStatus(
                host: Declared.host, desired: desired, observed: ObservedState(), plan: Plan(), stalls: [:],
                isObserved: isObserved, engineProblem: problem)
        }
        let problem = DriverError(.transient, .engineUnreachable, "nobody listens", at: "GET /info")
        #expect(status(isObserved: true, nil).isConverged)
        #expect(!status(isObserved: false, nil).isConverged)
        #expect(status(isObserved: true, problem).engine.message == "GET /info: nobody listens")
        #expect(!status(isObserved: true, problem).engine.reachable)
    }

    @Test("keys sort an object before its members, and members by slot")
    func keyOrder() {
        let api = ResourceID(.workload, "api")
        let keys: [Key] = [
            .member(MemberID(Self.web, 10)), .object(Self.web), .member(MemberID(api, 0)),
            .member(MemberID(Self.web, 2)),
            .object(api),
        ]
        #expect(
            keys.sorted().map(\.description)
                == ["Workload/api", "Workload/api/0", "Workload/web", "Workload/web/2", "Workload/web/10"])
    }
}
