import Reconciler
import Specs
import Testing

@testable import ReconcileCLI

/// Tasks as a person reads them.
struct TaskRendererTests {
    private let then = Instant(secondsSince1970: 1_795_330_800)

    private func report() -> TaskReport {
        let results = [
            TaskResult(scheduled: then.advanced(bySeconds: -3_600), attempts: 1, outcome: .succeeded, ended: then),
            TaskResult(
                scheduled: then, attempts: 2, outcome: .failed(.exitCode(3)), ended: then.advanced(bySeconds: 60)),
        ]
        return TaskReport(
            task: ResourceID(.scheduledTask, "report"), schedule: "0 * * * * for 1s elapsed, UTC",
            concurrencyPolicy: "Forbid", isSuspended: false, next: then.advanced(bySeconds: 7_200),
            waiting: then.advanced(bySeconds: 3_600), waitsFor: "Paused: paused by ada: moving its data",
            open: [], history: results, lastScheduled: then, last: results[1],
            figures: TaskFigures(succeeded: 1, failed: 1, missed: 0, retried: 1))
    }

    @Test("a line for each, with what it waits for where it waits")
    func list() {
        #expect(
            TaskRenderer.list([report()]) == """
                TASK    NEXT                         UNDER WAY  LAST    ENDED
                report  2026-11-22T08:00:00Z, waits  -          Failed  2026-11-22T07:01:00Z
                """)
        #expect(TaskRenderer.list([]) == "There are no tasks on this host.")
    }

    @Test("one in full, with its runs, the newest first")
    func text() {
        #expect(
            TaskRenderer.text(report()) == """
                ScheduledTask/report
                  schedule              0 * * * * for 1s elapsed, UTC
                  next                  2026-11-22T08:00:00Z, waits
                  concurrency           Forbid
                  waits for             Paused: paused by ada: moving its data
                  runs                  1 succeeded, 1 failed, 0 missed, 1 retried since the daemon began
                  2026-11-22T07:00:00Z  Failed, 2 attempts, ended 2026-11-22T07:01:00Z
                  2026-11-22T06:00:00Z  Succeeded, 1 attempt, ended 2026-11-22T07:00:00Z
                """)
    }

    @Test("what runs, what comes, and what never does is said so")
    func states() {
        var report = report()
        (report.waiting, report.waitsFor, report.isSuspended, report.next) = (nil, nil, true, nil)
        report.open = [
            .init(scheduled: then, attempt: 1, container: "report-1795330800-1", begun: then),
            .init(scheduled: then, attempt: 2, container: "report-1795330801-2", retriesAt: then),
        ]
        let text = TaskRenderer.text(report)
        #expect(text.contains("next                  suspended"))
        #expect(text.contains("report-1795330800-1   attempt 1, under way since 2026-11-22T07:00:00Z"))
        #expect(text.contains("report-1795330801-2   attempt 2 comes at 2026-11-22T07:00:00Z"))
    }
}
