import ReconcileTesting
import Reconciler
import Specs
import Testing

/// What a preview says besides the plan.
@Suite("previews")
struct PreviewTests {
    private static let now = Instant(secondsSince1970: 1_790_000_000)

    private static func preview(
        _ desired: DesiredState, since base: DesiredState?, on observed: ObservedState,
        remembering memory: StoredState = StoredState()
    ) -> Preview {
        Preview(PreviewInput(desired, since: base, on: observed, remembering: memory, at: now))
    }

    // MARK: Drift and changes

    @Test("what the revision before asks for as well is drift, and everything else is the commit's doing")
    func origins() {
        let base = Declared.state(Declared.workload("api"), Declared.workload("web", replicas: 2), revision: "1111111")
        let desired = Declared.state(
            Declared.workload("api"), Declared.workload("new"),
            Declared.workload("web", replicas: 2, ContainerTemplate(image: "web:2")), revision: "2222222")
        var observed = ObservedState(converged: base)
        observed.change("api-0-1") { $0.status = .exited }
        observed.images["web:2"] = ObservedImage(id: "sha256:web:2")
        let preview = Self.preview(desired, since: base, on: observed)
        let origins = preview.items.map { "\($0.action.key) \($0.action.verb.rawValue) \($0.origin?.rawValue ?? "-")" }
        #expect(
            origins == [
                "Workload/api/0 start drift", "Workload/new create commit", "Workload/new/0 create commit",
                "Workload/web/0 replace commit", "Workload/web/1 replace commit",
            ])
        #expect(preview.base?.id == "1111111")
        #expect(Self.preview(desired, since: nil, on: observed).items.allSatisfy { $0.origin == nil })
    }

    @Test("of one member, fields that somebody changed are told from those that the commit changes")
    func fields() throws {
        func template(cpus: Int64) -> ContainerTemplate {
            var resources = Resources()
            resources.cpus = CPUQuantity(nanoCPUs: cpus)
            resources.pids = 64
            return ContainerTemplate(image: "web:1", resources: resources)
        }
        let base = Declared.state(Declared.workload(template(cpus: 500_000_000)))
        let desired = Declared.state(Declared.workload(template(cpus: 1_000_000_000)), revision: "2222222")
        var observed = ObservedState(converged: base)
        observed.change("web-0-1") { $0.live.pids = 32 }
        let item = try #require(Self.preview(desired, since: base, on: observed).items.first)
        #expect(item.action.verb == .update && item.origin == .commit)
        #expect(item.driftedFields == ["resources.pids"])
        // Without the commit's own field all of it is drift.
        let drift = try #require(Self.preview(base, since: base, on: observed).items.first)
        #expect(drift.origin == .drift && drift.driftedFields == ["resources.pids"])
    }

    @Test("a field without values is drift only where both revisions ask for the same")
    func bareFields() throws {
        func state(_ value: String, image: String = "web:1", _ revision: String) -> DesiredState {
            var template = ContainerTemplate(image: image)
            template.env = ["LEVEL": value]
            return Declared.state(Declared.workload(template), revision: revision)
        }
        let base = state("info", "1111111")
        let observed = ObservedState(converged: state("debug", "0000000"))
        let changed = try #require(
            Self.preview(state("error", "2222222"), since: base, on: observed).items.first { $0.action.slot == 0 })
        #expect(changed.origin == .commit && changed.driftedFields.isEmpty, "the commit changes it as well")
        let drift = try #require(
            Self.preview(state("info", "2222222"), since: base, on: observed).items.first { $0.action.slot == 0 })
        #expect(drift.origin == .drift && drift.driftedFields.count == 1)
    }

    @Test("what is removed says where it was last declared")
    func lastDeclared() throws {
        let base = Declared.state(Declared.workload("web"), Declared.workload("old"))
        let desired = Declared.state(Declared.workload("web"), revision: "2222222")
        let preview = Self.preview(desired, since: base, on: ObservedState(converged: base))
        #expect(preview.items.map(\.action.verb) == [.remove, .remove])
        #expect(preview.items.allSatisfy { $0.lastDeclared?.file == "old.yaml" && $0.origin == .commit })
    }

    @Test("what a person paused, pinned and claimed counts as it does for the daemon")
    func memory() throws {
        let base = Declared.state(Declared.workload("web"))
        let desired = Declared.state(
            Declared.workload("web", ContainerTemplate(image: "web:2")), revision: "2222222")
        let observed = ObservedState(converged: base)
        var memory = StoredState()
        memory.pauses = [
            Pause(object: ResourceID(.workload, "web"), reason: "moving", by: "alice", since: Self.now)
        ]
        let paused = Self.preview(desired, since: base, on: observed, remembering: memory)
        #expect(paused.plan.held.count == paused.plan.actions.count { $0.isChange } && !paused.plan.hasChanges)
        let free = Self.preview(desired, since: base, on: observed)
        #expect(free.plan.hasChanges && free.outlooks.map(\.replaced) == [1])
        #expect(paused.outlooks.isEmpty, "what is held does not happen")
    }

    // MARK: Members on the way

    @Test("a pool recycles those that nobody has, keeps claimed ones, and is never below what was said")
    func pool() throws {
        let base = Declared.state(warmPools: [Declared.warmPool(size: 4)])
        let desired = Declared.state(
            warmPools: [Declared.warmPool(size: 4, ContainerTemplate(image: "agent:2"))], revision: "2222222")
        var observed = ObservedState(converged: base)
        observed.images["agent:2"] = ObservedImage(id: "sha256:agent:2")
        let pool = try #require(base.objects[ResourceID(.warmPool, "agents")])
        observed.add(4, of: pool)
        var memory = StoredState()
        memory.phases = [MemberInstance(MemberID(pool.id, 4), 1): .claimed]
        let preview = Self.preview(desired, since: base, on: observed, remembering: memory)
        let outlook = try #require(preview.outlooks.first)
        #expect(
            "\(outlook.object) \(outlook)"
                == "WarmPool/agents 4 recycled (image agent:1 -> agent:2), 1 claimed kept until it is released, at least 4 of 4 ready on the way"
        )
        #expect(preview.plan.actions.allSatisfy { $0.slot != 4 }, "the claimed member is left alone")
        // A fifth unclaimed one comes first; all that are there follow, and none of them is right already.
        #expect(preview.plan.actions.contains { $0.verb == .create && $0.slot == 5 })
        #expect(preview.plan.outdated == 5 && preview.plan.settled == 0)
    }

    @Test("a drain by force keeps no budget, and its outlook promises none")
    func drainedByForce() throws {
        var state = Declared.state(Declared.workload("web", replicas: 3))
        state.objects[ResourceID(.workload, "web")]?.disruptionBudget = .minAvailable(.count(2))
        var drain = Drain(reason: "kernel", by: "ada", since: Self.now, deadline: Self.now, force: true)
        drain.stage = .forced
        var memory = StoredState()
        memory.drains = [drain]
        let preview = Self.preview(state, since: state, on: ObservedState(converged: state), remembering: memory)
        #expect(
            preview.outlooks.first?.description
                == "3 sent away without a successor here, at least 0 of 3 ready on the way")
        #expect(preview.risks.count == 1)
    }

    @Test("members that a drain sends away are not replaced, and that none is left is a risk", arguments: [0, 2])
    func drained(budget: Int) throws {
        var state = Declared.state(Declared.workload("web", replicas: 3))
        if budget > 0 {
            state.objects[ResourceID(.workload, "web")]?.disruptionBudget = .minAvailable(.count(budget))
        }
        var memory = StoredState()
        memory.drains = [Drain(reason: "kernel", by: "ada", since: Self.now)]
        let preview = Self.preview(state, since: state, on: ObservedState(converged: state), remembering: memory)
        let outlook = try #require(preview.outlooks.first)
        #expect(
            outlook.description
                == "\(3 - budget) sent away without a successor here, at least \(budget) of 3 ready on the way")
        #expect(outlook.replaced == 0)
        #expect(
            preview.risks.map(\.message)
                == (budget > 0 ? [] : ["all 3 ready members may go and nothing takes over on this host"]))
    }

    @Test("the lowest number of ready members is met and never passed by a rollout", arguments: RolloutCase.all)
    func lowestReady(_ c: RolloutCase) throws {
        let base = c.state(image: "web:1", revision: "1111111")
        let desired = c.state(image: "web:2", revision: "2222222")
        var observed = ObservedState(converged: base)
        observed.images["web:2"] = ObservedImage(id: "sha256:web:2")
        let outlook = try #require(Self.preview(desired, since: base, on: observed).outlooks.first)
        #expect(outlook.replaced == c.members)
        var lowest = outlook.ready
        // Each round does all that may be done at once; what was made in one is ready in the next.
        for _ in 0..<(4 * c.members) {
            let plan = Planner.plan(
                desired: desired, observed: observed, gates: desired.solitaryGates, now: Now(wall: Self.now))
            for id in observed.containers.keys { observed.makeReady(id) }
            for action in plan.actions where action.verdict == .go {
                for step in action.steps.prefix(while: { $0.takesAway != nil }) {
                    if case .remove(let reference) = step { observed.record(nil, id: reference.id) }
                }
                guard case .createContainer(let intent)? = action.steps.first, let object = desired.objects[c.id],
                    let member = intent.mark.member
                else { continue }
                observed.add(member.slot, of: object, incarnation: member.incarnation) { $0.status = .created }
            }
            lowest = min(lowest, observed.containers(of: c.id).count(where: \.isReady))
        }
        #expect(observed.containers(of: c.id).allSatisfy { $0.image == "web:2" && $0.isReady }, "it ends")
        #expect(lowest == outlook.lowestReady)
    }

    struct RolloutCase: CustomTestStringConvertible {
        let name: String
        let members: Int
        let id: ResourceID
        let make: @Sendable (ContainerTemplate, String) -> DesiredState

        var testDescription: String { name }

        func state(image: String, revision: String) -> DesiredState { make(ContainerTemplate(image: image), revision) }

        static let all = [
            workload("one recreated", 1, .recreate), workload("three recreated", 3, .recreate),
            workload("three with a surge", 3, .rolling), pool("a pool with a surge", surge: 1, unavailable: 0),
            pool("a pool without one", surge: 0, unavailable: 0),
            pool("a pool that may miss two", surge: 1, unavailable: 2),
        ]

        private static func workload(_ name: String, _ members: Int, _ strategy: RolloutStrategy.Kind) -> RolloutCase {
            RolloutCase(name: name, members: members, id: ResourceID(.workload, "web")) { template, revision in
                Declared.state(
                    Declared.workload("web", replicas: members, strategy: strategy, template), revision: revision)
            }
        }

        private static func pool(_ name: String, surge: Int, unavailable: Int) -> RolloutCase {
            RolloutCase(name: name, members: 4, id: ResourceID(.warmPool, "agents")) { template, revision in
                var pool = Declared.warmPool(size: 4, template)
                pool.spec.refill.surge = surge
                pool.spec.rollout.maxUnavailable = .count(unavailable)
                return Declared.state(warmPools: [pool], revision: revision)
            }
        }
    }

    // MARK: Risks

    @Test("the last ready member, a budget that is nearly used up, and a pool scaled to nothing are said beforehand")
    func risks() {
        let alone = Declared.state(Declared.workload("web", strategy: .recreate))
        let next = Declared.state(
            Declared.workload("web", strategy: .recreate, ContainerTemplate(image: "web:2")), revision: "2222222")
        let last = Self.preview(next, since: alone, on: ObservedState(converged: alone)).risks
        #expect(last.map(\.description) == ["Workload/web: its last ready member goes before a successor is ready"])

        var host = Declared.host
        host.pruneBudget = .default
        let many = Declared.state(
            Declared.workload("web", replicas: 18), Declared.workload("old", replicas: 2), host: host)
        let fewer = Declared.state(Declared.workload("web", replicas: 18), host: host, revision: "2222222")
        let pruned = Self.preview(fewer, since: many, on: ObservedState(converged: many))
        #expect(pruned.plan.held.isEmpty)
        #expect(
            pruned.risks.map(\.description) == [
                "2 of 20 containers are removed without asking: the prune budget of 10% allows 2"
            ])

        let off = Declared.state(Declared.workload("web", replicas: 0), revision: "2222222")
        let emptied = Self.preview(off, since: alone, on: ObservedState(converged: alone)).risks
        #expect(emptied.map(\.code) == [.noReadyMember])
        #expect(Self.preview(alone, since: alone, on: ObservedState(converged: alone)).risks.isEmpty)
    }

    // MARK: Two revisions

    @Test("a host on which a revision is in force has nothing to do for it")
    func applied() {
        let pool = Declared.warmPool(size: 3)
        let state = Declared.state(
            Declared.workload("web", replicas: 3), Declared.workload("api"), warmPools: [pool],
            policies: [Declared.policy()])
        let observed = ObservedState(applied: state, isForEveryPool: false, at: Self.now)
        let preview = Self.preview(state, since: state, on: observed)
        #expect(preview.plan.actions.isEmpty, "\(preview.plan.lines)")
        #expect(preview.plan.settled == 7)
    }
}

extension ObservedState {
    fileprivate mutating func makeReady(_ id: String) {
        guard var container = containers[id] else { return }
        container.status = .running
        record(container, id: id)
    }
}
