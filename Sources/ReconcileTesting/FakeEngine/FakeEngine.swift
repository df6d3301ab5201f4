package import Reconciler
package import Specs

/// A Docker engine in memory, as a plain value: the same observable behaviour as the real driver, refusals included.
///
/// It has no clock, no dice and no threads: the same calls give the same answers, ids and order. `FakeDriver` serves it
/// to concurrent code and to the driver conformance suite; the simulator calls it directly, some hundred thousand
/// times a second.
package struct FakeEngine: Sendable {
    package var facts: EngineFacts
    package internal(set) var containers: [String: FakeContainer] = [:]
    package internal(set) var networks: [String: FakeNetwork] = [:] { didSet { picture = nil } }
    /// Labels by name.
    package internal(set) var volumes: [String: [String: String]] = [:] { didSet { picture = nil } }
    /// Images on the host, by reference.
    package internal(set) var images: [String: ObservedImage]
    /// Images that can be pulled, by reference.
    package internal(set) var registry: [String: ObservedImage]
    /// Paths of the host that bind mounts do not find.
    package var missingPaths: Set<String> = []
    /// What new containers are not confined by although it is asked for.
    package var ignoredControls: Set<Control> = []
    /// While false, every call fails as if nobody listened on the socket.
    package var isUp = true
    /// While true, whatever needs room on the disk fails: pulls, creates and starts.
    package var isDiskFull = false
    /// What the machine looks like where the engine keeps its data, when there is room.
    package var machine = PreflightFacts()
    /// The packet filter beside the engine, with the rules of some bridges.
    package var filter = FakeFilter()
    /// What its clock shows, for whoever asks when runs of tasks began and ended; nil for everything else, and where
    /// nobody has set it.
    package var clock: Instant?
    /// Events since they were last taken away, oldest first.
    package internal(set) var events: [Event] = []
    /// What was changed since it was last taken away, oldest first; only kept where somebody wants it.
    package internal(set) var changes: [Change] = []
    private let recordsChanges: Bool
    /// What the last one who looked would see now: looking is most of what a simulator does.
    private var picture: (owner: String, state: ObservedState)?
    private var lastNumber = 0
    private var lastStart = 0

    /// Something happened to a container that carries the mark of this owner.
    package struct Event: Hashable, Sendable {
        package var owner: String
        package var hint: ChangeHint
    }

    /// A thing that is not as it was.
    package enum Change: Hashable, Sendable {
        case container(id: String)
        case network(name: String)
        case volume(name: String)
        case image(reference: String)
    }

    package init(
        facts: EngineFacts = EngineFacts(apiVersion: "1.41", version: "fake", cpus: 4, memory: 8 << 30),
        images: [String] = [], registry: [String] = [], recordingChanges: Bool = false
    ) {
        self.facts = facts
        self.images = Self.catalogue(images)
        self.registry = Self.catalogue(registry)
        recordsChanges = recordingChanges
        if facts.start.isEmpty { self.facts.start = nextStart() }
    }

    private static func catalogue(_ references: [String]) -> [String: ObservedImage] {
        Dictionary(references.map { ($0, ObservedImage(id: "sha256:" + $0)) }) { first, _ in first }
    }

    // MARK: Reading

    /// One full observation.
    ///
    /// - Parameters:
    ///   - unlisted: containers that the list does not show, because it is behind; nobody notices that they are left out.
    ///   - unreadable: containers whose inspect fails; they are left out, and the result says that it is incomplete.
    package mutating func observe(
        _ interest: Interest, unlisted: Set<String> = [], unreadable: Set<String> = []
    ) throws(DriverError) -> ObservedState {
        try requireUp("GET /containers/json")
        if picture?.owner != interest.owner { picture = (interest.owner, paint(for: interest.owner)) }
        var state = picture?.state ?? ObservedState()
        state.engine = facts
        for container in containers.values where unlisted.contains(container.id) { state.forget(container) }
        for id in unreadable {
            guard state.containers[id] != nil else { continue }
            state.record(nil, id: id)
            state.isComplete = false
        }
        state.preflight = preflight
        state.firewall = filter.facts(for: interest.firewall)
        for reference in interest.images { state.images[reference] = images[reference] }
        return state
    }

    private func paint(for owner: String) -> ObservedState {
        var state = ObservedState()
        for container in containers.values { state.take(container, owner: owner) }
        state.networks = ObservedNetworks(networks.mapValues { $0.observed(by: owner) })
        for name in volumes.keys { state.volumes[name] = observedVolume(name, owner: owner) }
        return state
    }

    /// One container by inspect; nil when it is gone or carries no mark of this owner.
    package func observe(container id: String, owner: String) throws(DriverError) -> ObservedContainer? {
        try requireUp("GET /containers/\(id)/json")
        return containers[id]?.observed(by: owner)
    }

    /// What decides whether a step that takes something away could be finished.
    package var preflight: PreflightFacts {
        var facts = machine
        if isDiskFull { facts.dataFree = facts.dataFree.map { _ in 0 } }
        return facts
    }

    // MARK: Writing

    /// Carries out one step.
    ///
    /// - Parameter probeSucceeds: the outcome of a probe; nil for what its command says, see `HealthCheck.fails`.
    package mutating func apply(_ step: Step, probeSucceeds: Bool? = nil) throws(DriverError) -> StepResult {
        try requireUp("a step")
        return switch step {
        case .pullImage(let reference): try pull(reference)
        case .createNetwork(let intent): try createNetwork(intent)
        case .removeNetwork(let name, let id, let owner): try removeNetwork(name: name, id: id, owner: owner)
        case .createVolume(let name, let mark): createVolume(name: name, mark: mark)
        case .createContainer(let intent): try create(intent)
        case .start(let container): try start(container)
        case .probe(let container, let check): try probe(container, succeeds: probeSucceeds ?? !check.fails)
        case .update(let container, let settings): try update(container, settings)
        case .pause(let container): try pause(container)
        case .unpause(let container): unpause(container)
        case .rename(let container, let name): try rename(container, to: name)
        case .stop(let container, _): try stop(container)
        case .remove(let container): try remove(container)
        case .applyFirewall(let intent): apply(intent)
        }
    }

    func requireUp(_ place: String) throws(DriverError) {
        if !isUp { throw DriverError(.transient, .engineUnreachable, "the engine cannot be reached", at: place) }
    }

    func requireSpace(_ place: String) throws(DriverError) {
        if isDiskFull { throw DriverError(.transient, .noSpace, "no space left on device", at: place) }
    }

    // MARK: What happened

    package mutating func takeEvents() -> [Event] {
        defer { events.removeAll(keepingCapacity: true) }
        return events
    }

    package mutating func takeChanges() -> [Change] {
        defer { changes.removeAll(keepingCapacity: true) }
        return changes
    }

    mutating func note(_ change: Change) {
        if recordsChanges { changes.append(change) }
    }

    /// Puts a container back, and says what happened to it.
    mutating func save(_ container: FakeContainer, _ events: String...) {
        if let old = containers.updateValue(container, forKey: container.id), old.name != container.name {
            picture?.state.forget(old)
        }
        if let owner = picture?.owner { picture?.state.take(container, owner: owner) }
        note(.container(id: container.id))
        for event in events { emit(event, container) }
    }

    mutating func drop(_ container: FakeContainer) {
        containers[container.id] = nil
        picture?.state.forget(container)
        note(.container(id: container.id))
        emit("destroy", container)
    }

    private mutating func emit(_ event: String, _ container: FakeContainer) {
        guard let owner = container.mark?.owner else { return }
        events.append(Event(owner: owner, hint: ChangeHint(containerID: container.id, event: event)))
    }

    // MARK: Numbers

    /// 64 hex digits, like Docker's, counting up.
    mutating func nextID() -> String {
        lastNumber += 1
        let digits = String(lastNumber, radix: 16)
        return String(repeating: "0", count: 64 - digits.count) + digits
    }

    /// An address like Docker's, of a range that is nobody's.
    func nextAddress() -> String { "198.18.\(lastNumber / 250 % 256).\(lastNumber % 250 + 2)" }

    /// A time like Docker's; each one is later than the last.
    mutating func nextStart(of container: FakeContainer? = nil) -> String {
        lastStart += 1
        let digits = String(lastStart)
        let isTimed = container?.mark?.object.kind == .scheduledTask
        let second = (isTimed ? clock : nil).map { String("\($0)".dropLast()) } ?? "2024-01-01T00:00:00"
        return second + "." + String(repeating: "0", count: max(0, 9 - digits.count)) + digits + "Z"
    }
}

extension ObservedState {
    /// Shows a container as its inspect does now.
    fileprivate mutating func take(_ container: FakeContainer, owner: String) {
        if let ours = container.observed(by: owner) {
            record(ours, id: ours.id)
        } else {
            foreignNames[container.name] = container.id
        }
    }

    /// Shows a container no more, neither as ours nor by its name.
    fileprivate mutating func forget(_ container: FakeContainer) {
        record(nil, id: container.id)
        if foreignNames[container.name] == container.id { foreignNames[container.name] = nil }
    }
}

extension HealthCheck {
    /// The program `false` fails, everything else succeeds.
    fileprivate var fails: Bool { command.first?.split(separator: "/").last == "false" }
}
