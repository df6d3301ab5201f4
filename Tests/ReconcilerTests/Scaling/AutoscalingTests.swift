import Foundation
import Reconciler
import Specs
import Testing

/// What ours has beside Kubernetes': ages, zero, schedules, cooldowns, thresholds.
struct AutoscalingTests {
    @Test("a metric above its target asks for more, and says which and why")
    func up() {
        let decision = Scaled.decide(Scaled.spec(Scaled.cpu()), 2, Scaled.use([100, 100]))
        #expect(decision.desired == 4)
        #expect(decision.why == "Resource/cpu is at 100% of 50%")
        #expect(decision.reasons == ["+SucceededRescale", "+ValidMetricFound", "-DesiredWithinRange"])
        #expect(decision.recommendations.first?.replicas == 4)
    }

    @Test("the metric that asks for most wins")
    func most() {
        let spec = Scaled.spec(Scaled.cpu(), Scaled.queue())
        let decision = Scaled.decide(spec, 3, Scaled.use([50, 50, 50]), .whole(55, at: Scaled.now))
        #expect(decision.desired == 6 && decision.why == "Queue is at 18.334 of 10")
    }

    @Test("a value that is too old is a missing one: nothing is taken away, and the reason says so")
    func stale() {
        let old = Scaled.now.advanced(bySeconds: -61)
        let decision = Scaled.decide(Scaled.spec(Scaled.queue()), 5, .whole(0, at: old))
        #expect(decision.desired == 5 && decision.reasons == ["+SucceededGetScale", "-MetricsStale"])
        #expect(decision.condition(.scalingActive)?.message == "the newest value is 1m old, and the most is 1m")
        let fresh = Scaled.now.advanced(bySeconds: -60)
        #expect(Scaled.decide(Scaled.spec(Scaled.queue()), 5, .whole(0, at: fresh)).desired == 1)
        #expect(Scaled.decide(Scaled.spec(Scaled.cpu()), 5, Scaled.use([1, 1, 1, 1, 1], at: old)).desired == 5)
    }

    @Test("a member whose sample is too old is a missing member")
    func staleMember() {
        var samples: [String: MemberSample] = [:]
        for (number, age) in [0, 0, 0, 300].enumerated() {
            samples["m\(number)"] = MemberSample(milli: 10, at: Scaled.now.advanced(bySeconds: -Int64(age)))
        }
        let decision = Scaled.decide(Scaled.spec(Scaled.cpu()), 4, .members(samples))
        #expect(decision.recommendations.first?.missing == 1)
        // Three at 1 % and one taken to be at its limit.
        #expect(decision.proposed == 2)
    }

    @Test("what is no number is refused", arguments: [Double.nan, .infinity, -.infinity])
    func notANumber(value: Double) {
        let decision = Scaled.decide(Scaled.spec(Scaled.passThrough()), 5, .whole(value, at: Scaled.now))
        #expect(decision.desired == 5 && decision.problem != nil)
        #expect(decision.reasons == ["+SucceededGetScale", "-FailedGetExternalMetric"])
    }

    @Test("while one metric is missing, others may ask for more and not for fewer")
    func partial() {
        let spec = Scaled.spec(Scaled.queue(), Scaled.cpu())
        #expect(Scaled.decide(spec, 4, .failed("no answer"), Scaled.use([90, 90, 90, 90])).desired == 8)
        let down = Scaled.decide(spec, 4, .failed("no answer"), Scaled.use([1, 1, 1, 1]))
        #expect(down.desired == 4 && down.reasons == ["+SucceededGetScale", "-FailedGetExternalMetric"])
        #expect(down.problem == "1 of 2 metrics cannot be used, the first since no answer")
    }

