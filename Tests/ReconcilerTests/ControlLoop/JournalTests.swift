import ReconcileTesting
import Reconciler
import Specs
import Testing

/// What is written down before a step, after it, and what follows when it cannot be.
struct JournalTests {
    private let one = Declared.state(Declared.workload())
    private let none = Declared.state(Declared.workload(replicas: 0), revision: "2222222")

    /// Only the container is missing.
    private var withoutContainer: ObservedState {
        var state = ObservedState(converged: one)
        state.remove("web-0-1")
        return state
    }

    private func created(_ step: Step?) throws -> ObservedContainer {
        guard case .createContainer(let intent)? = step, let object = one.objects.values.first else {
            throw DriverError(.terminal, .badRequest, "not a create", at: "test")
        }
        var state = ObservedState()
        let id = state.add(0, of: object, incarnation: intent.mark.member?.incarnation ?? 0) { $0.status = .created }
        return try #require(state.containers[id])
    }

    @Test("an intent is on the disk before its step is asked for, and its outcome afterwards")
    func intentFirst() throws {
        var rig = try LoopRig(one)
        rig.observed(withoutContainer)
        #expect(rig.stepNames == ["create-container"])
        let intent = try #require(rig.journal.intents.last)
        #expect(intent.step == "create-container" && intent.subject == "web-0-1" && intent.incarnation == 1)
        #expect(intent.revision == one.revision.id && intent.observation == rig.loop.informer.sequence)
        #expect(rig.journal.outcomes.isEmpty)
        rig.ended(.success(.container(id: "id-web-0-1", try created(rig.steps.first))))
        #expect(rig.journal.outcomes[intent.id] == .done)
        #expect(rig.journal.intents.map(\.step) == ["create-container", "start"])
        #expect(rig.journal.intents.map(\.id) == [intent.id, intent.id + 1])
    }

    @Test("a revision is applied when its last step has settled, and not only at the next look at everything")
    func applied() throws {
        var rig = try LoopRig(one)
        var state = ObservedState(converged: one)
        let running = try #require(state.containers["id-web-0-1"])
        state.change("web-0-1") { $0.status = .exited }
        rig.observed(state)
        #expect(rig.stepNames == ["start"] && !isApplied(rig))
        rig.ended(.success(.container(id: running.id, running)))
        for _ in 0..<5 where !isApplied(rig) {
            rig.wait(.seconds(1))
            rig.looked([running.id: running])
        }
        #expect(isApplied(rig))
        #expect(rig.uptime < .seconds(30))
    }

    @Test("a revision is not applied while a member is not ready")
    func awaited() throws {
        let template = ContainerTemplate(image: "web:1", healthCheck: HealthCheck(command: ["ok"]))
        let checked = Declared.state(Declared.workload("web", template))
        var rig = try LoopRig(checked)
        var state = ObservedState(converged: checked)
        state.change("web-0-1") { $0.health = .starting }
        let member = try #require(state.containers["id-web-0-1"])
        rig.observed(state)
        for _ in 0..<5 {
            rig.wait(.seconds(1))
            rig.looked([member.id: member])
        }
        #expect(!isApplied(rig))
        var other = try LoopRig(checked)
        other.observed(ObservedState(converged: checked))
        #expect(isApplied(other), "where it is ready")
    }

    @Test("a revision is applied beside a pool whose members come up, which they do all day")
    func busyPool() throws {
        let template = ContainerTemplate(image: "web:1", healthCheck: HealthCheck(command: ["ok"]))
        let pool = Declared.state(warmPools: [Declared.warmPool("pool", size: 1, template)])
        var state = ObservedState(converged: pool)
        let member = try #require(state.containers.values.first)
        state.change(member.name) { $0.health = .starting }
        let starting = state.containers[member.id]
        var rig = try LoopRig(pool)
        rig.observed(state)
        for _ in 0..<5 {
            rig.wait(.seconds(1))
            rig.looked([member.id: starting])
        }
        #expect(isApplied(rig))
    }

