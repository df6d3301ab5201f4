import ReconcileTesting
import Reconciler
import Specs
import Testing

@testable import API
@testable import ReconcileCLI

/// What keys make of the screen, and how it is drawn.
struct TopScreenTests {
    private static let web = ResourceID(.workload, "web")
    private static let agents = ResourceID(.warmPool, "agents")

    private static func overview(host: String = "agents-1") -> OverviewDocument {
        let desired = Declared.state(
            Declared.workload("api"), Declared.workload("web", replicas: 3),
            warmPools: [Declared.warmPool("agents", size: 2)], revision: "3f2c9e1")
        var gates = desired.solitaryGates
        gates.pauses = [Pause(object: web, reason: "moving", by: "alice", since: Instant(secondsSince1970: 0))]
        let plan = Planner.plan(desired: desired, observed: ObservedState(), gates: gates, now: Now())
        var status = HostStatus(
            host: host, revision: Revision(id: "3f2c9e1", reference: "main"),
            engine: HostStatus.EngineStatus(reachable: true, version: "20.10.24", apiVersion: "1.41"),
            source: SourceStatus(.current, ""),
            objects: [
                object(ResourceID(.workload, "api"), 1, 1, Condition(.ready, true, "Ready", "")),
                object(
                    web, 3, 1, Condition(.ready, false, "Progressing", "Workload/web/1: await: not ready yet\u{1B}[2J")),
                object(agents, 3, 3, Condition(.ready, true, "Ready", "")),
            ], pauses: gates.pauses)
        var pool = PoolStatus(pool: agents)
        (pool.size, pool.ready, pool.claimed) = (2, 2, 1)
        status.pools = [pool]
        var report = HostReport(status: status, plan: plan, desired: desired)
        report.pools = [pool]
        var meter = PoolMeter()
        for milliseconds in [200, 240, 300] { meter.startToReady.observe(.milliseconds(milliseconds)) }
        meter.warmClaims.observe(.milliseconds(4))
        (meter.hits, meter.misses) = (1, 2)
        report.figures.pools = [agents: meter]
        var hostUsage = PresentUsage.Host(processors: 2)
        (hostUsage.cpuPercent, hostUsage.diskPercent) = (34.4, 41)
        (hostUsage.memoryUsed, hostUsage.memoryTotal) = (3 << 30, 24 << 30)
        let usage = PresentUsage(
            at: Instant(secondsSince1970: 0), host: hostUsage,
            objects: [PresentUsage.Object(object: web, containers: 1, nanoCPUs: 425_000_000, workingSet: 130 << 20)])
        let events = [("Created", EventRecord.Severity.normal), ("MemberDied", .warning)].enumerated().map {
            second, event in
            EventRecord(
                time: Instant(secondsSince1970: 50_000 + Int64(second)), severity: event.1,
                key: .member(MemberID(web, 0)), reason: event.0, message: "web-0-1")
        }
        return OverviewDocument(report, usage: usage, events: events)
    }

    private static func object(_ id: ResourceID, _ desired: Int, _ ready: Int, _ condition: Condition)
        -> HostStatus.ObjectStatus
    {
        HostStatus.ObjectStatus(id: id, desired: desired, present: desired, ready: ready, conditions: [condition])
    }

    private static func screen() -> TopScreen {
        var screen = TopScreen(hosts: ["/run/reconcile.sock"])
        screen.take(overview(), from: 0)
        return screen
    }

    private static let renderer = TopRenderer(rows: 24, columns: 80, style: .plain)

    private func type(_ text: String, _ screen: inout TopScreen) -> [TopScreen.Effect] {
        var reader = KeystrokeReader()
        return reader.take(Array(text.utf8)).compactMap { screen.take($0, page: 10) }
    }

    // MARK: The picture

