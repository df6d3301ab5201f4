import ReconcileTesting
import Specs
import Testing

@testable import Reconciler

/// What people do about windows: overrides, a manual sync, and openings that are announced to them.
struct WindowCommandTests {
    private let web = ResourceID(.workload, "web")

    /// A new image for a member, and a window that opens on the first of July.
    private func rig(
        stored: StoredState = StoredState(), audit: RecordingAudit? = nil, at wall: String = "2026-11-21T01:00:00Z",
        change: (inout MaintenanceWindow) -> Void = { _ in }
    ) throws -> LoopRig {
        try .replacing(
            under: try Wall.window("summer", cron: "0 2 1 7 *", change: change), from: try Wall.at(wall),
            stored: stored,
            audit: audit)
    }

    // MARK: Overrides

    @Test("an override lets what waits begin at once, is in the audit log, and ends by itself")
    func override() throws {
        let audit = RecordingAudit()
        var rig = try rig(audit: audit)
        #expect(rig.steps.isEmpty)
        let answer = try rig.ask(.override(nil, for: .seconds(7_200), reason: "CVE-2026-1234"))
        #expect(answer.hasPrefix("no window holds anything of this host until 2026-11-21T03:00:00Z"), "\(answer)")
        #expect(rig.stepNames == ["create-container"])
        let entry = try #require(audit.entries.last { $0.action == "override" })
        #expect(entry.actor == "alice" && entry.detail.contains("CVE-2026-1234"))
        #expect(rig.loop.report(asOf: Now(wall: rig.wall)).status.overrides?.count == 1)
        rig.wait(.seconds(7_200))
        #expect(rig.journal.reasons.contains("OverrideEnded"))
        #expect(rig.journal.commits.joined().contains(.endOverride(nil)))
        #expect(rig.loop.report(asOf: Now(wall: rig.wall)).status.overrides == [])
    }

