/// A kind of case that says nothing about this program, and why: such a case is skipped.
///
/// The same list stands in `docs/conformance.md`; a test compares the two.
package struct Inapplicable: Sendable {
    package var kind: String
    package var reason: String
    package var matches: @Sendable (VectorCase) -> Bool

    package static let all = [
        Self(
            kind: "parallelize_until",
            reason: "a helper that calls a function for each number of a range; this program has none"
        ) { $0.queue == "parallelize_until" },
        Self(
            kind: "fast_slow",
            reason: "a limiter with one delay for the first failures and another for the rest; ours is exponential"
        ) { vector in
            let parts = [.object(vector.config)] + (vector.config["of"]?.array ?? [])
            return parts.contains { $0.object?["type"] == .string("fast_slow") }
        },
        Self(
            kind: "tick_unfinished.updated",
            reason: "asks whether a timer refreshes two gauges; ours are computed when they are read, without a timer"
        ) { vector in
            vector.steps.contains { $0["op"] == .string("tick_unfinished") && $0["expect"] != nil }
        },
        Self(
            kind: "matches",
            reason: "globs over names of applications, namespaces and clusters; our windows select objects by labels"
        ) { $0.kind == "matches" },
        Self(
            kind: "systemd_oncalendar_next",
            reason: "systemd's own grammar, with years and ends of months; our schedules are cron, RRULE and dates"
        ) { $0.kind == "systemd_oncalendar_next" },
        Self(
            kind: "pod_requests",
            reason:
                "sums over the containers of a pod and its own request; a member of ours is one container with one limit"
        ) { $0.function == "pod_requests" },
        Self(
            kind: "Recreate",
            reason:
                "takes all members away at once and knows no bounds; ours replaces as many at a time as may be missing"
        ) { $0.fields["input"]?.object?["strategy"] == .string("Recreate") },
        Self(
            kind: "replica_counts",
            reason: "sums two fields over a list of ReplicaSets; ours counts containers"
        ) { $0.function == "replica_counts" },
    ]
}
