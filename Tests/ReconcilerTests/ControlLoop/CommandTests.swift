import Logging
import ReconcileTesting
import Reconciler
import Specs
import Testing

/// What people may tell the loop, what they are answered, and what holds then.
struct CommandTests {
    private static let web = ResourceID(.workload, "web")
    private static let old = ResourceID(.workload, "old")

    private static func state(_ image: String, _ revision: String) -> DesiredState {
        Declared.state(
            Declared.workload(ContainerTemplate(image: image)), Declared.workload("other"), revision: revision)
    }

    private let one = Declared.state(Declared.workload())

    /// Only the container is missing.
    private var withoutContainer: ObservedState {
        var state = ObservedState(converged: one)
        state.remove("web-0-1")
        return state
    }

    private func refusal(
        _ rig: inout LoopRig, _ request: CommandRequest
    ) -> CommandRefusal? {
        do throws(CommandRefusal) {
            _ = try rig.ask(request)
            return nil
        } catch {
            return error
        }
    }

    // MARK: Pauses

    @Test("a pause holds from the moment it is heard, and is over when it is resumed", arguments: [web, nil])
    func pause(object: ResourceID?) throws {
        var rig = try LoopRig(one)
        rig.observed(ObservedState(converged: one))
        let what = object?.description ?? "this host"
        let message = try rig.ask(.pause(object, reason: "by hand"))
        #expect(message.hasPrefix("\(what) is paused: nothing"))
        #expect(message.hasSuffix("until 'reconcile resume\(object.map { " \($0)" } ?? "")'"))
        rig.wait(.seconds(40))
        rig.observed(withoutContainer)
        #expect(rig.steps.isEmpty)
        #expect(rig.loop.status().objects.first?.conditions.map(\.reason).first == "Paused")
        #expect(try rig.ask(.resume(object)) == "\(what) is resumed")
        #expect(rig.stepNames == ["create-container"])
        #expect(rig.loop.status().pauses == [])
    }

    @Test("a pause is on the disk before it is answered, and survives a restart")
    func pauseIsStored() throws {
        var rig = try LoopRig(one)
        rig.observed(ObservedState(converged: one))
        _ = try rig.ask(.pause(Self.web, reason: "by hand"))
        let pause = Pause(object: Self.web, reason: "by hand", by: "alice", since: Now().wall)
        #expect(rig.journal.commits.last?.contains(.pause(pause)) == true)
        var stored = StoredState()
        stored.pauses = [pause]
        var second = try LoopRig(one, stored: stored)
        second.observed(withoutContainer)
        #expect(second.steps.isEmpty)
        let status = second.loop.status()
        #expect(status.pauses == [pause])
        let message = "by alice: by hand (until 'reconcile resume Workload/web')"
        #expect(status.objects.first?.conditions.last == Condition(.paused, true, "ObjectPaused", message))
        _ = try second.ask(.resume(Self.web))
        #expect(second.stepNames == ["create-container"])
        #expect(second.journal.commits.joined().contains(.resume(Self.web)))
    }

