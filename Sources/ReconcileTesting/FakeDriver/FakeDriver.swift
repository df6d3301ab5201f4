package import Reconciler
package import Specs

/// `FakeEngine` behind the protocol of real drivers, for code that runs side by side.
///
/// Faults and edits behind our back are asked for by the test, in the extensions of this type.
package actor FakeDriver: Driver {
    var engine: FakeEngine
    /// Whether a probe's command succeeds; nil leaves it to the command itself.
    private var probeOutcome: (@Sendable (ContainerReference, HealthCheck) -> Bool)?

    package var counters = Counters()
    /// Every step that was asked for, refused ones as well.
    package var steps: [Step] = []
    var faults: [PlannedFault] = []
    var observationFaults: [ObservationFault] = []
    var latency: (@Sendable (Step?) async -> Void)?
    var listeners: [Int: Listener] = [:]
    /// Whoever hears of the packet filter, and what it was last compared with.
    var filterListener: AsyncStream<FirewallFacts>.Continuation?
    var filterIntent: FirewallIntent?

    package struct Counters: Hashable, Sendable {
        /// Calls of every kind.
        package var calls = 0
        /// Whole observations.
        package var observations = 0
        /// Single containers that were looked at.
        package var inspections = 0
        /// Steps, refused ones as well.
        package var writes = 0
    }

    package init(
        facts: EngineFacts = EngineFacts(apiVersion: "1.41", version: "fake", cpus: 4, memory: 8 << 30),
        images: [String] = [], registry: [String] = []
    ) {
        engine = FakeEngine(facts: facts, images: images, registry: registry)
    }

    // MARK: What is there

    package var facts: EngineFacts { engine.facts }
    package var containers: [String: FakeContainer] { engine.containers }
    package var networks: [String: FakeNetwork] { engine.networks }
    package var volumes: [String: [String: String]] { engine.volumes }
    package var images: [String: ObservedImage] { engine.images }
    package var registry: [String: ObservedImage] { engine.registry }
    package var isEngineUp: Bool { engine.isUp }

    package func setProbeOutcome(_ outcome: @escaping @Sendable (ContainerReference, HealthCheck) -> Bool) {
        probeOutcome = outcome
    }

    // MARK: The driver

    package func observe(_ interest: Interest) async throws(DriverError) -> ObservedState {
        counters.calls += 1
        counters.observations += 1
        if let intent = interest.firewall { filterIntent = intent }
        await latency?(nil)
        // Also while the engine is away: then the fault is used up unseen.
        let fault = engine.isUp && !observationFaults.isEmpty ? observationFaults.removeFirst() : nil
        switch fault {
        case nil: return try engine.observe(interest)
        case .refuse(let error): throw error
        case .incomplete:
            // As when one inspect fails: what could not be read is left out.
            let ours = engine.containers.values.filter { $0.observed(by: interest.owner) != nil }
            var state = try engine.observe(interest, unreadable: Set(ours.map(\.id).min().map { [$0] } ?? []))
            state.isComplete = false
            return state
        }
    }

    package func observe(container id: String, owner: String) async throws(DriverError) -> ObservedContainer? {
        counters.calls += 1
        counters.inspections += 1
        await latency?(nil)
        return try engine.observe(container: id, owner: owner)
    }

    package func preflight() async -> PreflightFacts? { engine.preflight }

    package func apply(_ step: Step) async throws(DriverError) -> StepResult {
        counters.calls += 1
        counters.writes += 1
        steps.append(step)
        await latency?(step)
        switch engine.isUp ? takeFault(for: step) : nil {
        case .refuse(let error): throw error
        case .loseRequest: throw Self.lostReply
        case .loseReply:
            // Whatever it answered, nobody heard it.
            _ = try? carryOut(step)
            throw Self.lostReply
        case nil: return try carryOut(step)
        }
    }

    package func bind(_ binding: ClaimBinding) async throws(DriverError) -> BindingOutcome {
        counters.calls += 1
        await latency?(nil)
        defer { publishEvents() }
        return try engine.bind(binding)
    }

    package func run(_ hook: WarmPool.Hook, in container: ContainerReference) async throws(DriverError) -> String? {
        counters.calls += 1
        await latency?(nil)
        return try engine.run(hook, in: container)
    }

    package func changes(owner: String) async throws(DriverError) -> AsyncStream<ChangeHint> {
        counters.calls += 1
        guard engine.isUp else {
            throw DriverError(.transient, .engineUnreachable, "the engine cannot be reached", at: "GET /events")
        }
        return listen(owner: owner)
    }

    private func carryOut(_ step: Step) throws(DriverError) -> StepResult {
        defer { publishEvents() }
        guard case .probe(let container, let check) = step, let probeOutcome else { return try engine.apply(step) }
        return try engine.apply(step, probeSucceeds: probeOutcome(container, check))
    }

    private static let lostReply = DriverError(
        .unknown, .engineUnreachable, "the connection broke before the answer", at: "a step")
}
