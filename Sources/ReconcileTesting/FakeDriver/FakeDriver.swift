package import Reconciler
package import Specs

/// A Docker engine in memory: the same observable behaviour as the real driver, refusals included.
///
/// It has no clock and no dice: the same calls give the same answers, ids and order. Faults and edits behind our back
/// are asked for by the test, in the extensions of this type.
package actor FakeDriver: Driver {
    package var facts: EngineFacts
    package var containers: [String: FakeContainer] = [:]
    package var networks: [String: FakeNetwork] = [:]
    /// Labels by name.
    package var volumes: [String: [String: String]] = [:]
    /// Images on the host, by reference.
    package var images: [String: ObservedImage]
    /// Images that can be pulled, by reference.
    package var registry: [String: ObservedImage]
    /// Paths of the host that bind mounts do not find.
    package var missingPaths: Set<String> = []
    /// Whether a probe's command succeeds. `false` fails, everything else succeeds, unless a test says otherwise.
    package var probeOutcome: @Sendable (ContainerReference, HealthCheck) -> Bool = { _, check in
        check.command.first?.split(separator: "/").last != "false"
    }

    package var counters = Counters()
    /// Every step that was asked for, refused ones as well.
    package var steps: [Step] = []
    var faults: [PlannedFault] = []
    var observationFaults: [ObservationFault] = []
    var latency: (@Sendable (Step?) async -> Void)?
    /// While false, every call fails as if nobody listened on the socket.
    package var isEngineUp = true
    var listeners: [Int: Listener] = [:]
    private var lastNumber = 0
    private var lastStart = 0

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
        self.facts = facts
        self.images = Self.catalogue(images)
        self.registry = Self.catalogue(registry)
    }

    private static func catalogue(_ references: [String]) -> [String: ObservedImage] {
        Dictionary(references.map { ($0, ObservedImage(id: "sha256:" + $0)) }) { first, _ in first }
    }

    package func observe(_ interest: Interest) async throws(DriverError) -> ObservedState {
        counters.calls += 1
        counters.observations += 1
        await latency?(nil)
        try requireEngine("GET /containers/json")
        var state = ObservedState(engine: facts)
        if let fault = observationFaults.first {
            observationFaults.removeFirst()
            switch fault {
            case .refuse(let error): throw error
            case .incomplete: state.isComplete = false
            }
        }
        for container in containers.values {
            if let ours = container.observed(by: interest.owner) {
                state.record(ours, id: ours.id)
            } else {
                state.foreignNames[container.name] = container.id
            }
        }
        // As when one inspect fails: what could not be read is left out.
        if !state.isComplete, let unread = state.containers.keys.min() { state.record(nil, id: unread) }
        state.networks = ObservedNetworks(networks.mapValues { $0.observed(by: interest.owner) })
        for name in volumes.keys { state.volumes[name] = observedVolume(name, owner: interest.owner) }
        state.images = images.filter { interest.images.contains($0.key) }
        return state
    }

    package func observe(container id: String, owner: String) async throws(DriverError) -> ObservedContainer? {
        counters.calls += 1
        counters.inspections += 1
        await latency?(nil)
        try requireEngine("GET /containers/\(id)/json")
        return containers[id]?.observed(by: owner)
    }

    package func preflight() async -> PreflightFacts? { nil }

    package func apply(_ step: Step) async throws(DriverError) -> StepResult {
        counters.calls += 1
        counters.writes += 1
        steps.append(step)
        await latency?(step)
        try requireEngine("a step")
        switch takeFault(for: step) {
        case .refuse(let error): throw error
        case .loseRequest: throw Self.lostReply
        case .loseReply:
            // Whatever it answered, nobody heard it.
            _ = try? carryOut(step)
            throw Self.lostReply
        case nil: return try carryOut(step)
        }
    }

    package func changes(owner: String) async throws(DriverError) -> AsyncStream<ChangeHint> {
        counters.calls += 1
        try requireEngine("GET /events")
        return listen(owner: owner)
    }

    private func carryOut(_ step: Step) throws(DriverError) -> StepResult {
        switch step {
        case .pullImage(let reference): try pull(reference)
        case .createNetwork(let intent): try createNetwork(intent)
        case .removeNetwork(let name, let id, let owner): try removeNetwork(name: name, id: id, owner: owner)
        case .createVolume(let name, let mark): createVolume(name: name, mark: mark)
        case .createContainer(let intent): try create(intent)
        case .start(let container): try start(container)
        case .probe(let container, let check): try probe(container, check)
        case .update(let container, let settings): try update(container, settings)
        case .unpause(let container): unpause(container)
        case .rename(let container, let name): try rename(container, to: name)
        case .stop(let container, _): try stop(container)
        case .remove(let container): try remove(container)
        }
    }

    private func requireEngine(_ place: String) throws(DriverError) {
        if !isEngineUp {
            throw DriverError(.transient, .engineUnreachable, "the engine cannot be reached", at: place)
        }
    }

    /// 64 hex digits, like Docker's, counting up.
    func nextID() -> String {
        lastNumber += 1
        let digits = String(lastNumber, radix: 16)
        return String(repeating: "0", count: 64 - digits.count) + digits
    }

    /// A time like Docker's; each one is later than the last.
    func nextStart() -> String {
        lastStart += 1
        let digits = String(lastStart)
        return "2024-01-01T00:00:00." + String(repeating: "0", count: max(0, 9 - digits.count)) + digits + "Z"
    }

    private static let lostReply = DriverError(
        .unknown, .engineUnreachable, "the connection broke before the answer", at: "a step")
}
