import Logging
import ReconcileTesting
import Reconciler
import Specs
import Synchronization

/// How soon a pool grows: from the claim that crosses the threshold of its autoscaler to the first call that makes a member.
///
/// On an engine and a journal in memory: what is measured is the controller, whose commits cost about 0.1 ms each on a disk.
struct ReactionMeasurement {
    let rounds: Int

    private static let pool = ResourceID(.warmPool, "agents")

    func measure(into report: inout Report) async throws {
        var samples: [Double] = []
        for _ in 0..<rounds { samples.append(try await round()) }
        let all = Samples(samples)
        report.add("a pool grows: claim over the threshold to the first create", milliseconds: all, below: 100)
        progress("scale reaction: \(all.median.text(2)) ms")
    }

    private func round() async throws -> Double {
        let watch = CreationWatch()
        let engine = FakeDriver(images: ["agent:1"], registry: ["agent:1"])
        let controller = Controller(
            driver: WatchedDriver(engine: engine, watch: watch), store: InMemoryStateStore(), host: Declared.host,
            logger: Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }, seed: 1)
        await controller.setDesired(Self.desired())
        let run = Task { try await controller.run(.forever) }
        defer { run.cancel() }
        try await Self.until { await controller.report().pools.first?.ready == 4 }
        for number in 0..<2 { try await claim(number, controller) }
        let claimed = ContinuousClock.now
        watch.arm()
        try await claim(2, controller)
        try await Self.until { watch.first != nil }
        return (watch.first.map { claimed.duration(to: $0) } ?? .zero).milliseconds
    }

    private func claim(_ number: Int, _ controller: Controller) async throws {
        let request = ClaimRequest(pool: Self.pool, holder: "holder-\(number)", wait: .zero, idempotencyKey: nil)
        _ = try await controller.claim(request, by: "bench")
    }

    private static func until(_ condition: () async -> Bool) async throws {
        let end = ContinuousClock.now + .seconds(30)
        while await !condition() {
            if ContinuousClock.now > end { throw BenchError("the pool did not come to what it should be") }
            try await Task.sleep(for: .milliseconds(1))
        }
    }

    /// Four members, and two more when more than 70 % of them are claimed.
    private static func desired() -> DesiredState {
        var resource = Declared.warmPool("agents", size: 4)
        resource.spec.size = nil
        var state = Declared.state(warmPools: [resource])
        var metric = Autoscaler.Metric(type: .poolUtilization)
        (metric.strategy, metric.above, metric.step) = (.threshold, .percent(Percentage(70)), 2)
        state.autoscalers = [
            Resource(
                id: ResourceID(.autoscaler, "agents"),
                spec: Autoscaler(target: pool, min: 4, max: 8, metrics: [metric]),
                origin: SourcePosition(file: "pool.yaml", line: 1, column: 1))
        ]
        return state
    }
}

/// When the first member was asked for since it was armed.
private final class CreationWatch: Sendable {
    private struct State {
        var isArmed = false
        var first: ContinuousClock.Instant?
    }

    private let state = Mutex(State())

    var first: ContinuousClock.Instant? { state.withLock { $0.first } }

    func arm() { state.withLock { $0 = State(isArmed: true) } }

    func created() {
        state.withLock { state in
            if state.isArmed, state.first == nil { state.first = .now }
        }
    }
}

private struct WatchedDriver: ForwardingDriver {
    let engine: FakeDriver
    let watch: CreationWatch

    func apply(_ step: Step) async throws(DriverError) -> StepResult {
        if case .createContainer = step { watch.created() }
        return try await engine.apply(step)
    }
}
