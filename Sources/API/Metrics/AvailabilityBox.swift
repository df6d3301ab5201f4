import Reconciler
import Synchronization

/// The availability of this run, which the pulse counts and the metrics show.
final class AvailabilityBox: Sendable {
    private let meter = Mutex(AvailabilityMeter())

    func note(_ report: HostReport, minute: Int64) { meter.withLock { $0.note(report, minute: minute) } }

    var families: [MetricFamily] {
        let meter = meter.withLock { $0 }
        return [
            MetricFamily(
                "reconcile_availability_slots_total", .counter, "Minutes in which the engine answered all the time.",
                Double(meter.counted)),
            MetricFamily(
                "reconcile_availability_slots_missed_total", .counter,
                "Those of them in which the host was not observed, or work was overdue.", Double(meter.missed)),
        ]
    }
}
