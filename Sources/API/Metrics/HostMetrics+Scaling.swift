import Reconciler
import Specs

/// How autoscalers stand; the name of each is a label, since git says how many there are.
extension HostMetrics {
    static func autoscalers(_ reports: [AutoscalerReport]) -> [MetricFamily] {
        var desired = MetricFamily(
            "reconcile_autoscaler_desired_replicas", .gauge, "The number that the autoscaler has decided on.")
        var least = MetricFamily("reconcile_autoscaler_min_replicas", .gauge, "The least that its bounds allow now.")
        var most = MetricFamily("reconcile_autoscaler_max_replicas", .gauge, "The most that its bounds allow now.")
        var values = MetricFamily(
            "reconcile_autoscaler_metric_value", .gauge, "What each metric was measured as; without it nothing was.")
        var conditions = MetricFamily(
            "reconcile_autoscaler_condition", .gauge, "1 where the condition holds, 0 where it does not.")
        for report in reports {
            let label = MetricFamily.Label("autoscaler", report.autoscaler.name)
            guard let status = report.status else { continue }
            desired.add(Double(status.desired), label, .init("target", report.target.description))
            least.add(Double(status.bounds.min), label)
            most.add(Double(status.bounds.max), label)
            for metric in status.recommendations {
                if let value = metric.value { values.add(value, label, .init("metric", metric.metric)) }
            }
            for condition in status.conditions {
                conditions.add(condition.status ? 1 : 0, label, .init("condition", condition.kind.rawValue))
            }
        }
        return [desired, least, most, values, conditions]
    }
}
