import ReconcileTesting
import Reconciler
import Specs
import Testing

@testable import API

/// Metrics as Prometheus reads them.
struct MetricsTests {
    @Test("promtool has nothing to say against what a server shows")
    func promtool() async throws {
        let meter = StepMeter()
        let intent = Intent(
            id: 1, key: .object(TestHost.web), step: "start", subject: "web-0-1", revision: "3f2c9e1", observation: 1,
            engine: "", begun: TestServer.now)
        meter.take([.begin(intent)])
        meter.take([.end(intent: 1, .done), .end(intent: 7, .unknown("?"))])
        try await TestServer.with(TestHost(.init(report: TestHost.planned()))) { server in
            for path in ["/v1/status", "/v1/objects/Workload/none", "/v1/nothing"] { _ = try await server.ask(path) }
            _ = try await server.ask("/v1/webhooks/github", post: "")
            let answer = try await server.ask("/metrics")
            #expect(answer.isOK)
            let text =
                String(decoding: answer.body, as: UTF8.self)
                + PrometheusText.text(HostMetrics.families(meter.figures))
            // Fails, and says why, for anything that it would not take or would name otherwise.
            try await TestCommand.run("promtool", ["check", "metrics"], input: Array(text.utf8))
            for line in [
                "reconcile_engine_up 1", #"reconcile_members{kind="Workload",state="desired"} 2"#,
                #"reconcile_object_conditions{kind="Workload",type="Ready",status="False"} 1"#,
                #"workqueue_depth{name="controller",priority="heal"} 0"#,
                #"workqueue_queue_duration_seconds_bucket{name="controller",le="+Inf"} 0"#,
                "workqueue_adds_total{name=\"controller\"} 0", "reconcile_plan_duration_seconds 0.002",
                #"reconcile_api_requests_total{method="GET",path="/v1/objects/{kind}/{name}",code="404"} 1"#,
                #"reconcile_webhooks_total{forge="github",outcome="refused"} 1"#,
                #"reconcile_steps_total{step="start",outcome="done"} 1"#,
                #"reconcile_steps_total{step="of-earlier-run",outcome="unknown"} 1"#,
            ] { #expect(text.contains("\n\(line)\n"), "\(line) in\n\(text)") }
        }
    }

    @Test("runs are counted by task and outcome, however many there were, and promtool takes it")
    func tasks() async throws {
        let then = TestServer.now
        var report = HostReport(status: TestHost.status)
        let ended = [
            TaskResult(scheduled: then, attempts: 1, outcome: .succeeded, ended: then),
            TaskResult(
                scheduled: then, attempts: 2, outcome: .failed(.exitCode(1)), ended: then.advanced(bySeconds: 9)),
        ]
        report.tasks = [
            TaskReport(
                task: ResourceID(.scheduledTask, "report"), schedule: "0 7 * * *", concurrencyPolicy: "Forbid",
                isSuspended: false, next: then.advanced(bySeconds: 60),
                open: [.init(scheduled: then, attempt: 1, container: "report-1-1")], history: ended,
                lastScheduled: then, last: ended[1],
                figures: TaskFigures(succeeded: 5, failed: 2, missed: 1, retried: 3))
        ]
        let text = PrometheusText.text(HostMetrics.families(report, now: 0))
        try await TestCommand.run("promtool", ["check", "metrics"], input: Array(text.utf8))
        for line in [
            #"reconcile_task_runs_total{task="report",outcome="succeeded"} 5"#,
            #"reconcile_task_runs_total{task="report",outcome="failed"} 2"#,
            #"reconcile_task_runs_total{task="report",outcome="missed"} 1"#,
            #"reconcile_task_retries_total{task="report"} 3"#, #"reconcile_task_runs_open{task="report"} 1"#,
            "reconcile_task_next_run_timestamp_seconds{task=\"report\"} \(then.secondsSince1970 + 60)",
            "reconcile_task_last_run_timestamp_seconds{task=\"report\",outcome=\"failed\"} \(then.secondsSince1970 + 9)",
        ] { #expect(text.contains("\n\(line)\n"), "\(line) in\n\(text)") }
    }

    @Test("pools and claims are counted by pool, however many holders there are, and promtool takes it")
    func pools() async throws {
        func text(holders: Int) -> String {
            var report = HostReport(status: TestHost.status)
            let agents = ResourceID(.warmPool, "agents")
            var pool = PoolStatus(pool: agents)
            (pool.size, pool.ready, pool.claimed, pool.consecutiveMisses) = (5, 4, 2, 3)
            report.pools = [pool]
            report.claims = (0..<holders).map { number in
                var claim = Claim(
                    id: ClaimID(number: UInt64(number)),
                    request: ClaimRequest(pool: agents, holder: "holder \(number)"),
                    phase: .bound, container: nil, source: .warm, ttl: .seconds(60), created: TestServer.now,
                    expires: TestServer.now, notAfter: nil)
                claim.labels = ["conversation_id": "\(number)"]
                return claim
            }
            var meter = PoolMeter()
            (meter.hits, meter.misses, meter.refused, meter.expired, meter.lost) = (7, 2, 1, 3, 4)
            (meter.recovered, meter.crashed, meter.overCreated) = (2, 1, 0)
            meter.warmClaims.observe(.milliseconds(2))
            meter.startToReady.observe(.milliseconds(240))
            report.figures.pools = [agents: meter]
            return PrometheusText.text(HostMetrics.families(report, now: 0))
        }
        let page = text(holders: 2)
        try await TestCommand.run("promtool", ["check", "metrics"], input: Array(page.utf8))
        for line in [
            #"reconcile_pool_members{pool="agents",state="ready"} 4"#, #"reconcile_pool_size{pool="agents"} 5"#,
            #"reconcile_pool_consecutive_misses{pool="agents"} 3"#,
            #"reconcile_claims{pool="agents",phase="bound"} 2"#,
            #"reconcile_claims{pool="agents",phase="recovering"} 0"#,
            #"reconcile_claim_hits_total{pool="agents"} 7"#, #"reconcile_claim_misses_total{pool="agents"} 2"#,
            #"reconcile_claims_refused_total{pool="agents"} 1"#, #"reconcile_claims_expired_total{pool="agents"} 3"#,
            #"reconcile_claims_lost_total{pool="agents"} 4"#, #"reconcile_claims_recovered_total{pool="agents"} 2"#,
            #"reconcile_pool_member_crashes_total{pool="agents"} 1"#,
            #"reconcile_pool_members_over_created_total{pool="agents"} 0"#,
            #"reconcile_claim_duration_seconds_count{pool="agents",source="warm"} 1"#,
            #"reconcile_claim_duration_seconds_count{pool="agents",source="cold"} 0"#,
            #"reconcile_pool_member_start_duration_seconds_sum{pool="agents"} 0.24"#,
        ] { #expect(page.contains("\n\(line)\n"), "\(line) in\n\(page)") }
        #expect(page.split(separator: "\n").count == text(holders: 500).split(separator: "\n").count)
    }

    @Test("however many objects there are, there are as many series")
    func cardinality() {
        func series(_ count: Int) -> Int {
            var status = TestHost.status
            status.objects = (0..<count).map { number in
                .init(
                    id: ResourceID(.workload, "web\(number)"), desired: 1, present: 1, ready: 1,
                    conditions: [Condition(.ready, true, "Converged", "")])
            }
            return HostMetrics.families(HostReport(status: status), now: 0).reduce(0) { $0 + $1.samples.count }
        }
        #expect(series(500) == series(1))
    }

    @Test("what confines members is counted by control and state, and what a host lacks is 0 and not left out")
    func confinement() throws {
        var observed = ObservedState(converged: Declared.state(Declared.workload(replicas: 2)))
        (observed.engine.hasSeccomp, observed.engine.hasAppArmor) = (true, false)
        observed.change("web-0-1") {
            $0.confinement = ObservedConfinement([
                ControlFinding(.seccomp, .enforced, ""), ControlFinding(.appArmor, .notSupported, ""),
            ])
        }
        observed.change("web-1-1") { $0.confinement = ObservedConfinement([ControlFinding(.seccomp, .drifted, "")]) }
        let report = HostReport(status: TestHost.status, observed: observed)
        let text = PrometheusText.text(HostMetrics.families(report, now: 0))
        for line in [
            #"reconcile_policy_control_supported{control="apparmor"} 0"#,
            #"reconcile_policy_control_supported{control="seccomp"} 1"#,
            #"reconcile_confined_members{control="seccomp",state="Enforced"} 1"#,
            #"reconcile_confined_members{control="seccomp",state="Drifted"} 1"#,
            #"reconcile_confined_members{control="appArmor",state="NotSupported"} 1"#,
        ] { #expect(text.contains("\n\(line)\n"), "\(line) in\n\(text)") }
    }

    @Test("values and labels are written as the format has them")
    func format() {
        var family = MetricFamily("x_seconds", .histogram, "a \\ b\nc")
        var histogram = DurationHistogram(bounds: [.milliseconds(10), .seconds(1)])
        for duration in [5, 10, 11, 2_000] { histogram.observe(.milliseconds(duration)) }
        family.add(histogram, .init("name", "quote \" \\ \n"))
        var gauge = MetricFamily("y", .gauge, "y")
        gauge.add(.infinity)
        gauge.add(0.5)
        #expect(
            PrometheusText.text([family, gauge, MetricFamily("empty", .gauge, "nothing")]) == #"""
                # HELP x_seconds a \\ b\nc
                # TYPE x_seconds histogram
                x_seconds_bucket{name="quote \" \\ \n",le="0.01"} 2
                x_seconds_bucket{name="quote \" \\ \n",le="1"} 3
                x_seconds_bucket{name="quote \" \\ \n",le="+Inf"} 4
                x_seconds_sum{name="quote \" \\ \n"} 2.026
                x_seconds_count{name="quote \" \\ \n"} 4
                # HELP y y
                # TYPE y gauge
                y +Inf
                y 0.5

                """#)
    }
}
