import ReconcileTesting
import Reconciler
import Testing

@testable import Specs

/// Autoscalers in the control loop: when they ask, what they do with the answer, and what outlives a restart.
struct LiveScalingTests {
    static let web = ResourceID(.workload, "web")

    static func autoscaler(
        _ metric: Autoscaler.Metric = Scaled.passThrough(), target: ResourceID = web, min: Int = 1, max: Int = 10,
        _ change: (inout Autoscaler) -> Void = { _ in }
    ) -> Resource<Autoscaler> {
        var metric = metric
        if metric.type == .external { metric.external = Autoscaler.ExternalSource() }
        var spec = Autoscaler(target: target, min: min, max: max, metrics: [metric])
        spec.behavior.scaleDown.stabilizationWindowSeconds = 0
        change(&spec)
        return Resource(
            id: ResourceID(.autoscaler, target.name), spec: spec,
            origin: SourcePosition(file: "scale.yaml", line: 1, column: 1))
    }

    static func desired(
        replicas: Int = 2, _ autoscaler: Resource<Autoscaler>? = autoscaler()
    ) -> DesiredState {
        var state = Declared.state(Declared.workload(replicas: replicas))
        state.autoscalers = [autoscaler].compactMap(\.self)
        return state
    }

    static func observed(_ count: Int) -> ObservedState {
        ObservedState(converged: Declared.state(Declared.workload(replicas: count)))
    }

    func rig(
        _ desired: DesiredState = desired(), present: Int = 2, stored: StoredState = StoredState()
    ) throws -> LoopRig {
        var rig = try LoopRig(desired, stored: stored)
        rig.wall = Scaled.now
        rig.observed(Self.observed(present))
        return rig
    }

    // MARK: The number to begin with

    struct Beginning: Sendable, CustomTestStringConvertible {
        var present = 0
        var stored: Int?
        var replicas = 3
        var bounds = 2...8
        var size: Int

        var testDescription: String {
            "\(present) here, \(stored.map { "\($0)" } ?? "none") stored, git says \(replicas): \(size)"
        }
    }

    @Test(
        "it goes on from the number of before, or from what is there, and never jumps to git's",
        arguments: [
            Beginning(present: 5, stored: 6, size: 6), Beginning(present: 5, size: 5), Beginning(present: 1, size: 2),
            Beginning(present: 12, size: 8), Beginning(size: 3), Beginning(replicas: 20, size: 8),
            Beginning(stored: 30, size: 8), Beginning(present: 4, stored: 5, replicas: 0, size: 0),
        ])
    func beginning(_ beginning: Beginning) throws {
        let autoscaler = Self.autoscaler(min: beginning.bounds.lowerBound, max: beginning.bounds.upperBound)
        let desired = Self.desired(replicas: beginning.replicas, autoscaler)
        let stored = beginning.stored.map { [Self.web: ScalingState(size: $0)] } ?? [:]
        let observed = Self.observed(beginning.present)
        let sized = desired.withLiveSizes(observed: observed, stored: stored, at: Scaled.now)
        #expect(sized.objects[Self.web]?.slots == beginning.size)
        var memory = StoredState()
        memory.scaling = stored
        var rig = try LoopRig(desired, stored: memory)
        rig.observed(observed)
        #expect(rig.loop.desired?.objects[Self.web]?.slots == beginning.size, "the loop begins with the same")
    }

    @Test("the plan says whose number it is")
    func planText() throws {
        let rig = try rig()
        let plan = try #require(rig.loop.currentPlan())
        #expect(plan.autoscaled.map(\.live.description) == ["replicas 2 (autoscaled, bounds 1-10)"])
        #expect(plan.actions.isEmpty)
    }

    // MARK: From a measurement to members

    @Test("what is measured is asked for at once and on the interval, and more members are made")
    func scalesOut() throws {
        var rig = try rig()
        #expect(rig.measures == [[.external(Autoscaler.ExternalSource())]])
        rig.measured(.whole(4, at: rig.wall))
        #expect(rig.loop.desired?.objects[Self.web]?.slots == 4)
        #expect(rig.stepNames.filter { $0 == "create-container" }.count == 2)
        #expect(rig.loop.report(asOf: Now(wall: rig.wall)).plan?.autoscaled.first?.live.size == 4)
        #expect(rig.journal.scaled[Self.web]?.size == 4)
        #expect(rig.journal.eventTexts.contains("SuccessfulRescale: from 2 to 4: External is at 4"))
        rig.wait(.seconds(14))
        #expect(rig.measures.isEmpty)
        rig.wait(.seconds(1))
        #expect(rig.measures.count == 1)
    }

