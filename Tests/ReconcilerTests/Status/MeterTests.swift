import ReconcileTesting
import Reconciler
import Specs
import Testing

/// What is counted from what the journal writes.
struct MeterTests {
    private static func intent(_ id: Int64, _ step: String) -> Intent {
        Intent(
            id: id, key: .object(ResourceID(.workload, "web")), step: step, subject: "web", revision: "1",
            observation: 1, engine: "", begun: Instant(secondsSince1970: 0))
    }

    @Test("steps are counted by how they ended, and timed when they were done")
    func steps() throws {
        let meter = StepMeter()
        let start = ContinuousClock.now
        meter.take([.begin(Self.intent(1, "start")), .begin(Self.intent(2, "stop"))], at: start)
        meter.take(
            [.end(intent: 1, .done), .end(intent: 2, .retry("busy")), .end(intent: 9, .done)], at: start + .seconds(2))
        let event = EventRecord(time: Instant(secondsSince1970: 0), severity: .warning, reason: "X", message: "")
        meter.take([.event(event)])
        let figures = meter.figures
        let endings = figures.endings.map { "\($0.key.step) \($0.key.outcome) \($0.value)" }.sorted()
        #expect(endings == ["of-earlier-run done 1", "start done 1", "stop retry 1"])
        #expect(figures.durations["start"]?.sum == .seconds(2) && figures.durations["stop"] == nil)
        #expect(figures.events == [.warning: 1])
    }

    @Test("a journal announces what is on the disk, and nothing that was refused")
    func announcements() throws {
        let store = InMemoryStateStore()
        let meter = StepMeter()
        let journal = AnnouncingJournal(store) { meter.take($0) }
        let event = EventRecord(time: Instant(secondsSince1970: 0), reason: "X", message: "")
        try journal.commit([.event(event)])
        store.fail(with: StateStoreError(.unavailable, "disk full"))
        #expect(throws: StateStoreError.self) { try journal.commit([.event(event)]) }
        store.fail(with: nil)
        #expect(meter.figures.events == [.normal: 1])
        #expect(try journal.events(limit: 5) == [event])
    }

    struct Slot: Sendable, CustomTestStringConvertible {
        var reachable = true
        var age: Duration? = .seconds(5)
        var longest = Duration.zero
        var counted: Int
        var missed: Int

        var testDescription: String { "\(self.reachable) \(String(describing: age)) \(longest)" }
    }

    @Test(
        "a minute counts when the engine answered, and is missed when nothing was seen or work hangs",
        arguments: [
            Slot(counted: 1, missed: 0), Slot(age: nil, counted: 1, missed: 1),
            Slot(age: .seconds(61), counted: 1, missed: 1),
            Slot(longest: .seconds(61), counted: 1, missed: 1), Slot(reachable: false, age: nil, counted: 0, missed: 0),
        ])
    func availability(_ slot: Slot) {
        var report = HostReport(
            status: HostStatus(
                host: "a", revision: nil,
                engine: .init(reachable: slot.reachable, version: "", apiVersion: ""), source: nil, objects: []))
        report.figures.observationAge = slot.age
        var queue = WorkQueue<Int>()
        if slot.longest > .zero {
            queue.add(1, lane: .heal, now: .zero)
            _ = queue.get(now: .zero)
        }
        report.figures.queue = queue.metrics(now: slot.longest)
        var meter = AvailabilityMeter()
        for minute: Int64 in [1, 1, 2] { meter.note(report, minute: minute) }
        #expect((meter.counted, meter.missed) == (slot.counted, slot.missed))
    }

    @Test("events are found by object with its members, severity, reason and time")
    func queries() {
        let web = ResourceID(.workload, "web")
        let event = EventRecord(
            time: Instant(secondsSince1970: 10), severity: .warning, key: .member(MemberID(web, 3)),
            reason: "StepFailed", message: "")
        let matching = [
            EventQuery(), EventQuery(object: web), EventQuery(severity: .warning), EventQuery(reason: "StepFailed"),
            EventQuery(since: Instant(secondsSince1970: 10)),
        ]
        let other = [
            EventQuery(object: ResourceID(.warmPool, "web")), EventQuery(severity: .normal),
            EventQuery(reason: "Started"),
            EventQuery(since: Instant(secondsSince1970: 11)),
        ]
        #expect(matching.allSatisfy { $0.matches(event) })
        #expect(!other.contains { $0.matches(event) })
    }
}