    @Test("who is resumed hears what else holds it, and what was not paused is left as it was")
    func resume() throws {
        var rig = try LoopRig(one)
        rig.observed(ObservedState(converged: one))
        let before = rig.journal.commits.count
        #expect(try rig.ask(.resume(Self.web)) == "Workload/web was not paused")
        #expect(rig.journal.commits.count == before)
        _ = try rig.ask(.pause(nil, reason: "disk"))
        _ = try rig.ask(.pause(Self.web, reason: "data"))
        #expect(
            try rig.ask(.resume(Self.web))
                == "Workload/web is resumed, but this host is paused: nothing is changed until 'reconcile resume'")
        _ = try rig.ask(.pause(Self.web, reason: "data"))
        #expect(
            try rig.ask(.resume(nil)) == "this host is resumed; paused by themselves are still: Workload/web")
    }

    // MARK: What cannot be written down

    @Test(
        "what the journal or the audit log refuses has no effect, and whoever asked hears it", arguments: [true, false])
    func refused(byJournal: Bool) throws {
        let audit = RecordingAudit()
        var rig = try LoopRig(one, audit: audit)
        rig.observed(ObservedState(converged: one))
        let error = StateStoreError(.unavailable, "the disk is full")
        if byJournal { rig.journal.refuse(with: error) } else { audit.refuse(with: error) }
        let refusal = try #require(refusal(&rig, .pause(Self.web, reason: "by hand")))
        #expect(refusal.code == .unavailable)
        #expect(refusal.message == "it cannot be written down, so nothing is changed: the disk is full")
        #expect(audit.entries.map(\.action) == (byJournal ? ["pause", "pause-failed"] : []))
        rig.journal.refuse(with: nil)
        audit.refuse(with: nil)
        #expect(rig.loop.status().pauses == [])
        rig.wait(.seconds(40))
        rig.observed(withoutContainer)
        #expect(rig.stepNames == ["create-container"])
        #expect(!rig.journal.commits.joined().contains { if case .pause = $0 { true } else { false } })
    }

    @Test("the controller throws what the store says")
    func controllerThrows() async throws {
        let rig = Rig()
        try await rig.settle(one)
        rig.store.fail(with: StateStoreError(.unavailable, "the disk is full"))
        let pause = Pause(object: nil, reason: "disk", by: "alice", since: Now().wall)
        await #expect(throws: StateStoreError(.unavailable, "the disk is full")) {
            try await rig.controller.command(.pause(pause))
        }
        let refusal = await #expect(throws: CommandRefusal.self) {
            try await rig.controller.carryOut(.pause(nil, reason: "disk"), by: "alice")
        }
        #expect(refusal?.code == .unavailable)
        rig.store.fail(with: nil)
        #expect(await rig.controller.status().pauses == [])
        try await rig.controller.command(.pause(pause))
        #expect(await rig.controller.status().pauses == [pause])
        #expect(try rig.store.load().pauses == [pause])
    }

    // MARK: Approvals

    private func beyondTheBudget(replicas: Int = 3) throws -> (rig: LoopRig, observed: ObservedState) {
        let observed = ObservedState(
            converged: Declared.state(Declared.workload(), Declared.workload("old", replicas: replicas)))
        var host = Declared.host
        host.pruneBudget = PruneBudget(.count(0))
        var rig = try LoopRig(Declared.state(Declared.workload(), host: host, revision: "2222222"))
        rig.observed(observed)
        return (rig, observed)
    }

    @Test("an approval lets exactly that set of that revision go")
    func approve() throws {
        var (rig, observed) = try beyondTheBudget()
        #expect(rig.steps.isEmpty && rig.looks.isEmpty)
        let set = try #require(rig.loop.removals)
        let held = try #require(rig.loop.status().objects.first { $0.id == Self.old }?.conditions.first)
        #expect(held.message.hasSuffix("(until 'reconcile approve \(set.digest)')"))
        #expect(
            try rig.ask(.approve(digest: set.digest))
                == "approved: 2222222 may remove 3 containers and 1 network, and nothing else")
        let approval = Approval(revision: "2222222", removals: set.names, by: "alice", at: Now().wall)
        #expect(rig.journal.commits.joined().contains(.approve(approval)))
        #expect(!rig.looks.isEmpty, "what goes is looked at first")
        #expect(
            try rig.ask(.approve(digest: set.digest))
                == "approved already: 2222222 may remove 3 containers and 1 network")
        // One that was not in the set holds all of it again.
        let more = ObservedState(
            converged: Declared.state(Declared.workload(), Declared.workload("old", replicas: 4)))
        for id in more.containers.keys { observed.record(more.containers[id], id: id) }
        rig.wait(.seconds(40))
        rig.observed(observed)
        #expect(rig.loop.currentPlan()?.held.count == 5)
    }

    @Test("another digest is refused, and the present one is named")
    func wrongDigest() throws {
        var (rig, _) = try beyondTheBudget(replicas: 2)
        let set = try #require(rig.loop.removals)
        let refusal = try #require(refusal(&rig, .approve(digest: "00000000")))
        #expect(refusal.code == .conflict)
        #expect(
            refusal.message
                == "'00000000' is not what 2222222 would remove now; that is '\(set.digest)': 2 containers and "
                + "1 network: old-0-1, old-1-1, reconcile-old")
        #expect(rig.looks.isEmpty)
    }

    @Test("an object that is misspelt leads to the one that is meant")
    func misspelt() throws {
        var rig = try LoopRig(one)
        for id in [ResourceID(.workload, "wbe"), ResourceID(.warmPool, "web")] {
            for request in [CommandRequest.pause(id, reason: "x"), .pin(id, revision: nil, reason: "x")] {
                let refusal = #expect(throws: CommandRefusal.self) { try rig.ask(request) }
                #expect(refusal?.message.hasSuffix("; did you mean 'Workload/web'?") == true, "\(request)")
            }
        }
    }

    @Test("where nothing goes there is nothing to approve, and before the first look nobody knows")
    func nothingToApprove() throws {
        var rig = try LoopRig(one)
        #expect(refusal(&rig, .approve(digest: "00000000"))?.code == .unavailable)
        rig.observed(ObservedState(converged: one))
        let refusal = refusal(&rig, .approve(digest: "00000000"))
        #expect(refusal?.code == .conflict)
        #expect(refusal?.message == "1111111 removes nothing from this host: no approval is needed")
    }

    // MARK: Pins

    /// The second revision is in force, and the host is as it says.
    private func withTwoRevisions() throws -> LoopRig {
        let (first, second) = (Self.state("web:1", "1111111"), Self.state("web:2", "2222222"))
        var rig = try LoopRig(first)
        rig.observed(ObservedState(converged: first))
        rig.tell(.desired(second))
        rig.observed(ObservedState(converged: second))
        return rig
    }

    private func image(_ rig: LoopRig) -> String? { rig.loop.desired?.objects[Self.web]?.container.template.image }

    @Test("a pin keeps what the earlier revision says, until it is unpinned", arguments: [nil, "1111111"])
    func pin(revision: String?) throws {
        var rig = try withTwoRevisions()
        #expect(image(rig) == "web:2")
        #expect(
            try rig.ask(.pin(Self.web, revision: revision, reason: "slow"))
                == "Workload/web is pinned to 1111111: it does not follow 2222222, until a commit changes what it says "
                + "or 'reconcile unpin Workload/web'")
        #expect(image(rig) == "web:1")
        let conditions = rig.loop.status().objects.first { $0.id == Self.web }?.conditions
        let message = "pinned to 1111111 (Requested: slow), not what 2222222 says"
        #expect(conditions?.last == Condition(.pinned, true, "Requested", message))
        #expect(try rig.ask(.unpin(Self.web)) == "Workload/web is not pinned any more: it follows 2222222")
        #expect(image(rig) == "web:2")
        #expect(try rig.ask(.unpin(Self.web)) == "Workload/web was not pinned")
    }

    @Test("nothing is decided on a pin before its image was looked for")
    func pinToUnseenImage() throws {
        let first = Declared.state(Declared.workload(ContainerTemplate(image: "app:1")))
        let second = Declared.state(Declared.workload(ContainerTemplate(image: "app:2")), revision: "2222222")
        var rig = try LoopRig(first)
        rig.observed(ObservedState(converged: first))
        rig.tell(.desired(second))
        rig.observed(ObservedState(converged: second))
        rig.wait(.seconds(40))
        rig.observed(ObservedState(converged: second))
        _ = try rig.ask(.pin(Self.web, revision: nil, reason: "slow"))
        #expect(rig.steps.isEmpty, "nobody knows whether it must be pulled")
        #expect(rig.observations.last?.images.contains("app:1") == true)
        var seen = ObservedState(converged: second)
        seen.images["app:1"] = ObservedImage(id: "sha256:app:1")
        rig.observed(seen)
        #expect(rig.stepNames == ["create-container"])
    }

    @Test("a commit that leaves the object alone leaves the pin, and one that changes it releases it")
    func released() throws {
        var rig = try withTwoRevisions()
        _ = try rig.ask(.pin(Self.web, revision: nil, reason: "slow"))
        let third = Self.state("web:2", "3333333")
        rig.tell(.desired(third))
        while rig.loop.nextDesired != nil { rig.observed(ObservedState(converged: third)) }
        #expect(image(rig) == "web:1")
        let fourth = Self.state("web:4", "4444444")
        rig.tell(.desired(fourth))
        while rig.loop.nextDesired != nil { rig.observed(ObservedState(converged: fourth)) }
        #expect(image(rig) == "web:4")
        #expect(rig.journal.commits.joined().contains(.unpin(Self.web)))
    }

    @Test("what cannot be pinned is refused with what would be right")
    func refusedPins() throws {
        var rig = try withTwoRevisions()
        let pool = ResourceID(.warmPool, "agents")
        let cases: [(ResourceID, String?, CommandRefusal.Code, String)] = [
            (pool, nil, .notFound, "2222222 declares no WarmPool/agents"),
            (Self.web, "2222222", .invalid, "'2222222' is the revision in force"),
            (Self.web, "3333333", .notFound, "no revision '3333333' is kept here; kept are: 1111111"),
        ]
        for (object, revision, code, message) in cases {
            let refusal = refusal(&rig, .pin(object, revision: revision, reason: "slow"))
            #expect(
                refusal?.code == code && refusal?.message.hasPrefix(message) == true, "\(String(describing: refusal))")
        }
        var alone = try LoopRig(one)
        let refusal = refusal(&alone, .pin(Self.web, revision: nil, reason: "slow"))
        #expect(refusal?.message == "there is no earlier revision than 1111111 to go back to")
    }

    @Test("the revision before is known again after a restart")
    func previousAfterRestart() async throws {
        func accepted(_ id: String, _ image: String) -> AcceptedRevision {
            let text = Declared.workloadText(image: image)
            return AcceptedRevision(
                revision: Revision(id: id, reference: "main"),
                files: [SpecFile(path: "web.yaml", bytes: Array(text.utf8))])
        }
        let store = InMemoryStateStore()
        for (id, image) in [("1111111", "web:1"), ("2222222", "web:2")] {
            let next = accepted(id, image)
            let record = RevisionRecord(revision: next.revision, outcome: .accepted, time: Now().wall)
            try store.commit([.accept(next), .history(record)])
        }
        let rig = Rig(store: store)
        let second = accepted("2222222", "web:2")
        let specs = try #require(SpecLoader.load(second.files).specs)
        try await rig.settle(DesiredState(specs: specs, revision: second.revision, host: Declared.host))
        let message = try await rig.controller.carryOut(.pin(Self.web, revision: nil, reason: "slow"), by: "alice")
        #expect(message.hasPrefix("Workload/web is pinned to 1111111: "))
    }

    @Test(
        "an object that is nowhere is not known",
        arguments: [
            CommandRequest.pause(ResourceID(.workload, "wbe"), reason: "x"), .resume(ResourceID(.workload, "wbe")),
            .unpin(ResourceID(.workload, "wbe")), .pause(ResourceID(.hostPool, "local"), reason: "x"),
        ])
    func unknownObject(_ request: CommandRequest) throws {
        var rig = try LoopRig(one)
        rig.observed(ObservedState(converged: one))
        #expect(refusal(&rig, request)?.code == .notFound)
    }

    @Test("what a person goes back to is tried at once, however often the other thing failed")
    func pinEndsBackoff() throws {
        var rig = try LoopRig(one)
        rig.observed(ObservedState(converged: one))
        let next = Declared.state(Declared.workload(replicas: 2), revision: "2222222")
        rig.tell(.desired(next))
        rig.observed(ObservedState(converged: one))
        for _ in 0..<12 {
            rig.ended(.failure(DriverError(.transient, .noSpace, "no space left on device", at: "test")))
            if rig.steps.isEmpty { rig.wait(rig.loop.nextDeadline.map { $0 - rig.uptime } ?? .zero) }
            rig.observed(ObservedState(converged: one))
        }
        while !rig.steps.isEmpty {
            rig.ended(.failure(DriverError(.transient, .noSpace, "no space left on device", at: "test")))
        }
        let pin = Pin(
            object: ResourceID(.workload, "web"), revision: one.revision, cause: .requested, reason: "back",
            rejected: try #require(next.objects.values.first).meaning, since: Instant(secondsSince1970: 0))
        rig.tell(.command(.pin(pin, by: "alice")))
        rig.tell(.command(.unpin(pin.object, by: "alice")))
        #expect(rig.stepNames == ["create-container"])
    }
}
