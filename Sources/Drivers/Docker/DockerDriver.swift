package import Logging
package import Reconciler
import Specs

/// Changes a host through its Docker engine, one idempotent step at a time.
///
/// Nothing that carries no mark of the step's owner is ever changed; before it stops or removes something, the driver
/// looks at the mark once more.
package struct DockerDriver<Transport: WritingDockerTransport>: Driver {
    let client: DockerClient<Transport>
    let observer: DockerObserver<Transport>
    let credentials: RegistryCredentials
    let pulls = SharedPulls()
    /// Hears how far pulls are; nil where nobody looks.
    let pullBoard: PullBoard?
    let openProbes = OpenProbes()
    let log: Logger

    package init(
        _ client: DockerClient<Transport>, credentials: RegistryCredentials = RegistryCredentials(path: nil),
        preflight: LocalPreflight? = nil, kernel: KernelReader? = nil, members: MemberFolders? = nil,
        pullBoard: PullBoard? = nil, log: Logger = Logger(label: "reconcile.docker")
    ) {
        self.client = client
        observer = DockerObserver(client, preflight: preflight, kernel: kernel, members: members)
        self.credentials = credentials
        self.pullBoard = pullBoard
        self.log = log
    }

    package func observe(_ interest: Interest) async throws(DriverError) -> ObservedState {
        try await observer.observe(interest)
    }

    package func observe(container id: String, owner: String) async throws(DriverError) -> ObservedContainer? {
        try await observer.observe(container: id, owner: owner)
    }

    package func preflight() async -> PreflightFacts? { await observer.preflight() }

    /// How full the engine's disk is, in percent, without asking the engine; nil before it was observed.
    package var usedDisk: Double? { observer.usedDisk }

    package func apply(_ step: Step) async throws(DriverError) -> StepResult {
        switch step {
        case .pullImage(let reference): try await pull(reference)
        case .createNetwork(let intent): try await createNetwork(intent)
        case .removeNetwork(let name, let id, let owner): try await removeNetwork(name: name, id: id, owner: owner)
        case .createVolume(let name, let mark): try await createVolume(name: name, mark: mark)
        case .createContainer(let intent): try await create(intent)
        case .start(let container): try await start(container)
        case .probe(let container, let check): try await probe(container, check)
        case .update(let container, let settings): try await update(container, settings)
        case .pause(let container): try await pause(container)
        case .unpause(let container): try await unpause(container)
        case .rename(let container, let name): try await rename(container, to: name)
        case .stop(let container, let timeout): try await stop(container, timeout: timeout)
        case .remove(let container): try await remove(container)
        case .applyFirewall:
            throw DriverError(
                .terminal, .badRequest, "an engine has no say in the packet filter", at: "apply-firewall")
        }
    }

    package func changes(owner: String) async throws(DriverError) -> AsyncStream<ChangeHint> {
        let events = try await client.containerEvents(label: "\(OwnershipMark.filterLabel)=\(owner)")
        return AsyncStream(bufferingPolicy: .bufferingNewest(4096)) { continuation in
            let watch = observer.kernel.map { kernel in Task { await kernel.watch { continuation.yield($0) } } }
            let reader = Task {
                for await event in events {
                    if let hint = ChangeHint(event) { continuation.yield(hint) }
                }
                continuation.finish()
            }
            continuation.onTermination = { _ in
                watch?.cancel()
                reader.cancel()
            }
        }
    }
}

extension ChangeHint {
    private static let interesting: Set<String> = [
        "create", "start", "restart", "die", "stop", "kill", "oom", "pause", "unpause", "update", "rename", "destroy",
        "health_status",
    ]

    /// nil for events that change nothing, such as the many of our own probes (`exec_start` and so on).
    init?(_ event: EngineEvent) {
        guard event.type == "container", let id = event.actor?.id, let action = event.action else { return nil }
        // `health_status: healthy`
        let name = String(action.prefix { $0 != ":" })
        guard Self.interesting.contains(name) else { return nil }
        self.init(containerID: id, event: name)
    }
}
