import ReconcileTesting
import Reconciler
import Specs
import Synchronization

@testable import API

/// A host whose answers a test decides.
final class TestHost: ServedHost {
    struct Script: Sendable {
        var report = HostReport(status: TestHost.status)
        var command: @Sendable (CommandRequest, String) throws(CommandRefusal) -> String = {
            _, _ throws(CommandRefusal) in "done"
        }
        var sync = SyncAnswer(.current, "nothing new")
        var events: [EventRecord] = []
        var history: [RevisionRecord] = []
        var storeProblem: StateStoreError?
        var usage: PresentUsage?
        var snapshotProblem: DriverError?
    }

    let script: Mutex<Script>
    let hints = Mutex<[String]>([])
    let reports = Mutex(0)
    let remembered = Mutex(ConditionLedger())
    let desk = ClaimDesk()

    init(_ script: Script = Script()) { self.script = Mutex(script) }

    func report() async -> HostReport {
        reports.withLock { $0 += 1 }
        return script.withLock { $0.report }
    }

    func carryOut(_ request: CommandRequest, by name: String) async throws(CommandRefusal) -> String {
        try script.withLock { $0.command }(request, name)
    }

    func sync(by name: String) async -> SyncAnswer { script.withLock { $0.sync } }
    func hint(from name: String) { hints.withLock { $0.append(name) } }

    func events(limit: Int) throws(StateStoreError) -> [EventRecord] {
        let script = script.withLock { $0 }
        if let problem = script.storeProblem { throw problem }
        return script.events.suffix(limit)
    }

    func history(limit: Int) throws(StateStoreError) -> [RevisionRecord] {
        let script = script.withLock { $0 }
        if let problem = script.storeProblem { throw problem }
        return script.history.suffix(limit)
    }

    func rememberedConditions() -> ConditionLedger { remembered.withLock { $0 } }

    func remember(_ conditions: ConditionLedger) { remembered.withLock { $0 = conditions } }

    func presentUsage() async -> PresentUsage? { script.withLock { $0.usage } }

    func snapshot() async throws -> [UInt8] {
        if let problem = script.withLock({ $0.snapshotProblem }) { throw problem }
        return Array("{}\n{}\n".utf8)
    }

    let log = LogMemory()

    func logPage(_ query: LogQuery, limit: Int, after cursor: String?) -> LogPage {
        log.page(query, limit: limit, after: cursor)
    }

    func metrics() -> [MetricFamily] { [] }

    static let web = ResourceID(.workload, "web")

    static let status = HostStatus(
        host: "agents-1", revision: Revision(id: "3f2c9e1", reference: "main"),
        engine: HostStatus.EngineStatus(reachable: true, version: "20.10.24", apiVersion: "1.41", message: nil),
        source: SourceStatus(
            .rejected, "nothing of it was applied",
            diagnostics: [
                Diagnostic(
                    .unknownKey, at: SourcePosition(file: "web.yaml", line: 9, column: 3), "unknown key 'replica'",
                    hint: "did you mean 'replicas'?",
                    related: [.first(SourcePosition(file: "a.yaml", line: 1, column: 1))])
            ]),
        objects: [
            HostStatus.ObjectStatus(
                id: web, desired: 2, present: 2, ready: 1,
                conditions: [Condition(.ready, false, "Progressing", "Workload/web/1: await")])
        ], pauses: [Pause(object: nil, reason: "disk", by: "alice", since: Instant(secondsSince1970: 1_000))])

    static let usage: UsageSummary = {
        var history = UsageHistory()
        for second in 0..<200 {
            history.add(
                UsageSample(
                    object: web, container: "c0ffee", workingSet: 40 << 20, peakMemory: 60 << 20, nanoCPUs: 100_000_000,
                    periods: Int64(second), throttledPeriods: 0), at: .seconds(30 * second))
        }
        return history.summary
            ?? UsageSummary(samples: 0, seconds: 0, memoryP95: 0, memoryLargest: 0, kills: 0)
    }()

    /// A host with two members, of which one is missing, and one that is not declared any more.
    static func planned() -> HostReport {
        let desired = Declared.state(Declared.workload("web", replicas: 2), revision: "3f2c9e1")
        var observed = ObservedState(engine: EngineFacts(version: "20.10.24"))
        let mark = OwnershipMark(
            owner: "default", object: web, member: .init(slot: 0, incarnation: 1, recreateHash: "x"))
        observed.record(
            ObservedContainer(
                id: "c0ffee", name: "web-0-1", mark: mark,
                member: .init(slot: 0, incarnation: 1, recreateHash: "x"), image: "web:1", imageID: "sha256:1",
                status: .running), id: "c0ffee")
        let plan = Planner.plan(
            desired: desired, observed: observed, gates: desired.solitaryGates, now: Now())
        var report = HostReport(status: status, plan: plan, desired: desired, observed: observed)
        report.usage = [web: usage]
        report.figures.observationAge = .seconds(3)
        report.figures.planDuration = .milliseconds(2)
        return report
    }
}
