import Reconciler
import Specs

/// Tasks as a person reads them.
enum TaskRenderer {
    private static let head = ["TASK", "NEXT", "UNDER WAY", "LAST", "ENDED"]

    /// All of them, a line each.
    static func list(_ reports: [TaskReport]) -> String {
        reports.isEmpty ? "There are no tasks on this host." : lines(reports).joined(separator: "\n")
    }

    static func lines(_ reports: [TaskReport]) -> [String] {
        let rows = reports.map { report in
            [
                report.task.name, next(report),
                report.open.isEmpty ? "-" : report.open.map(\.container).joined(separator: ", "),
                report.last.map(\.reason) ?? "-", report.last.map { "\($0.ended)" } ?? "-",
            ]
        }
        return Table.lines([head] + rows)
    }

    private static func next(_ report: TaskReport) -> String {
        if let waiting = report.waiting { return "\(waiting), waits" }
        if report.isSuspended { return "suspended" }
        return report.next.map { "\($0)" } ?? "never"
    }

    /// One, with its runs.
    static func text(_ report: TaskReport) -> String {
        ([report.task.description] + details(report)).joined(separator: "\n")
    }

    static func details(_ report: TaskReport) -> [String] {
        var rows = [
            ["  schedule", report.schedule], ["  next", next(report)], ["  concurrency", report.concurrencyPolicy],
        ]
        if let reason = report.waitsFor { rows.append(["  waits for", reason]) }
        let figures = report.figures
        rows.append([
            "  runs",
            "\(figures.succeeded) succeeded, \(figures.failed) failed, \(figures.missed) missed, \(figures.retried) "
                + "retried since the daemon began",
        ])
        for run in report.open {
            let state =
                run.retriesAt.map { "attempt \(run.attempt) comes at \($0)" }
                ?? run.begun.map { "attempt \(run.attempt), under way since \($0)" } ?? "attempt \(run.attempt) begins"
            rows.append(["  \(run.container)", state])
        }
        for result in report.history.reversed() {
            rows.append([
                "  \(result.scheduled)",
                "\(result.reason), \(result.attempts) "
                    + "\(result.attempts == 1 ? "attempt" : "attempts"), ended \(result.ended)",
            ])
        }
        return Table.lines(rows)
    }
}