    @Test("80 columns and 24 rows show the host, its objects, what they use, and what stands in their way")
    func objects() {
        let lines = Self.renderer.frame(Self.screen(), clock: "14:03:21")
        #expect(lines.count == 24)
        let start = [
            " reconcile top  agents-1  3f2c9e1 (main)                               14:03:21 ",
            "Docker 20.10.24  source Current  objects 2/3 ready  containers 7",
            "CPU 34% of 2  memory 3Gi of 24Gi  disk 41%  held 5  stalled 0  warnings 1",
            "[1:objects]  2:pools   3:waiting   4:events ",
            " OBJECT           READY  CPU   MEMORY  STATUS",
            ">Workload/api     1/1    -     -       Ready",
            " Workload/web     1/3    0.43  130Mi   Progressing: Workload/web/1: await: not …",
            " WarmPool/agents  3/3    -     -       Ready",
        ]
        #expect(Array(lines.prefix(start.count)) == start, "\(lines.joined(separator: "\n"))")
        #expect(lines.last?.hasPrefix("q quit") == true)
    }

    @Test("pools, what waits, and events have a list each")
    func views() {
        var screen = Self.screen()
        _ = type("2", &screen)
        let pools = Self.renderer.frame(screen, clock: "")
        #expect(pools[4] == " POOL    IDLE  ACTIVE  WARM  TOTAL  START  p95    p99    CLAIM  p99  MISS")
        #expect(
            pools[5].hasPrefix(">agents  2/2   1       0     3      ") && pools[5].contains("213ms"),
            "\(pools[5])")
        _ = type("\t", &screen)
        let waiting = Self.renderer.frame(screen, clock: "")
        #expect(
            waiting[5].hasPrefix(">Workload/web    pull image web:1") && waiting[5].contains("Paused: paused …"),
            "\(waiting[5])")
        _ = type("4", &screen)
        let events = Self.renderer.frame(screen, clock: "")
        #expect(events[5] == ">13:53:21  Workload/web/0  MemberDied  web-0-1", "the newest first")
    }

    @Test("whatever the size and the text, no line is wider than the terminal, and nothing in it steers it")
    func sizes() {
        for (rows, columns) in [(10, 20), (24, 80), (24, 132), (50, 40)] {
            for typed in ["", "2", "3", "4", "?", "/nothing", "jp"] {
                var screen = Self.screen()
                _ = type(typed, &screen)
                let lines = TopRenderer(rows: rows, columns: columns, style: .plain).frame(screen, clock: "14:03:21")
                #expect(lines.count == rows)
                #expect(lines.allSatisfy { $0.count <= columns && !$0.contains("\u{1B}") }, "\(typed) \(lines)")
            }
        }
    }

    @Test("without a daemon it says so, and what was seen last stays")
    func unreachable() {
        var screen = TopScreen(hosts: ["/run/reconcile.sock"])
        screen.take(problem: "no daemon listens at '/run/reconcile.sock'", from: 0)
        #expect(Self.renderer.frame(screen, clock: "")[1] == "no daemon listens at '/run/reconcile.sock'")
        screen = Self.screen()
        screen.take(problem: "it does not answer", from: 0)
        let lines = Self.renderer.frame(screen, clock: "")
        #expect(lines[1] == "it does not answer" && lines[5].contains("Workload/api"))
    }

    @Test("several hosts have a line each, and their rows say whose they are")
    func hosts() {
        var screen = TopScreen(hosts: ["a.sock", "b.sock"])
        screen.take(Self.overview(host: "a"), from: 0)
        screen.take(problem: "no daemon listens at 'b.sock'", from: 1)
        let lines = Self.renderer.frame(screen, clock: "")
        #expect(lines[1].hasPrefix("HOST    REVISION") && lines[2].hasPrefix("a       3f2c9e1"), "\(lines)")
        #expect(lines[3] == "b.sock  no daemon listens at 'b.sock'")
        #expect(lines[6].hasPrefix(">a     Workload/api"), "\(lines[6])")
    }

    // MARK: Keys

    @Test("the filter wants every word, in any case, and escape ends it")
    func filter() {
        var screen = Self.screen()
        #expect(type("/PROG web\r", &screen).isEmpty)
        #expect(screen.rows.map(\.object) == [Self.web])
        #expect(Self.renderer.frame(screen, clock: "")[3].hasSuffix("filter: PROG web"))
        _ = type("/zzz\r", &screen)
        #expect(Self.renderer.frame(screen, clock: "")[5].contains("nothing has all of"))
        _ = type("\u{1B}", &screen)
        #expect(screen.rows.count == 3)
    }

    @Test("a row stays selected when others come before it, and the first is selected when it is gone")
    func selection() {
        var screen = Self.screen()
        #expect(type("j\r", &screen) == [.describe(TopScreen.Subject(host: 0, object: Self.web))])
        var next = Self.overview()
        next.status.objects.insert(next.status.objects[2], at: 0)
        screen.take(next, from: 0)
        #expect(type("d", &screen) == [.describe(TopScreen.Subject(host: 0, object: Self.web))])
        next.status.objects = [next.status.objects[1]]
        screen.take(next, from: 0)
        #expect(type("d", &screen) == [.describe(TopScreen.Subject(host: 0, object: ResourceID(.workload, "api")))])
    }

    @Test("an object is paused with a reason, and one that is paused is resumed when asked twice")
    func pause() {
        var screen = Self.screen()
        #expect(type("p\r \r", &screen).isEmpty, "without a reason nothing is paused")
        #expect(
            type("disk\u{7F}c\r", &screen) == [
                .pause(TopScreen.Subject(host: 0, object: ResourceID(.workload, "api")), reason: " disc")
            ])
        #expect(type("pno\u{1B}q", &screen) == [.quit], "escape pauses nothing")
        screen = Self.screen()
        #expect(type("jpn", &screen).isEmpty)
        #expect(type("py", &screen) == [.resume(TopScreen.Subject(host: 0, object: Self.web))])
    }

    @Test("lines that do not fit are broken between words, and what is cut says so")
    func narrow() {
        let renderer = TopRenderer(rows: 24, columns: 20, style: .plain)
        #expect(
            renderer.wrapped("  one two three four five\nsix\n" + String(repeating: "x", count: 30))
                == ["  one two three four", "      five", "six", String(repeating: "x", count: 30)])
        #expect(renderer.wrapped("容器容器容器 容器容器 x") == ["容器容器容器", "    容器容器 x"], "two columns each")
        var screen = Self.screen()
        screen.show("Workload/web", "12345678901234567890\n123456789012345678901")
        screen.layOut(page: 10, renderer.wrapped)
        let frame = renderer.frame(screen, clock: "")
        #expect(frame.contains("12345678901234567890") && frame.contains("1234567890123456789…"), "\(frame)")
    }

    @Test("a description is read by pages, and any other key leads back")
    func description() {
        var screen = Self.screen()
        screen.show("Workload/web", (1...100).map { "line \($0)" }.joined(separator: "\n"))
        screen.layOut(page: 10, Self.renderer.wrapped)
        #expect(Self.renderer.frame(screen, clock: "")[5] == "line 1")
        _ = type(" \u{1B}[B", &screen)
        #expect(Self.renderer.frame(screen, clock: "")[5] == "line 12")
        _ = type("\u{1B}[F", &screen)
        #expect(Self.renderer.frame(screen, clock: "").contains("line 100"))
        #expect(type("q", &screen).isEmpty && screen.overlay == nil)
        #expect(type("q", &screen) == [.quit])
        #expect(type("\u{3}", &screen) == [.quit])
    }

    @Test("a description that is being read is broken anew when the terminal becomes narrower, near where it was read")
    func resized() {
        var screen = Self.screen()
        screen.show("Workload/web", (1...100).map { "line \($0) of one hundred" }.joined(separator: "\n"))
        screen.layOut(page: 10, Self.renderer.wrapped)
        _ = type(String(repeating: " ", count: 5), &screen)
        let wide = Self.renderer.frame(screen, clock: "")[5]
        #expect(wide.hasPrefix("line 5"), "\(wide)")
        let narrow = TopRenderer(rows: 24, columns: 15, style: .plain)
        screen.layOut(page: narrow.page(of: screen), narrow.wrapped)
        let frame = narrow.frame(screen, clock: "")
        #expect(frame[5] == wide.prefix(frame[5].count) && frame.allSatisfy { $0.count <= 15 }, "\(frame)")
        _ = type("\u{1B}[F", &screen)
        #expect(narrow.frame(screen, clock: "").contains { $0.hasPrefix("line 100") })
        screen.layOut(page: 10, Self.renderer.wrapped)
        #expect(Self.renderer.frame(screen, clock: "").contains("line 100 of one hundred"), "the end stays in sight")
    }
}
