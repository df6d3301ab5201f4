package import Reconciler
import Specs

/// What a host shows of itself as metrics, from values alone.
package enum HostMetrics {
    /// - Parameter now: the wall clock, in seconds since 1970.
    static func families(_ report: HostReport, now: Double) -> [MetricFamily] {
        let (status, figures) = (report.status, report.figures)
        var engine = MetricFamily(
            "reconcile_engine_up", .gauge, "1 while the engine can be observed, 0 while it cannot.")
        engine.add(status.engine.reachable ? 1 : 0)
        var observed = MetricFamily(
            "reconcile_last_observation_timestamp_seconds", .gauge,
            "When the host was last observed in full, in seconds since 1970.")
        if let age = figures.observationAge { observed.add(now - age / .seconds(1)) }
        return [engine, observed] + objects(status) + confinement(report.observed) + plan(report) + [
            MetricFamily(
                "reconcile_steps_in_flight", .gauge, "Steps that the engine is at now.", Double(figures.stepsInFlight)),
            MetricFamily(
                "reconcile_steps_in_flight_limit", .gauge,
                "Steps that may be in flight at once, as the engine bears them.",
                Double(figures.concurrencyLimit)),
            MetricFamily(
                "reconcile_stalled_keys", .gauge, "Objects and members that only a person or a commit can help.",
                Double(figures.stalledKeys)),
        ] + policies(report) + pools(report) + autoscalers(report.autoscalers) + tasks(report.tasks)
            + windows(report, now: now) + queue(figures.queue)
    }

    /// What the packet filter does for the objects of this host.
    private static func policies(_ report: HostReport) -> [MetricFamily] {
        let (facts, meter) = (report.observed.firewall, report.figures.firewall)
        let wanted = report.desired?.firewall.bridges ?? []
        var objects = MetricFamily(
            "reconcile_policy_objects", .gauge, "Objects that network policies select: all, and those in force.")
        objects.add(Double(wanted.count), .init("state", "declared"))
        objects.add(Double(wanted.count { facts.isInForce($0) }), .init("state", "in_force"))
        var open = MetricFamily(
            "reconcile_policy_open_seconds", .histogram,
            "How long rules that had been in force were not, from when it was noticed until they were again.")
        open.add(meter.timeOpen)
        var drops = MetricFamily(
            "reconcile_policy_drops_total", .counter, "Packets that network policies refused, by object and reason.")
        let names = Dictionary(wanted.map { ($0.bridge, $0.object.description) }) { first, _ in first }
        for refusal in facts.refusals {
            guard let object = names[refusal.bridge] else { continue }
            drops.add(Double(refusal.packets), .init("object", object), .init("reason", refusal.reason))
        }
        return [objects, open, drops]
    }

    private static func objects(_ status: HostStatus) -> [MetricFamily] {
        var members = MetricFamily(
            "reconcile_members", .gauge, "Members by kind of their object: desired, present and ready.")
        var conditions = MetricFamily(
            "reconcile_object_conditions", .gauge, "Objects by kind, type of condition and its status.")
        for (kind, objects) in Dictionary(grouping: status.objects, by: \.id.kind).sorted(by: { $0.key < $1.key }) {
            let label = MetricFamily.Label("kind", kind.rawValue)
            let states = [("desired", \HostStatus.ObjectStatus.desired), ("present", \.present), ("ready", \.ready)]
            for (name, path) in states {
                members.add(Double(objects.reduce(0) { $0 + $1[keyPath: path] }), label, .init("state", name))
            }
            for type in [
                Condition.ConditionType.ready, .reconciling, .stalled, .paused, .pinned, .confined, .degraded,
            ] {
                let found = objects.flatMap { $0.conditions.filter { $0.type == type } }
                for state in Condition.State.allCases {
                    conditions.add(
                        Double(found.count { $0.state == state }), label, .init("type", type.rawValue),
                        .init("status", state.rawValue))
                }
            }
        }
        return [members, conditions]
    }

    /// What containers are confined by, and whether this host has it at all.
    private static func confinement(_ observed: ObservedState) -> [MetricFamily] {
        var supported = MetricFamily(
            "reconcile_policy_control_supported", .gauge, "1 where this host can enforce a control, 0 where it cannot.")
        for (name, isSupported) in [("apparmor", observed.engine.hasAppArmor), ("seccomp", observed.engine.hasSeccomp)]
        {
            if let isSupported { supported.add(isSupported ? 1 : 0, .init("control", name)) }
        }
        var members = MetricFamily(
            "reconcile_confined_members", .gauge,
            "Running members by control and by how far it is as it was asked for, as the kernel shows it.")
        var counts: [Control: [ControlState: Int]] = [:]
        for container in observed.containers.values {
            for finding in container.confinement?.findings ?? [] {
                counts[finding.control, default: [:]][finding.state, default: 0] += 1
            }
        }
        for control in Control.allCases {
            guard let states = counts[control] else { continue }
            for state in ControlState.allCases {
                members.add(
                    Double(states[state] ?? 0), .init("control", control.rawValue), .init("state", state.rawValue))
            }
        }
        return [supported, members].filter { !$0.samples.isEmpty }
    }

    private static func plan(_ report: HostReport) -> [MetricFamily] {
        guard let plan = report.plan else { return [] }
        var actions = MetricFamily(
            "reconcile_plan_actions", .gauge,
            "Actions of the plan for the whole host, by what would become of them now.")
        let held = plan.actions.count(where: \.isHeld)
        let stalled = plan.actions.count(where: \.isStalled)
        let changes = plan.actions.count { $0.isChange && !$0.isHeld && !$0.isStalled }
        for (name, count) in [("change", changes), ("held", held), ("stalled", stalled)] {
            actions.add(Double(count), .init("verdict", name))
        }
        return [
            actions,
            MetricFamily(
                "reconcile_plan_duration_seconds", .gauge, "How long the newest plan for the whole host took.",
                report.figures.planDuration / .seconds(1)),
        ]
    }

    // MARK: The work queue

    /// client-go's names, help and types, so that dashboards that know them work.
    private static let queueHelp: [(name: String, kind: MetricFamily.Kind, help: String)] = [
        ("depth", .gauge, "Current depth of workqueue by workqueue and priority"),
        ("adds_total", .counter, "Total number of adds handled by workqueue"),
        ("retries_total", .counter, "Total number of retries handled by workqueue"),
        (
            "queue_duration_seconds", .histogram,
            "How long in seconds an item stays in workqueue before being requested"
        ),
        ("work_duration_seconds", .histogram, "How long in seconds processing an item from workqueue takes."),
        (
            "unfinished_work_seconds", .gauge,
            "How many seconds of work has been done that is in progress and has not been observed by work_duration."
        ),
        (
            "longest_running_processor_seconds", .gauge,
            "How many seconds has the longest running processor for workqueue been running."
        ),
    ]

    private static func queue(_ metrics: WorkQueueMetrics) -> [MetricFamily] {
        let samples = metrics.samples(queue: "controller")
        return queueHelp.map { name, kind, help in
            var family = MetricFamily("workqueue_" + name, kind, help)
            family.samples = samples.compactMap { sample in
                guard let suffix = suffix(of: sample.name, family.name, kind) else { return nil }
                // The bound of a bucket comes last, as everywhere.
                let labels = sample.labels.sorted {
                    ($0.key == "le" ? 1 : 0, $0.key) < ($1.key == "le" ? 1 : 0, $1.key)
                }
                return MetricFamily.Sample(
                    suffix: suffix, labels: labels.map { .init($0.key, $0.value) }, value: sample.value)
            }
            return family
        }
    }

    /// What follows the name of the family; nil for a sample of another one.
    private static func suffix(of name: String, _ family: String, _ kind: MetricFamily.Kind) -> String? {
        guard name.hasPrefix(family) else { return nil }
        let suffix = String(name.dropFirst(family.count))
        let allowed = kind == .histogram ? ["_bucket", "_sum", "_count"] : [""]
        return allowed.contains(suffix) ? suffix : nil
    }

    // MARK: Steps

    /// Steps and events of this run.
    package static func families(_ figures: StepMeter.Figures) -> [MetricFamily] {
        var steps = MetricFamily("reconcile_steps_total", .counter, "Steps by name and by how they ended.")
        for (ending, count) in figures.endings.sorted(by: { $0.key < $1.key }) {
            steps.add(Double(count), .init("step", ending.step), .init("outcome", ending.outcome))
        }
        var durations = MetricFamily(
            "reconcile_step_duration_seconds", .histogram,
            "From the intent on the disk to the engine's answer, of steps that were done.")
        for (step, histogram) in figures.durations.sorted(by: { $0.key < $1.key }) {
            durations.add(histogram, .init("step", step))
        }
        var events = MetricFamily("reconcile_events_total", .counter, "Events by severity.")
        for severity in EventRecord.Severity.allCases {
            events.add(Double(figures.events[severity] ?? 0), .init("severity", severity.rawValue))
        }
        return [steps, durations, events]
    }
}
