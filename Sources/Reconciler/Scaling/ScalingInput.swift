package import Specs

/// What one evaluation of an autoscaler goes by.
package struct ScalingInput: Hashable, Sendable {
    package var now: Instant
    /// How many there should be until now.
    package var current: Int
    /// All members that there are.
    package var members: [ScaledMember]
    /// What was measured, for each metric of the spec in its order; what is left out was not measured.
    package var readings: [MetricReading]
    package var patience: MemberGroups.Patience

    package init(
        now: Instant, current: Int, members: [ScaledMember], readings: [MetricReading],
        patience: MemberGroups.Patience = MemberGroups.Patience()
    ) {
        self.now = now
        self.current = current
        self.members = members
        self.readings = readings
        self.patience = patience
    }
}

/// What was measured for one metric.
package enum MetricReading: Hashable, Sendable {
    /// Of each member, by its id.
    case members([String: MemberSample])
    /// One number: a share in percent, or whatever the metric counts.
    case whole(Double, at: Instant)
    /// Why there is nothing.
    case failed(String)
    /// Why there can be nothing on this host.
    case unsupported(String)
}

/// Between which numbers an autoscaler may choose, and why.
package struct ScalingBounds: Hashable, Codable, Sendable {
    package var min: Int
    package var max: Int
    /// The schedules that hold now, by name; the spec's own bounds hold where there is none.
    package var schedules: [String]

    package var range: ClosedRange<Int> { min...Swift.max(min, max) }

    package init(min: Int, max: Int, schedules: [String] = []) {
        self.min = min
        self.max = max
        self.schedules = schedules
    }

    /// The bounds of this moment: where several schedules hold, the lowest `min` and the lowest `max` do.
    package init(of spec: Autoscaler, at now: Instant, zones: [String: TimeZoneRules]) {
        let active = spec.schedules.filter { bounds in
            guard let zone = zones[bounds.timeZone], let interval = bounds.interval else { return false }
            return interval.isActive(at: now, in: zone)
        }
        self.init(
            min: active.map(\.min).min() ?? spec.min, max: active.map(\.max).min() ?? spec.max,
            schedules: active.map(\.name).sorted())
    }

    /// `2-20`, or `1-4 by nights`
    package var description: String {
        "\(min)-\(max)" + (schedules.isEmpty ? "" : " by " + schedules.joined(separator: " and "))
    }
}

extension Autoscaler {
    /// The next moment at which a schedule may change the bounds; nil is never.
    package func nextBoundsChange(after now: Instant, zones: [String: TimeZoneRules]) -> Instant? {
        schedules.compactMap { bounds in
            zones[bounds.timeZone].flatMap { bounds.interval?.nextChange(after: now, in: $0) }
        }.min()
    }

    /// What each metric is called: its type, with the resource where there is one, and a number where two are alike.
    package var metricNames: [String] {
        var seen: [String: Int] = [:]
        return metrics.map { metric in
            let name = metric.type.rawValue + (metric.name.map { "/\($0.rawValue)" } ?? "")
            seen[name, default: 0] += 1
            return seen[name] == 1 ? name : "\(name).\(seen[name] ?? 0)"
        }
    }
}