    @Test("fewer members go in spite of a window, from the highest slot on")
    func scalesIn() throws {
        var desired = Self.desired()
        desired.windows = WindowSet([try Wall.window("nights", cron: "0 2 30 6 *")])
        var rig = try rig(desired, present: 4)
        #expect(rig.loop.currentPlan()?.held.isEmpty == true)
        rig.measured(.whole(3, at: rig.wall))
        let plan = try #require(rig.loop.currentPlan())
        #expect(plan.actions.map(\.key) == [.member(MemberID(Self.web, 3))])
        #expect(plan.held.isEmpty)
        #expect(rig.looks.count == 1, "it is looked at once more before it goes")
    }

    @Test("without a measurement nothing changes, and it is said once")
    func missingMetric() throws {
        var rig = try rig()
        for _ in 0..<3 {
            rig.measured(.failed("no answer"))
            rig.wait(.seconds(15))
        }
        #expect(rig.loop.desired?.objects[Self.web]?.slots == 2)
        #expect(rig.journal.eventTexts.filter { $0.hasPrefix("FailedGetExternalMetric") }.count == 1)
        let status = try #require(rig.loop.report(asOf: Now(wall: rig.wall)).status.objects.first)
        let active = try #require(status.conditions.first { $0.type == .scalingActive })
        #expect(active.state == .fails && active.reason == "FailedGetExternalMetric")
    }

    @Test("a host that was not seen in full changes no number")
    func incompleteHost() throws {
        var rig = try LoopRig(Self.desired())
        rig.wall = Scaled.now
        var state = Self.observed(2)
        state.isComplete = false
        rig.observed(state)
        rig.measured(.whole(9, at: rig.wall))
        #expect(rig.loop.desired?.objects[Self.web]?.liveSize == nil)
        #expect(rig.journal.scaled.isEmpty)
    }

    @Test(
        "whatever is measured, the number stays within its bounds, and no member goes on missing data",
        arguments: 0..<40)
    func anyMetrics(seed: UInt64) throws {
        var random = SplitMix64(seed: seed)
        let bounds = 1...Int.random(in: 2...9, using: &random)
        var rig = try rig(Self.desired(Self.autoscaler(max: bounds.upperBound)))
        for _ in 0..<60 {
            let before = try #require(rig.loop.desired?.objects[Self.web]?.slots)
            let reading = Self.reading(at: rig.wall, &random)
            rig.measured(reading.reading)
            let size = try #require(rig.loop.desired?.objects[Self.web]?.slots)
            #expect(bounds.contains(size), "\(reading)")
            if reading.isMissing { #expect(size == before, "\(reading)") }
            #expect(rig.journal.scaled[Self.web]?.size ?? 2 == size)
            rig.wait(.seconds(15))
        }
    }

    /// Spikes, gaps, and what is no number.
    private static func reading(
        at now: Instant, _ random: inout SplitMix64
    ) -> (reading: MetricReading, isMissing: Bool) {
        switch Int.random(in: 0..<8, using: &random) {
        case 0: (.failed("no answer"), true)
        case 1: (.whole(.nan, at: now), true)
        case 2: (.whole(.infinity, at: now), true)
        case 3: (.whole(1, at: now.advanced(bySeconds: -120)), true)
        case 4: (.unsupported("no such hook"), true)
        case 5: (.whole(Double.random(in: -1e12...1e12, using: &random), at: now), false)
        default: (.whole(Double.random(in: 0...12, using: &random), at: now), false)
        }
    }

    @Test("CPU of the members themselves is what is asked about")
    func asksAboutMembers() throws {
        let rig = try rig(Self.desired(Self.autoscaler(Scaled.cpu())))
        let ids = rig.loop.informer.observed.containers.keys.sorted()
        #expect(rig.measures == [[.members(.cpu, containers: ids)]])
    }

    @Test("an answer to a question of before is passed over")
    func staleAnswer() throws {
        var rig = try rig()
        let ticket = try #require(rig.pending.first { $0.isMeasurement }?.ticket)
        var other = Self.desired(Self.autoscaler(max: 5))
        other.revision = Revision(id: "2222222", reference: "main")
        rig.tell(.desired(other))
        rig.observed(Self.observed(2))
        rig.tell(.measured(ticket, [.whole(9, at: rig.wall)]))
        #expect(rig.loop.desired?.objects[Self.web]?.slots == 2)
    }

    // MARK: Time

    @Test("a schedule moves the number on the minute, and back again")
    func schedule() throws {
        let night = Autoscaler.ScheduledBounds(
            name: "nights",
            interval: try CronInterval(
                start: try CronExpression.parse("0 20 * * *"), end: try CronExpression.parse("0 7 * * *")),
            timeZone: "UTC", min: 1, max: 1)
        let autoscaler = Self.autoscaler(min: 2) {
            $0.schedules = [night]
            $0.interval = .seconds(3_600)
        }
        var rig = try LoopRig(Self.desired(autoscaler))
        rig.wall = try Wall.at("2026-11-22T19:30:00Z")
        rig.observed(Self.observed(2))
        rig.measured(.whole(2, at: rig.wall))
        rig.wait(.seconds(1_799))
        #expect(rig.loop.desired?.objects[Self.web]?.slots == 2)
        rig.wait(.seconds(1))
        rig.measured(.whole(2, at: rig.wall))
        #expect(
            rig.loop.desired?.objects[Self.web]?.liveSize?.description
                == "replicas 1 (autoscaled, bounds 1-1 by nights)")
        rig.wait(.seconds(11 * 3_600))
        rig.measured(.whole(2, at: rig.wall))
        #expect(rig.loop.desired?.objects[Self.web]?.slots == 2)
    }

