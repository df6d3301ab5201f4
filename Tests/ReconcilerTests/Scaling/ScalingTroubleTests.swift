import ReconcileTesting
import Specs
import Testing

@testable import Reconciler

/// Autoscalers while something is wrong: with the engine, with the clock, with the bounds, or with the host's share.
struct ScalingTroubleTests {
    private typealias Live = LiveScalingTests
    private let web = LiveScalingTests.web
    private static let away = DriverError(
        .transient, .engineUnreachable, "the engine cannot be reached", at: "GET /containers/json")

    // MARK: Nothing to do

    @Test("while the engine is away time does not come again at once", arguments: [true, false])
    func engineAway(atStart: Bool) throws {
        var rig = try LoopRig(Live.desired())
        rig.wall = Scaled.now
        if !atStart {
            rig.observed(Live.observed(2))
            rig.tell(.streamLost)
        }
        rig.observed(.failure(Self.away))
        for _ in 0..<10 {
            rig.wait(.seconds(16))
            #expect(rig.isAtRest)
            rig.observed(.failure(Self.away))
            #expect(rig.isAtRest)
        }
        rig.wait(.seconds(40))
        rig.observed(Live.observed(2))
        #expect(!rig.measures.isEmpty, "it goes on as soon as the engine is there")
    }

    @Test("a single run does not come again at once either")
    func singleRun() throws {
        var rig = try LoopRig(Live.desired(), mode: .untilSettled)
        #expect(rig.isAtRest)
        rig.observed(Live.observed(2))
        rig.wait(.seconds(16))
        #expect(rig.isAtRest)
    }

    @Test("measurements that come at once are one turn and one commit")
    func oneTurn() throws {
        let names = ["api", "web"]
        var desired = Declared.state(Declared.workload("api", replicas: 2), Declared.workload("web", replicas: 2))
        let observed = ObservedState(converged: desired)
        desired.autoscalers = names.map { Live.autoscaler(target: ResourceID(.workload, $0)) }
        var rig = try LoopRig(desired)
        rig.wall = Scaled.now
        rig.observed(observed)
        let before = rig.journal.commits.count
        for _ in names {
            let asked = rig.take(where: \.isMeasurement)
            let ticket = try #require(asked)
            rig.tell(.measured(ticket, [.whole(2, at: rig.wall)]))
        }
        #expect(rig.journal.commits.count == before && !rig.isAtRest)
        rig.tell(.time)
        #expect(rig.journal.commits.count == before + 1)
        #expect(rig.journal.scaled.count == 2)
    }

    // MARK: Bounds

    @Test(
        "bounds that a commit moves bring the number within them at once, and it is said", arguments: [1...5, 9...12])
    func movedBounds(bounds: ClosedRange<Int>) throws {
        var rig = try Live().rig()
        rig.measured(.whole(6, at: rig.wall))
        var next = Live.desired(Live.autoscaler(min: bounds.lowerBound, max: bounds.upperBound))
        next.revision = Revision(id: "2222222", reference: "main")
        rig.tell(.desired(next))
        rig.observed(Live.observed(6))
        let size = bounds.upperBound < 6 ? bounds.upperBound : bounds.lowerBound
        #expect(rig.loop.desired?.objects[web]?.slots == size, "nobody waits for a measurement")
        let text =
            "SuccessfulRescale: from 6 to \(size): 6 is outside of the bounds "
            + "\(bounds.lowerBound)-\(bounds.upperBound)"
        #expect(rig.journal.eventTexts.contains(text), "\(rig.journal.eventTexts)")
        #expect(rig.journal.scaled[web]?.size == size)
    }

    @Test("what was off in git, and is no more, comes back without a measurement")
    func backFromZero() throws {
        var rig = try Live().rig(Live.desired(replicas: 0), present: 0)
        #expect(rig.loop.desired?.objects[web]?.slots == 0)
        var next = Live.desired(replicas: 3, Live.autoscaler(min: 2))
        next.revision = Revision(id: "2222222", reference: "main")
        rig.tell(.desired(next))
        rig.observed(Live.observed(0))
        #expect(rig.loop.desired?.objects[web]?.slots == 2)
    }

    // MARK: Clocks

    @Test("a clock that was hours ahead and is set back holds scaling up for no longer than its cooldown")
    func setBackUp() {
        let later = Scaled.now.advanced(bySeconds: 6 * 3_600)
        let spec = Scaled.spec(Scaled.passThrough()) { $0.behavior.scaleUp.cooldown = .seconds(60) }
        let state = ScalingState(
            size: 2, recommendations: [.init(2, at: later)], upEvents: [.init(1, at: later)], lastUp: later)
        let held = Scaled.decide(spec, 2, .whole(6, at: Scaled.now), state: state)
        #expect(held.desired == 2 && held.reasons.contains("-BackoffUpscale"))
        let then = Scaled.now.advanced(bySeconds: 61)
        #expect(Scaled.decide(spec, 2, .whole(6, at: then), at: then, state: held.state).desired == 6)
    }

