import Logging
import ReconcileTesting
import Reconciler
import Specs
import Testing

/// A controller with an engine in memory, with intervals short enough for tests.
struct Rig {
    let engine: FakeDriver
    let store: InMemoryStateStore
    let controller: Controller

    static let quick = ControllerSettings(
        concurrency: 4, resyncInterval: .milliseconds(50), observationRetry: .milliseconds(2),
        probeInterval: .milliseconds(2),
        longestProbeInterval: .milliseconds(20), failuresBeforeStall: 4, minReadyTime: .zero,
        backoff: .init(base: .milliseconds(1), max: .milliseconds(20), rate: 1e6, burst: 1 << 20))

    /// Only events and own steps make this one look.
    static let withoutResync = {
        var settings = quick
        settings.resyncInterval = .seconds(3_600)
        return settings
    }()

    /// - Parameter wrap: what stands between the controller and the engine.
    init(
        images: [String] = ["web:1", "web:2", "agent:1"], settings: ControllerSettings = Rig.quick,
        engine: FakeDriver? = nil, store: InMemoryStateStore = InMemoryStateStore(),
        wrap: (FakeDriver) -> any Driver = { $0 }
    ) {
        self.engine = engine ?? FakeDriver(images: images, registry: images)
        self.store = store
        controller = Controller(
            driver: wrap(self.engine), store: store, host: Declared.host, settings: settings,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, seed: 1)
    }

    /// Puts the state in force and works until nothing more can be done.
    @discardableResult
    func settle(_ desired: DesiredState) async throws -> HostStatus {
        await controller.setDesired(desired)
        try await controller.run(.untilSettled)
        return await controller.status()
    }

    /// Runs the controller as the daemon does for as long as the body takes.
    func running(_ desired: DesiredState? = nil, _ body: () async throws -> Void) async throws {
        let controller = controller
        if let desired { await controller.setDesired(desired) }
        let run = Task { try await controller.run(.forever) }
        do {
            try await body()
        } catch {
            run.cancel()
            throw error
        }
        run.cancel()
        try await run.value
    }

    var isConverged: Bool { get async { await controller.status().isConverged } }

    /// Waits until everything is as git says.
    func converge(sourceLocation: SourceLocation = #_sourceLocation) async {
        let converged = await eventually { await isConverged }
        let objects = await controller.status().objects
        #expect(converged, "\(objects)", sourceLocation: sourceLocation)
    }

    func steps(named name: String) async -> [Step] { await engine.steps.filter { $0.name == name } }

    /// The names of our containers that run, sorted.
    var runningNames: [String] {
        get async { await engine.containers.values.filter { $0.status == .running }.map(\.name).sorted() }
    }

    func id(of name: String, sourceLocation: SourceLocation = #_sourceLocation) async throws -> String {
        try #require(await engine.containers.values.first { $0.name == name }?.id, sourceLocation: sourceLocation)
    }
}

/// An engine with a will of its own: some steps are answered by a closure instead.
struct WillfulDriver: ForwardingDriver {
    let engine: FakeDriver
    /// Answers a step itself, or leaves it to the engine.
    let answer: @Sendable (Step, FakeDriver) async throws(DriverError) -> StepResult?
    /// Runs after a full observation was made and before it is handed over.
    var handOver: @Sendable (ObservedState) async -> Void = { _ in }

    func observe(_ interest: Interest) async throws(DriverError) -> ObservedState {
        let state = try await engine.observe(interest)
        await handOver(state)
        return state
    }

    func apply(_ step: Step) async throws(DriverError) -> StepResult {
        if let result = try await answer(step, engine) { return result }
        return try await engine.apply(step)
    }
}

extension HostStatus {
    /// The reason of the first object's stall.
    var stall: String? {
        objects.flatMap(\.conditions).first { $0.type == .stalled && $0.status }?.reason
    }
}
