import Reconciler
import Specs

/// Short ways to write autoscalers and measurements down.
enum Scaled {
    static let now = Instant(secondsSince1970: 1_800_000_000)

    static func spec(
        _ metrics: Autoscaler.Metric..., min: Int = 1, max: Int = 10, change: (inout Autoscaler) -> Void = { _ in }
    ) -> Autoscaler {
        var spec = Autoscaler(target: ResourceID(.workload, "web"), min: min, max: max, metrics: metrics)
        change(&spec)
        return spec
    }

    /// CPU of members, which should be at so many percent of their limits.
    static func cpu(_ percent: Int = 50) -> Autoscaler.Metric {
        var metric = Autoscaler.Metric(type: .resource)
        (metric.name, metric.target) = (.cpu, .averageUtilization(percent))
        return metric
    }

    /// Jobs that wait, so many for each member.
    static func queue(_ each: Double = 10) -> Autoscaler.Metric {
        var metric = Autoscaler.Metric(type: .queue)
        metric.target = .averageValue(each)
        return metric
    }

    static func passThrough() -> Autoscaler.Metric {
        var metric = Autoscaler.Metric(type: .external)
        metric.strategy = .passThrough
        return metric
    }

    static func threshold(above: Double? = nil, below: Double? = nil, step: Int = 1) -> Autoscaler.Metric {
        var metric = Autoscaler.Metric(type: .poolUtilization)
        metric.strategy = .threshold
        metric.above = above.map { .percent(Percentage(Int64($0))) }
        metric.below = below.map { .percent(Percentage(Int64($0))) }
        metric.step = step
        return metric
    }

    /// Members that have been ready for long, with a limit of one CPU.
    static func members(_ count: Int) -> [ScaledMember] {
        (0..<count).map { number in
            ScaledMember(
                "m\(number)", started: now.advanced(bySeconds: -86_400), readyChanged: now.advanced(bySeconds: -86_000),
                limits: [.cpu: 1_000, .memory: 1_000])
        }
    }

    /// Each member at so many percent of its limit; nil is not measured.
    static func use(_ percents: [Int?], at: Instant = now) -> MetricReading {
        var samples: [String: MemberSample] = [:]
        for (number, percent) in percents.enumerated() {
            guard let percent else { continue }
            samples["m\(number)"] = MemberSample(milli: Int64(percent) * 10, at: at, window: 15)
        }
        return .members(samples)
    }

    static func decide(
        _ spec: Autoscaler, _ current: Int, _ readings: MetricReading..., members: Int? = nil, at now: Instant = now,
        state: ScalingState = ScalingState(recommendations: []), zones: [String: TimeZoneRules] = [:]
    ) -> ScalingDecision {
        let input = ScalingInput(
            now: now, current: current, members: Self.members(members ?? current), readings: readings)
        return Autoscaling.decide(spec, input, state, zones: zones)
    }
}

extension ScalingDecision {
    /// `AbleToScale=True (ReadyForNewScale)` and so on, without the messages.
    var reasons: [String] { conditions.map { "\($0.status ? "+" : "-")\($0.reason.rawValue)" } }
}
