import Foundation
import ReconcileTesting
import Reconciler
import Specs
import Testing

/// A plan file holds as long as nothing that it rests on has moved.
@Suite("plan files")
struct PlanFileTests {
    private static func file(
        _ desired: DesiredState, _ observed: ObservedState, remembering memory: StoredState = StoredState(),
        at seconds: Int64 = 1_790_000_000
    ) -> PlanFile {
        let input = PreviewInput(
            desired, on: observed, remembering: memory, at: Instant(secondsSince1970: seconds))
        return PlanFile(Preview(input), input)
    }

    private static let desired = Declared.state(Declared.workload("api"), Declared.workload("web", replicas: 2))

    private static var observed: ObservedState {
        var state = ObservedState(converged: desired)
        state.remove("web-1-1")
        return state
    }

    @Test("it is read back as it was written, holds a minute later, and says so when somebody changed it")
    func roundTrip() throws {
        let file = Self.file(Self.desired, Self.observed)
        let read = try JSONDecoder().decode(PlanFile.self, from: JSONEncoder().encode(file))
        #expect(read == file && read.isIntact && read.id.count == 12)
        #expect(read.movements(to: Self.file(Self.desired, Self.observed, at: 1_790_000_060)).isEmpty)
        var changed = read
        changed.plan.actions[0].reason = "nothing to see here"
        #expect(!changed.isIntact)
    }

    @Test("what uses memory or is refused by rules from one look to the next moves nothing")
    func restless() {
        var later = Self.observed
        later.change("api-0-1") { $0.kernel = KernelFacts(memoryInUse: 1 << 20) }
        later.preflight.dataFree = 1 << 30
        later.firewall.refusals = [PolicyRefusals(bridge: "rc-0", reason: "egress", packets: 7, bytes: 700)]
        // What an image of another revision is, was asked for the sake of comparing.
        later.images["old:1"] = ObservedImage(id: "sha256:old")
        #expect(Self.file(Self.desired, Self.observed).movements(to: Self.file(Self.desired, later)).isEmpty)
        later.images["web:1"] = ObservedImage(id: "sha256:other")
        #expect(
            Self.file(Self.desired, Self.observed).movements(to: Self.file(Self.desired, later)).contains(
                "images: it is not as it was seen on the host"))
    }

    @Test("a member that was starting and is ready now moves nothing")
    func starting() {
        var template = ContainerTemplate(image: "api:1")
        template.healthCheck = HealthCheck(command: ["true"])
        let desired = Declared.state(Declared.workload("api", template), Declared.workload("web"))
        var ready = ObservedState(converged: desired)
        ready.remove("web-0-1")
        ready.change("api-0-1") { $0.health = .healthy }
        var starting = ready
        starting.change("api-0-1") { $0.health = .starting }
        let then = Self.file(desired, starting)
        #expect(then.plan.actions.contains { $0.verb == "await" }, "it is waited for")
        #expect(then.movements(to: Self.file(desired, ready)).isEmpty)
    }

    @Test("what is put in force is compared once more, whatever its revision is called")
    func last() {
        let file = Self.file(Self.desired, Self.observed)
        #expect(file.movements(to: Self.desired).isEmpty)
        let edited = Declared.state(Declared.workload("api"), Declared.workload("web", replicas: 3))
        #expect(edited.revision == Self.desired.revision)
        #expect(file.movements(to: edited) == ["Workload/web: the revision says something else of it"])
    }

    @Test("of a tag that is looked for again nobody knows what it brings")
    func tags() {
        var template = ContainerTemplate(image: "web:latest")
        template.pullPolicy = .always
        let desired = Declared.state(Declared.workload("api"), Declared.workload("web", template))
        #expect(Self.file(desired, ObservedState(converged: desired)).mayReplaceMore == ["Workload/web"])
        #expect(Self.file(Self.desired, Self.observed).mayReplaceMore.isEmpty)
    }

    struct Movement: CustomTestStringConvertible {
        let testDescription: String
        let desired: DesiredState
        let observed: ObservedState
        var memory = StoredState()
        let said: [String]
    }

    static let movements: [Movement] = {
        let other = Declared.state(
            Declared.workload("api"), Declared.workload("web", replicas: 2, ContainerTemplate(image: "web:2")),
            revision: "2222222")
        var stopped = observed
        stopped.change("api-0-1") { $0.status = .exited }
        var restarted = observed
        restarted.change("api-0-1") { $0.startedAt = "2026-11-22T00:00:00Z" }
        var paused = StoredState()
        paused.pauses = [Pause(object: nil, reason: "", by: "alice", since: Instant(secondsSince1970: 0))]
        var elsewhere = desired
        elsewhere.host.owner = "other"
        return [
            Movement(
                testDescription: "another revision", desired: other, observed: observed,
                said: [
                    "revision: the plan is of '1111111', and this is '2222222'",
                    "Workload/web: the revision says something else of it",
                ]),
            Movement(
                testDescription: "a member stopped", desired: desired, observed: stopped,
                said: [
                    "Workload/api: it is not as it was seen on the host",
                    "not planned, and would be done now: Workload/api/0 start (stopped with exit code 0)",
                ]),
            Movement(
                testDescription: "a member was restarted by hand", desired: desired, observed: restarted,
                said: ["Workload/api: it is not as it was seen on the host"]),
            Movement(
                testDescription: "somebody paused the host", desired: desired, observed: observed, memory: paused,
                said: [
                    "planned, and not any more: Workload/web/1 create (not on this host)",
                    "not planned, and would be done now: Workload/web/1 create (not on this host), held by Paused",
                ]),
            Movement(
                testDescription: "another owner", desired: elsewhere, observed: observed,
                said: ["owner: the plan is of 'default', and this is 'other'"]),
        ]
    }()

    @Test("whatever moved is named", arguments: movements)
    func moved(_ movement: Movement) {
        let now = Self.file(movement.desired, movement.observed, remembering: movement.memory)
        let said = Self.file(Self.desired, Self.observed).movements(to: now)
        #expect(movement.said.allSatisfy(said.contains), "\(said)")
    }
}