    @Test("zero is for those who chose it: from there metrics or a schedule bring members back")
    func zero() throws {
        let chosen = Scaled.spec(Scaled.queue(), min: 0) { $0.scaleToZero = true }
        #expect(Scaled.decide(chosen, 3, .whole(0, at: Scaled.now)).desired == 0)
        #expect(Scaled.decide(chosen, 0, .whole(25, at: Scaled.now)).desired == 3)
        #expect(Scaled.decide(chosen, 0, .failed("no answer")).desired == 0)
        let plain = Scaled.spec(Scaled.queue())
        let disabled = Scaled.decide(plain, 0, .whole(25, at: Scaled.now))
        #expect(disabled.desired == 0 && disabled.reasons == ["+SucceededGetScale", "-ScalingDisabled"])
        let (spec, zones) = try Self.nights(
            Scaled.spec(Scaled.queue(), min: 0) { $0.scaleToZero = true }, min: 2, max: 4)
        #expect(
            Scaled.decide(spec, 0, .failed("-"), at: try Wall.at("2026-11-21T12:00:00Z"), zones: zones).desired == 2)
    }

    private static func nights(_ spec: Autoscaler, min: Int, max: Int) throws -> (Autoscaler, [String: TimeZoneRules]) {
        let text = """
            apiVersion: reconcile.dev/v1
            kind: HostPool
            metadata: {name: local}
            spec: {hosts: {name: host-a}}
            ---
            apiVersion: reconcile.dev/v1
            kind: Workload
            metadata: {name: web}
            spec: {hostPool: local, template: {image: web}}
            ---
            apiVersion: reconcile.dev/v1
            kind: Autoscaler
            metadata: {name: web}
            spec:
              target: {kind: Workload, name: web}
              min: 0
              max: 8
              scaleToZero: true
              metrics: [{type: Queue, queue: {name: jobs, hook: jobs}, target: {averageValue: 10}}]
              schedules:
                - {name: nights, start: "0 20 * * *", end: "0 7 * * *", timeZone: Asia/Tokyo, min: \(min), max: \(max)}
            """
        let loaded = SpecLoader.load([SpecFile(path: "web.yaml", bytes: Array(text.utf8))])
        let specs = try #require(loaded.specs, "\(loaded.diagnostics)")
        var spec = spec
        spec.schedules = try #require(specs.autoscalers.first?.spec.schedules)
        return (spec, specs.zones)
    }

    @Test("a schedule moves the bounds, at once and without a metric, by the clock of its place")
    func schedules() throws {
        let (spec, zones) = try Self.nights(Scaled.spec(Scaled.cpu(), min: 3, max: 8), min: 1, max: 2)
        let evening = try Wall.at("2026-11-21T11:00:00Z")
        #expect(ScalingBounds(of: spec, at: evening.advanced(bySeconds: -1), zones: zones).description == "3-8")
        #expect(ScalingBounds(of: spec, at: evening, zones: zones).description == "1-2 by nights")
        let decision = Scaled.decide(spec, 6, .failed("no answer"), at: evening, zones: zones)
        #expect(decision.desired == 2 && decision.reasons == ["+SucceededRescale"])
        #expect(decision.condition(.ableToScale)?.message == "6 is outside of the bounds 1-2 by nights")
        #expect(spec.nextBoundsChange(after: evening, zones: zones) == (try Wall.at("2026-11-21T22:00:00Z")))
        let morning = try Wall.at("2026-11-21T22:00:00Z")
        #expect(Scaled.decide(spec, 1, .failed("no answer"), at: morning, zones: zones).desired == 3)
    }

    @Test("thresholds step up and down, and hold between")
    func thresholds() {
        let spec = Scaled.spec(Scaled.threshold(above: 70, below: 30, step: 2)) {
            $0.behavior.scaleDown.stabilizationWindowSeconds = 0
        }
        let at = Scaled.now
        #expect(Scaled.decide(spec, 4, .whole(70.1, at: at)).desired == 6)
        #expect(Scaled.decide(spec, 4, .whole(70, at: at)).desired == 4)
        #expect(Scaled.decide(spec, 4, .whole(30, at: at)).desired == 4)
        #expect(Scaled.decide(spec, 4, .whole(29.9, at: at)).desired == 2)
        #expect(Scaled.decide(spec, 2, .whole(0, at: at)).desired == 1, "never below the bounds")
    }

    @Test("with only an upper threshold, a metric has no opinion below it")
    func noOpinion() {
        let spec = Scaled.spec(Scaled.threshold(above: 70), Scaled.queue()) {
            $0.behavior.scaleDown.stabilizationWindowSeconds = 0
        }
        let decision = Scaled.decide(spec, 4, .whole(10, at: Scaled.now), .whole(20, at: Scaled.now))
        #expect(decision.desired == 2 && decision.recommendations.first?.replicas == nil)
    }

    @Test("misses in a row ask for more, and their absence for nothing")
    func exhausted() {
        var metric = Autoscaler.Metric(type: .poolExhausted)
        (metric.times, metric.step) = (3, 2)
        let spec = Scaled.spec(metric)
        #expect(Scaled.decide(spec, 4, .whole(3, at: Scaled.now)).desired == 6)
        let quiet = Scaled.decide(spec, 4, .whole(2, at: Scaled.now))
        #expect(quiet.desired == 4 && quiet.proposed == nil && quiet.reasons.contains("+ValidMetricFound"))
    }

    @Test("a cooldown holds its own direction; scaling up ends that of scaling down")
    func cooldowns() {
        let spec = Scaled.spec(Scaled.passThrough()) {
            $0.behavior.scaleDown.stabilizationWindowSeconds = 0
            $0.behavior.scaleDown.cooldown = .seconds(300)
            $0.behavior.scaleUp.cooldown = .seconds(60)
        }
        var state = ScalingState(recommendations: [])
        state.record(from: 5, to: 4, behavior: spec.behavior, at: Scaled.now.advanced(bySeconds: -100))
        let held = Scaled.decide(spec, 4, .whole(2, at: Scaled.now), state: state)
        #expect(held.desired == 4 && held.condition(.ableToScale)?.reason == .backoffDownscale)
        #expect(held.condition(.ableToScale)?.message == "the cooldown of 5m is over in 3m")
        #expect(Scaled.decide(spec, 4, .whole(5, at: Scaled.now), state: state).desired == 5)
        state.record(from: 4, to: 5, behavior: spec.behavior, at: Scaled.now.advanced(bySeconds: -50))
        #expect(Scaled.decide(spec, 5, .whole(2, at: Scaled.now), state: state).desired == 2)
        #expect(Scaled.decide(spec, 5, .whole(9, at: Scaled.now), state: state).desired == 5)
    }

    @Test("a source that this host has not is an invalid one")
    func unsupported() {
        let decision = Scaled.decide(Scaled.spec(Scaled.queue()), 3, .unsupported("no hook 'jobs' is configured"))
        #expect(decision.reasons == ["+SucceededGetScale", "-InvalidMetricSourceType"])
    }

    @Test("a new one goes on from the members that there are, and takes none away at once")
    func restart() {
        #expect(ScalingState().liveSize(observed: 30, within: 2...20) == 20)
        #expect(ScalingState().liveSize(observed: 0, within: 2...20) == 2)
        #expect(ScalingState(size: 7).liveSize(observed: 3, within: 2...20) == 7)
        let decision = Scaled.decide(Scaled.spec(Scaled.queue()), 8, .whole(10, at: Scaled.now), state: ScalingState())
        #expect(decision.desired == 8 && decision.condition(.ableToScale)?.reason == .scaleDownStabilized)
    }

    @Test("a change that could not be carried out is none")
    func failing() {
        let decision = Scaled.decide(Scaled.spec(Scaled.cpu()), 2, Scaled.use([100, 100])).failing(
            because: "disk is full")
        #expect(decision.desired == 2)
        #expect(decision.reasons == ["-FailedUpdateScale", "+ValidMetricFound", "-DesiredWithinRange"])
    }

    @Test("the state survives a restart as JSON")
    func coding() throws {
        var state = ScalingState(size: 4)
        state.begin(with: 3, at: Scaled.now)
        state.record(from: 3, to: 4, behavior: Autoscaler.Behavior(), at: Scaled.now)
        let data = try JSONEncoder().encode(state)
        #expect(try JSONDecoder().decode(ScalingState.self, from: data) == state)
    }

    @Test("many looks within a second leave no long list behind")
    func bounded() {
        let spec = Scaled.spec(Scaled.queue())
        var state = ScalingState()
        for second in 0..<400 {
            for _ in 0..<5 {
                let now = Scaled.now.advanced(bySeconds: Int64(second))
                state = Scaled.decide(spec, 4, .whole(40, at: now), at: now, state: state).state
            }
        }
        #expect(state.recommendations?.count ?? 0 <= 302)
    }

    @Test("two metrics of a kind have names of their own")
    func names() {
        #expect(
            Scaled.spec(Scaled.cpu(), Scaled.queue(), Scaled.queue()).metricNames == [
                "Resource/cpu", "Queue", "Queue.2",
            ])
    }
}