    @Test("an autoscaler that git takes away leaves the number to git and remembers nothing")
    func takenAway() throws {
        var rig = try rig()
        rig.measured(.whole(4, at: rig.wall))
        var other = Self.desired(nil)
        other.revision = Revision(id: "2222222", reference: "main")
        rig.tell(.desired(other))
        rig.observed(Self.observed(4))
        #expect(rig.loop.desired?.objects[Self.web]?.slots == 2)
        #expect(rig.journal.commits.joined().contains(.forgetScaling(Self.web)))
    }

    @Test("a single run keeps the number of before and measures nothing")
    func singleRun() throws {
        var memory = StoredState()
        memory.scaling = [Self.web: ScalingState(size: 3)]
        var rig = try LoopRig(Self.desired(), stored: memory, mode: .untilSettled)
        rig.observed(Self.observed(3))
        #expect(rig.measures.isEmpty)
        #expect(rig.loop.currentPlan()?.actions.isEmpty == true)
    }

    // MARK: Hosts

    @Test("a number of hosts is told to the provider until it has heard")
    func hostPool() throws {
        var pool = Declared.pool()
        pool.spec.provider = "cloud"
        var desired = Declared.state(Declared.workload(), pools: [pool])
        desired.autoscalers = [Self.autoscaler(target: pool.id, min: 2, max: 6)]
        var rig = try LoopRig(desired)
        rig.wall = Scaled.now
        rig.observed(Self.observed(1))
        rig.measured(.whole(4, at: rig.wall))
        #expect(rig.orders.map(\.desired) == [4])
        rig.ordered("no quota")
        #expect(rig.loop.report(asOf: Now(wall: rig.wall)).autoscalers.first?.problem == "no quota")
        rig.wait(.seconds(15))
        rig.measured(.whole(4, at: rig.wall))
        #expect(rig.orders.map(\.desired) == [4], "it is told again")
        rig.ordered("no quota, request 4711")
        #expect(rig.journal.eventTexts.filter { $0.hasPrefix("FailedUpdateScale") } == ["FailedUpdateScale: no quota"])
        rig.wait(.seconds(15))
        rig.measured(.whole(4, at: rig.wall))
        rig.ordered(nil)
        rig.wait(.seconds(15))
        rig.measured(.whole(4, at: rig.wall))
        #expect(rig.orders.isEmpty, "once it has heard, nobody says it again")
        let report = try #require(rig.loop.report(asOf: Now(wall: rig.wall)).autoscalers.first)
        #expect(report.size == 4 && report.problem == nil)
    }
}
