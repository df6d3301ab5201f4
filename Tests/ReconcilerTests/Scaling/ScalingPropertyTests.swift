import ReconcileTesting
import Reconciler
import Specs
import Testing

/// Hours of generated metrics, with gaps, spikes, old values and values that are no numbers.
struct ScalingPropertyTests {
    private struct Run {
        var spec: Autoscaler
        var now: Instant
        var size: Int
        var state = ScalingState()
        var decisions: [(at: Instant, decision: ScalingDecision, isMissing: Bool)] = []
    }

    private static func spec(_ random: inout SplitMix64) -> Autoscaler {
        var metrics: [Autoscaler.Metric] = []
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            metrics.append(
                RandomSpecs.pick(
                    [
                        Scaled.cpu(.random(in: 20...90, using: &random)), Scaled.queue(), Scaled.passThrough(),
                        Scaled.threshold(above: 70, below: 30, step: 2),
                    ], &random))
        }
        var spec = Scaled.spec(min: Int.random(in: 0...3, using: &random), max: Int.random(in: 4...40, using: &random))
        spec.metrics = metrics
        spec.scaleToZero = spec.min == 0
        let windows = [0, 60, 300]
        spec.behavior.scaleDown.stabilizationWindowSeconds = RandomSpecs.pick(windows, &random)
        spec.behavior.scaleUp.stabilizationWindowSeconds = RandomSpecs.pick(windows, &random)
        spec.behavior.scaleDown.selectPolicy = RandomSpecs.pick([.max, .min, .disabled], &random)
        spec.behavior.scaleDown.policies = [
            .init(type: .pods, value: Int.random(in: 1...4, using: &random), periodSeconds: 60),
            .init(type: .percent, value: 50, periodSeconds: 30),
        ]
        return spec
    }

    /// Whether nothing of it can be used is said beside it.
    private static func reading(
        _ metric: Autoscaler.Metric, _ size: Int, _ now: Instant, _ random: inout SplitMix64
    ) -> (MetricReading, isMissing: Bool) {
        switch Int.random(in: 0..<10, using: &random) {
        case 0: return (.failed("gap"), true)
        case 1: return (.whole(.nan, at: now), true)
        case 2: return (.whole(1, at: now.advanced(bySeconds: -61)), true)
        default: break
        }
        let isSpike = Int.random(in: 0..<20, using: &random) == 0
        let level = Double.random(in: 0...(isSpike ? 1e12 : 100), using: &random)
        guard metric.type == .resource else { return (.whole(level, at: now), false) }
        if size == 0 { return (.members([:]), true) }
        return (Scaled.use((0..<size).map { _ in Int(min(level, 1e9)) }, at: now), false)
    }

    private static func run(_ seed: UInt64, steps: Int = 240) -> Run {
        var random = SplitMix64(seed: seed)
        let spec = spec(&random)
        var run = Run(spec: spec, now: Scaled.now, size: Int.random(in: 0...50, using: &random))
        for _ in 0..<steps {
            let found = spec.metrics.map { reading($0, run.size, run.now, &random) }
            let input = ScalingInput(
                now: run.now, current: run.size, members: Scaled.members(run.size), readings: found.map(\.0))
            let decision = Autoscaling.decide(spec, input, run.state)
            run.state = decision.state
            run.state.record(from: run.size, to: decision.desired, behavior: spec.behavior, at: run.now)
            run.decisions.append((run.now, decision, found.contains { $0.isMissing }))
            run.size = decision.desired
            run.now = run.now.advanced(bySeconds: 15)
        }
        return run
    }

    @Test("the number never leaves the bounds, once it is within them", arguments: Seeds.corpus(40))
    func bounds(seed: UInt64) {
        let run = Self.run(seed)
        for (_, decision, _) in run.decisions {
            let range = decision.bounds.range
            if decision.current == 0, !run.spec.scaleToZero {
                #expect(decision.desired == 0, "somebody chose none")
            } else {
                #expect(range.contains(decision.desired))
            }
        }
    }

    @Test("while a metric is missing nothing is taken away, but what is beyond the bounds", arguments: Seeds.corpus(40))
    func missing(seed: UInt64) {
        for (_, decision, isMissing) in Self.run(seed).decisions where isMissing {
            let least = min(decision.current, decision.bounds.max)
            #expect(decision.desired >= least)
        }
    }

    @Test("nothing goes below what was recommended within the window", arguments: Seeds.corpus(40))
    func stabilized(seed: UInt64) {
        let run = Self.run(seed)
        let window = Int64(run.spec.behavior.scaleDown.stabilizationWindowSeconds)
        for (index, (at, decision, _)) in run.decisions.enumerated() where decision.desired < decision.current {
            guard decision.proposed != nil else { continue }
            let recent = run.decisions[...index].filter { $0.at > at.advanced(bySeconds: -window) }
            let most = recent.compactMap(\.decision.proposed).max() ?? 0
            #expect(decision.desired >= min(decision.current, min(most, decision.bounds.max)))
        }
    }

    @Test("no policy is overdrawn within its time", arguments: Seeds.corpus(40))
    func rates(seed: UInt64) {
        let run = Self.run(seed)
        let rules = run.spec.behavior.scaleDown
        for (index, (at, decision, _)) in run.decisions.enumerated() where decision.desired < decision.current {
            // Bounds that are another matter than policies took it there.
            guard decision.stabilized != nil else { continue }
            #expect(rules.selectPolicy != .disabled)
            let members = rules.policies[0]
            guard rules.selectPolicy == .min else { continue }
            let since = at.advanced(bySeconds: -Int64(members.periodSeconds))
            let changes = run.decisions[...index].filter { $0.at > since && $0.decision.stabilized != nil }
            let net = changes.reduce(0) { $0 + $1.decision.current - $1.decision.desired }
            #expect(net <= members.value)
        }
    }

    @Test("the same input gives the same decision", arguments: Seeds.corpus(10))
    func deterministic(seed: UInt64) {
        #expect(Self.run(seed).decisions.map(\.decision) == Self.run(seed).decisions.map(\.decision))
    }
}
