import Reconciler
import Specs

/// When windows are open; the name of each is a label, since git says how many there are.
extension HostMetrics {
    static func windows(_ report: HostReport, now: Double) -> [MetricFamily] {
        var open = MetricFamily("reconcile_window_open", .gauge, "1 while the window is open, 0 while it is not.")
        var announced = MetricFamily(
            "reconcile_window_announced", .gauge, "1 from the notice of an opening until it opens, 0 else.")
        var opening = MetricFamily(
            "reconcile_window_next_opening_timestamp_seconds", .gauge,
            "When the window opens next, in seconds since 1970.")
        let moment = Instant(secondsSince1970: Int64(now))
        for window in report.desired?.windows.windows ?? [] {
            let labels = [
                MetricFamily.Label("window", window.name), .init("kind", window.spec.effect.rawValue),
            ]
            open.add(window.schedule.isOpen(at: moment) ? 1 : 0, labels[0], labels[1])
            guard let next = window.schedule.nextOpening(after: moment) else { continue }
            opening.add(Double(next.secondsSince1970), labels[0], labels[1])
            guard let notice = window.spec.notice?.roundedUpSeconds else { continue }
            announced.add(next.advanced(bySeconds: -notice) <= moment ? 1 : 0, labels[0], labels[1])
        }
        return [open, announced, opening]
    }
}