    @Test("nor scaling down for longer than its window")
    func setBackDown() {
        let later = Scaled.now.advanced(bySeconds: 6 * 3_600)
        let spec = Scaled.spec(Scaled.passThrough())
        let state = ScalingState(
            size: 6, recommendations: [.init(6, at: later)], downEvents: [.init(4, at: later)], lastDown: later)
        let held = Scaled.decide(spec, 6, .whole(2, at: Scaled.now), state: state)
        #expect(held.desired == 6 && held.reasons.contains("+ScaleDownStabilized"))
        let then = Scaled.now.advanced(bySeconds: 301)
        #expect(Scaled.decide(spec, 6, .whole(2, at: then), at: then, state: held.state).desired == 2)
    }

    // MARK: Memory

    @Test("what is forgotten would never have changed a decision", arguments: Seeds.corpus(10))
    func forgetting(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let spec = Scaled.spec(Scaled.passThrough()) {
            $0.behavior.scaleUp.stabilizationWindowSeconds = [0, 20, 60].randomElement(using: &random) ?? 0
            $0.behavior.scaleDown.stabilizationWindowSeconds = [0, 20, 60].randomElement(using: &random) ?? 0
        }
        var (whole, short) = (ScalingState(), ScalingState())
        var (now, size) = (Scaled.now, 5)
        for _ in 0..<500 {
            now = now.advanced(bySeconds: [0, 0, 0, 1, 7].randomElement(using: &random) ?? 0)
            let reading = MetricReading.whole(Double(Int.random(in: 1...10, using: &random)), at: now)
            let full = Scaled.decide(spec, size, reading, at: now, state: whole)
            let trimmed = Scaled.decide(spec, size, reading, at: now, state: short)
            #expect(trimmed.desired == full.desired && trimmed.stabilized == full.stabilized)
            (whole, short) = (full.state, trimmed.state)
            short.forgetWhatCannotMatter(for: spec.behavior, at: now)
            #expect(short.recommendations?.count ?? 0 <= 20)
            size = full.desired
        }
    }

    @Test("an autoscaler remembers no more than its numbers, however often it is asked")
    func shortMemory() throws {
        let autoscaler = Live.autoscaler { $0.behavior.scaleDown.stabilizationWindowSeconds = 3_600 }
        var rig = try Live().rig(Live.desired(autoscaler))
        for round in 0..<200 {
            rig.measured(.whole(Double(1 + round * 7 % 10), at: rig.wall))
            rig.wait(.seconds(15))
        }
        #expect(try #require(rig.journal.scaled[web]?.recommendations?.count) <= 10)
    }

    // MARK: Pools

    @Test("a row of misses that a hit ended is over, however long the next row is")
    func missesAfterHit() {
        var (watch, pool) = (ScalingWatch(Live.autoscaler(), ScalingState()), PoolWatch())
        for second in 0..<2 { pool.missed(at: .seconds(second)) }
        #expect(watch.newMisses(of: pool) == 2)
        watch.answerMisses(of: pool)
        #expect(watch.newMisses(of: pool) == 0)
        pool.missed(at: .seconds(2))
        #expect(watch.newMisses(of: pool) == 1)
        pool.hit(at: .seconds(3))
        #expect(watch.newMisses(of: pool) == 0)
        // As many as were answered, and nobody looked in between.
        for second in 4..<6 { pool.missed(at: .seconds(second)) }
        #expect(watch.newMisses(of: pool) == 2)
    }

    @Test("members that wait frozen are measured like all others")
    func frozen() throws {
        var desired = Rig.state {
            ($0.size, $0.idle.mode) = (nil, .pause)
        }
        desired.autoscalers = [Live.autoscaler(Scaled.cpu(), target: Rig.pool)]
        let object = try #require(desired.objects[Rig.pool])
        var observed = ObservedState(converged: desired)
        var ids: [String] = []
        for (slot, status) in [ObservedContainer.Status.paused, .running, .exited].enumerated() {
            ids.append(observed.add(slot, of: object) { $0.status = status })
        }
        var rig = try LoopRig(desired)
        rig.wall = Scaled.now
        rig.observed(observed)
        #expect(rig.measures == [[.members(.cpu, containers: Array(ids.prefix(2)))]])
    }

    // MARK: Hosts

    @Test("an autoscaler on a host that has no share says why it never decides")
    func noShare() throws {
        let shared = Declared.pool("local", hosts: HostPool.HostSelector())
        var desired = Declared.state(Declared.workload(replicas: 2), pools: [shared])
        desired.autoscalers = [Live.autoscaler(), Live.autoscaler(target: shared.id)]
        var rig = try LoopRig(desired)
        rig.wall = Scaled.now
        rig.observed(Live.observed(2))
        rig.measured(.whole(4, at: rig.wall))
        let reports = rig.loop.report(asOf: Now(wall: rig.wall)).autoscalers
        #expect(reports.count == 2)
        for report in reports {
            #expect(report.why.hasPrefix("HostPool/local may span several hosts"), "\(report)")
            let able = try #require(report.status?.conditions.first { $0.kind == .ableToScale })
            #expect(!able.status && able.reason == .failedGetScale)
        }
    }
}