    @Test("an override of another object changes nothing, and can be ended before its time")
    func overrideOfOthers() throws {
        var rig = try rig()
        _ = try rig.ask(.override(web, for: .seconds(60), reason: "now"))
        #expect(rig.stepNames == ["create-container"])
        #expect(try rig.ask(.endOverride(nil)) == "no override of this host was in force")
        #expect(try rig.ask(.endOverride(web)) == "windows hold changes of Workload/web again")
        let refusal = #expect(throws: CommandRefusal.self) {
            try rig.ask(.override(ResourceID(.workload, "none"), for: .seconds(60), reason: "now"))
        }
        #expect(refusal?.code == .notFound)
        for seconds in [0, 59, 604_801] {
            let refusal = #expect(throws: CommandRefusal.self) {
                try rig.ask(.override(nil, for: .seconds(seconds), reason: "now"))
            }
            #expect(refusal?.code == .invalid)
        }
    }

    @Test("an override outlasts a restart, and not its time")
    func overrideAfterRestart() throws {
        var stored = StoredState()
        let since = try Wall.at("2026-11-21T00:00:00Z")
        stored.overrides = [
            WindowOverride(reason: "now", by: "alice", since: since, until: since.advanced(bySeconds: 7_200))
        ]
        #expect(try rig(stored: stored).stepNames == ["create-container"])
        #expect(try rig(stored: stored, at: "2026-11-21T02:00:00Z").steps.isEmpty)
    }

    // MARK: A person's sync

    @Test(
        "a sync that a person asks for passes windows that let persons through, and only these",
        arguments: [true, false])
    func manualSync(letsThrough: Bool) throws {
        var rig = try rig { $0.manualSync = letsThrough }
        #expect(rig.steps.isEmpty)
        #expect(try rig.syncManually() == (letsThrough ? 1 : 0))
        #expect(rig.stepNames == (letsThrough ? ["create-container"] : []))
        #expect(rig.journal.reasons.contains("ManualSync") == letsThrough)
    }

    @Test("a second sync takes nothing from the first, and windows that let nobody through are not counted")
    func secondSync() throws {
        func state(_ image: String) -> DesiredState {
            Declared.state(
                Declared.workload("api", ContainerTemplate(image: image)),
                Declared.workload("web", ContainerTemplate(image: image)),
                Declared.workload("stern", ContainerTemplate(image: image)), revision: "2222222")
        }
        var desired = state("web:2")
        desired.windows = WindowSet([
            try Wall.window("summer", cron: "0 2 1 7 *") { $0.manualSync = true },
            try Wall.window("freeze", .deny, cron: "0 0 * * *", for: .seconds(86_400)) {
                $0.selector = LabelSelector(matchLabels: ["tier": "stern"])
            },
        ])
        desired.objects[ResourceID(.workload, "stern")]?.labels = ["tier": "stern"]
        var rig = try LoopRig(desired)
        rig.wall = try Wall.at("2026-11-21T01:00:00Z")
        func observed(old: Set<String>) throws -> ObservedState {
            var observed = ObservedState(converged: state("web:2"))
            for name in old {
                observed.add(0, of: try #require(state("web:1").objects[ResourceID(.workload, name)]))
            }
            return observed
        }
        rig.observed(try observed(old: ["web", "stern"]))
        #expect(try rig.syncManually() == 1)
        #expect(rig.loop.gates.manualSyncs == [web])
        rig.wait(.seconds(40))
        rig.observed(try observed(old: ["api", "web", "stern"]))
        #expect(try rig.syncManually() == 1)
        #expect(rig.loop.gates.manualSyncs == [web, ResourceID(.workload, "api")])
    }

    @Test("a sync lasts until all slots are as git says, over looks that miss something")
    func syncOfManySlots() throws {
        let old = Declared.state(Declared.workload(replicas: 3))
        let new = Declared.state(Declared.workload(replicas: 3, ContainerTemplate(image: "web:2")), revision: "2222222")
        var desired = new
        desired.windows = WindowSet([try Wall.window("summer", cron: "0 2 1 7 *") { $0.manualSync = true }])
        var rig = try LoopRig(desired)
        rig.wall = try Wall.at("2026-11-21T01:00:00Z")
        func observed(new count: Int, isComplete: Bool = true) throws -> ObservedState {
            var observed = ObservedState(converged: old)
            observed.images["web:2"] = ObservedImage(id: "sha256:web:2")
            for slot in 0..<count { observed.add(slot, of: try #require(new.objects[web])) }
            observed.isComplete = isComplete
            return observed
        }
        rig.observed(try observed(new: 0))
        #expect(try rig.syncManually() == 1)
        for (count, isComplete) in [(0, false), (0, true), (1, true), (1, false), (2, true)] {
            rig.wait(.seconds(40))
            rig.observed(try observed(new: count, isComplete: isComplete))
            #expect(rig.loop.gates.manualSyncs == [web], "\(count) of 3")
        }
        rig.wait(.seconds(40))
        rig.observed(try observed(new: 3))
        #expect(rig.loop.gates.manualSyncs.isEmpty)
    }

    // MARK: Announcements

    @Test("a clock that was far ahead and is set back keeps no opening from being announced")
    func noticeAfterSetBack() throws {
        var rig = try rig(at: "2026-07-01T12:00:00Z") { $0.notice = .seconds(2 * 86_400) }
        rig.wait(.seconds(60))
        #expect(!rig.journal.reasons.contains("WindowOpensSoon"))
        rig.wall = try Wall.at("2026-06-29T01:59:00Z")
        rig.wait(.seconds(60))
        rig.wait(.seconds(60))
        #expect(rig.journal.messages.contains("summer opens Wed 2026-07-01 02:00 UTC for 1h"))
    }

    @Test(
        "an opening is announced once, as long before it as its window says, and after a restart only what nobody said")
    func notice() throws {
        var rig = try rig(at: "2026-06-29T01:59:00Z") { $0.notice = .seconds(2 * 86_400) }
        #expect(!rig.journal.reasons.contains("WindowOpensSoon"))
        rig.wait(.seconds(60))
        #expect(rig.journal.messages.contains("summer opens Wed 2026-07-01 02:00 UTC for 1h"))
        for _ in 0..<5 { rig.wait(.seconds(60)) }
        #expect(rig.journal.reasons.filter { $0 == "WindowOpensSoon" }.count == 1)
        var late = try self.rig(at: "2026-06-30T12:00:00Z") { $0.notice = .seconds(2 * 86_400) }
        late.wait(.seconds(60))
        #expect(late.journal.reasons.contains("WindowOpensSoon"), "nobody was there when it was due")
    }
}

extension LoopRig {
    fileprivate mutating func syncManually() throws -> Int {
        let (effects, count) = try loop.syncManually(by: "alice", now: Now(uptime: uptime, wall: wall))
        add(effects)
        return count
    }
}

extension RecordingJournal {
    private var events: [EventRecord] {
        commits.joined().compactMap { if case .event(let event) = $0 { event } else { nil } }
    }

    fileprivate var reasons: [String] { events.map(\.reason) }
    fileprivate var messages: [String] { events.map(\.message) }
}