    @Test("a revision is applied when moved tags were looked behind, or cannot be", arguments: [true, false])
    func pulled(isDenied: Bool) throws {
        let always = Declared.state(Declared.workload(ContainerTemplate(image: "web:1", pullPolicy: .always)))
        var rig = try LoopRig(always)
        rig.observed(ObservedState(converged: always))
        let first = rig.stepNames
        #expect(first == ["pull-image"] && !isApplied(rig))
        rig.ended(
            .failure(
                DriverError(isDenied ? .terminal : .transient, isDenied ? .badRequest : .serverError, "no", at: "test"))
        )
        rig.wait(.seconds(40))
        rig.observed(ObservedState(converged: always))
        let isApplied = isApplied(rig)
        #expect(isApplied)
    }

    private func isApplied(_ rig: LoopRig) -> Bool {
        rig.journal.commits.joined().contains {
            if case .history(let record) = $0 { record.outcome == .applied } else { false }
        }
    }

    @Test("what cannot be written down is not done, and is tried again when it can")
    func refusedCommit() throws {
        let audit = RecordingAudit()
        var rig = try LoopRig(one, audit: audit)
        rig.journal.refuse(with: StateStoreError(.unavailable, "disk full"))
        rig.observed(withoutContainer)
        #expect(rig.steps.isEmpty)
        #expect(
            audit.entries.map(\.action) == ["create-container", "create-container-failed"],
            "who reads the audit log sees that it never happened")
        rig.wait(.seconds(1))
        #expect(rig.steps.isEmpty)
        rig.journal.refuse(with: nil)
        rig.wait(.seconds(10))
        #expect(rig.stepNames == ["create-container"])
    }

    @Test("after a lost answer the same name is made again, once a later look has not found it")
    func lostAnswer() throws {
        var rig = try LoopRig(one)
        rig.observed(withoutContainer)
        rig.ended(.failure(DriverError(.unknown, .timedOut, "no answer", at: "POST /containers/create")))
        rig.wait(.seconds(20))
        #expect(rig.steps.isEmpty, "it may have happened")
        #expect(rig.journal.outcomes.isEmpty, "a crash must not forget that")
        #expect(rig.observations.count == 1)
        rig.observed(withoutContainer)
        #expect(rig.journal.outcomes.values.map(\.name) == ["unknown"])
        #expect(rig.steps.map(\.subject) == ["web-0-1"])
    }

    @Test("a look that began before the answer was lost does not settle the doubt")
    func lookFromBefore() throws {
        var rig = try LoopRig(one)
        rig.observed(withoutContainer)
        rig.tell(.streamOpened)
        #expect(rig.observations.count == 1)
        rig.ended(.failure(DriverError(.unknown, .timedOut, "no answer", at: "POST /containers/create")))
        rig.wait(.seconds(20))
        rig.observed(withoutContainer)
        #expect(rig.steps.isEmpty)
        #expect(rig.observations.count == 1, "another look began")
        var state = withoutContainer
        state.add(0, of: try #require(one.objects.values.first)) { $0.status = .created }
        rig.observed(state)
        #expect(rig.stepNames == ["start"], "what was made is found and goes on")
    }

    @Test("an intent without an outcome is ended as unknown by the next run, which looks first")
    func openIntent() throws {
        var stored = StoredState()
        let member = MemberID(ResourceID(.workload, "web"), 0)
        stored.openIntents = [
            Intent(
                id: 7, key: .member(member), step: "create-container", subject: "web-0-1", incarnation: 1,
                revision: "1111111", observation: 3, engine: "", begun: Instant(secondsSince1970: 0))
        ]
        stored.lastIntent = 7
        var rig = try LoopRig(one, stored: stored)
        #expect(rig.journal.outcomes.isEmpty, "nothing was looked at yet")
        rig.observed(withoutContainer)
        #expect(rig.journal.outcomes[7]?.name == "unknown")
        #expect(rig.journal.intents.map(\.id) == [8])
        #expect(rig.steps.map(\.subject) == ["web-0-1"])
    }

    @Test("a look that misses something settles what it shows the container of, and nothing else")
    func settledInPart() throws {
        let two = Declared.state(Declared.workload(replicas: 2))
        var rig = try LoopRig(two)
        var stopped = ObservedState(converged: two)
        for name in ["web-0-1", "web-1-1"] { stopped.change(name) { $0.status = .exited } }
        rig.observed(stopped)
        #expect(rig.stepNames == ["start", "start"])
        rig.ended(.failure(DriverError(.unknown, .timedOut, "no answer", at: "POST /containers/a/start")))
        rig.ended(.failure(DriverError(.unknown, .timedOut, "no answer", at: "POST /containers/b/start")))
        rig.wait(.seconds(20))
        var half = ObservedState(converged: two)
        half.change("web-0-1") { $0.status = .exited }
        half.remove("web-1-1")
        half.isComplete = false
        rig.observed(half)
        #expect(rig.journal.outcomes.count == 1)
        rig.wait(.seconds(20))
        #expect(rig.steps.map(\.subject) == ["web-0-1"])
    }

    @Test("before a member goes it is looked at, and becomes 'retiring' in the same commit as the intent")
    func retires() throws {
        var rig = try LoopRig(none)
        let state = ObservedState(converged: one)
        rig.observed(state)
        #expect(rig.steps.isEmpty)
        #expect(rig.looks == [["id-web-0-1"]])
        rig.looked(["id-web-0-1": state.containers["id-web-0-1"]])
        #expect(rig.stepNames == ["stop"])
        let instance = MemberInstance(MemberID(ResourceID(.workload, "web"), 0), 1)
        let commit = try #require(rig.journal.commits.last)
        #expect(commit.contains(.transition(instance, from: .ready, to: .retiring)))
        #expect(commit.contains { if case .begin = $0 { true } else { false } })
    }

    @Test("a member that somebody else has taken stays")
    func taken() throws {
        var rig = try LoopRig(none)
        let state = ObservedState(converged: one)
        rig.observed(state)
        rig.journal.refuse(with: StateStoreError(.conflict, "claimed"))
        rig.looked(["id-web-0-1": state.containers["id-web-0-1"]])
        #expect(rig.steps.isEmpty)
    }

    @Test("a number that an event led to is used up, also when its container is gone before the next full look")
    func seenByAnEvent() throws {
        var rig = try LoopRig(one)
        rig.observed(withoutContainer)
        rig.ended(.failure(DriverError(.unknown, .timedOut, "no answer", at: "POST /containers/create")))
        var state = ObservedState()
        let id = state.add(0, of: try #require(one.objects.values.first)) { $0.status = .created }
        rig.tell(.hint(ChangeHint(containerID: id, event: "create")))
        rig.looked([id: state.containers[id]])
        rig.tell(.hint(ChangeHint(containerID: id, event: "destroy")))
        rig.looked([id: nil])
        rig.wait(.seconds(20))
        rig.observed(withoutContainer)
        #expect(rig.steps.map(\.subject) == ["web-0-2"])
        let instance = MemberInstance(MemberID(ResourceID(.workload, "web"), 0), 1)
        #expect(rig.journal.commits.joined().contains(.seen(instance)))
    }

    @Test("a key that is due while nothing may begin does not ask for the time again and again")
    func deadlineInThePast() throws {
        var rig = try LoopRig(one)
        rig.observed(withoutContainer)
        rig.ended(.failure(DriverError(.transient, .serverError, "busy", at: "POST /containers/create")))
        #expect(rig.loop.nextDeadline != nil)
        rig.tell(.streamLost)
        rig.wait(.seconds(1))
        #expect(rig.steps.isEmpty, "the engine must be seen first")
        #expect(rig.loop.nextDeadline ?? .seconds(9) > rig.uptime)
        rig.observed(withoutContainer)
        #expect(rig.stepNames == ["create-container"])
    }

    @Test("when told to stop nothing new is begun, and what is in flight is waited for")
    func stop() throws {
        var rig = try LoopRig(one)
        rig.observed(withoutContainer)
        rig.tell(.stop)
        #expect(!rig.loop.isStopped)
        rig.ended(.success(.container(id: "id-web-0-1", try created(rig.steps.first))))
        #expect(rig.loop.isStopped)
        #expect(rig.steps.isEmpty)
        #expect(rig.journal.outcomes.values.map(\.name) == ["done"])
    }

    @Test("nor is anything looked at then")
    func stopsLooking() throws {
        var rig = try LoopRig(one)
        rig.observed(withoutContainer)
        let container = try created(rig.steps.first)
        rig.tell(.hint(ChangeHint(containerID: container.id, event: "create")))
        rig.tell(.hint(ChangeHint(containerID: container.id, event: "start")))
        rig.tell(.stop)
        rig.looked([container.id: container])
        rig.ended(.success(.container(id: container.id, container)))
        #expect(rig.pending.isEmpty)
    }
}
