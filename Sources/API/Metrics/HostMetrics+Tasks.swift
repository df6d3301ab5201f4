import Reconciler
import Specs

/// How tasks stand; the name of each is a label, since git says how many there are. Runs are none.
extension HostMetrics {
    static func tasks(_ reports: [TaskReport]) -> [MetricFamily] {
        var runs = MetricFamily(
            "reconcile_task_runs_total", .counter, "Runs of each task by how they ended, and those that were missed.")
        var retries = MetricFamily("reconcile_task_retries_total", .counter, "Attempts that came after a failed one.")
        var open = MetricFamily("reconcile_task_runs_open", .gauge, "Runs that are under way or about to be.")
        var next = MetricFamily(
            "reconcile_task_next_run_timestamp_seconds", .gauge, "When the task is due next, in seconds since 1970.")
        var last = MetricFamily(
            "reconcile_task_last_run_timestamp_seconds", .gauge,
            "When the last run of each outcome ended, in seconds since 1970, as far as its container is kept.")
        for report in reports {
            let label = MetricFamily.Label("task", report.task.name)
            let figures = report.figures
            for (name, count) in [
                ("succeeded", figures.succeeded), ("failed", figures.failed), ("missed", figures.missed),
            ] { runs.add(Double(count), label, .init("outcome", name)) }
            retries.add(Double(figures.retried), label)
            open.add(Double(report.open.count), label)
            if let moment = report.next { next.add(Double(moment.secondsSince1970), label) }
            let all = report.history + [report.last].compactMap(\.self)
            for (name, isMeant) in [("succeeded", true), ("failed", false)] {
                guard let ended = all.filter({ $0.succeeded == isMeant }).map(\.ended).max() else { continue }
                last.add(Double(ended.secondsSince1970), label, .init("outcome", name))
            }
        }
        return [runs, retries, open, next, last]
    }
}
