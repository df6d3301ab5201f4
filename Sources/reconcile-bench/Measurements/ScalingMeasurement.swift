import Reconciler
import Specs

/// What deciding costs: a thousand autoscalers with three metrics each, of ten members, with the history of five minutes.
struct ScalingMeasurement {
    let repetitions: Int

    private static let autoscalers = 1_000
    private static let members = 10
    private static let start = Instant(secondsSince1970: 1_800_000_000)

    func measure(into report: inout Report) {
        let spec = Self.spec()
        var states = Self.warmedUp(spec)
        var now = Self.start.advanced(bySeconds: 600)
        let clock = ContinuousClock()
        let samples = Samples(
            (0..<repetitions).map { round in
                now = now.advanced(bySeconds: 15)
                let inputs = (0..<Self.autoscalers).map { Self.input(now, level: 30 + ($0 + round * 7) % 60) }
                return clock.measure {
                    for index in states.indices {
                        states[index] = Autoscaling.decide(spec, inputs[index], states[index]).state
                    }
                }.milliseconds
            })
        report.add("1,000 autoscalers evaluated, 3 metrics, 10 members each", milliseconds: samples, below: 50)
        progress("1,000 autoscalers: \(samples.median.text(2)) ms")
    }

    static func spec() -> Autoscaler {
        var cpu = Autoscaler.Metric(type: .resource)
        (cpu.name, cpu.target) = (.cpu, .averageUtilization(60))
        var queue = Autoscaler.Metric(type: .queue)
        queue.target = .averageValue(10)
        var pool = Autoscaler.Metric(type: .hostResource)
        (pool.strategy, pool.above, pool.below) = (.threshold, .percent(Percentage(90)), .percent(Percentage(20)))
        return Autoscaler(target: ResourceID(.workload, "web"), min: 2, max: 40, metrics: [cpu, queue, pool])
    }

    private static func warmedUp(_ spec: Autoscaler) -> [ScalingState] {
        var state = ScalingState()
        for quarter in 0..<40 {
            let now = start.advanced(bySeconds: Int64(quarter) * 15)
            state = Autoscaling.decide(spec, input(now, level: 30 + quarter), state).state
        }
        return Array(repeating: state, count: autoscalers)
    }

    private static func input(_ now: Instant, level: Int) -> ScalingInput {
        let members = (0..<members).map { number in
            ScaledMember(
                "web-\(number)-1", started: start.advanced(bySeconds: -3_600),
                readyChanged: start.advanced(bySeconds: -3_500), limits: [.cpu: 2_000])
        }
        var samples: [String: MemberSample] = [:]
        for member in members { samples[member.id] = MemberSample(milli: Int64(level) * 20, at: now, window: 15) }
        return ScalingInput(
            now: now, current: members.count, members: members,
            readings: [.members(samples), .whole(Double(level), at: now), .whole(Double(level), at: now)])
    }
}
