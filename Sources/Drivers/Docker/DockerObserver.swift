package import Reconciler
import Specs
import Synchronization

/// Reads a host through its Docker engine, over any transport.
package struct DockerObserver<Transport: DockerTransport>: HostObserver {
    package let client: DockerClient<Transport>

    /// How many inspects are under way at once: enough to keep the engine busy, few enough to leave it room.
    private static var concurrency: Int { 16 }

    /// Looks at the machine of the engine; nil where it is another one, or nobody asks.
    private let machine: LocalPreflight?
    /// Reads the limits that really hold; nil where nobody asks.
    package let kernel: KernelReader?
    /// The folders of members of pools; nil where nobody asks.
    let members: MemberFolders?
    let processes = MemberProcesses()
    private let lastDataRoot = LastDataRoot()

    package init(
        _ client: DockerClient<Transport>, preflight: LocalPreflight? = nil, kernel: KernelReader? = nil,
        members: MemberFolders? = nil
    ) {
        self.client = client
        machine = preflight
        self.kernel = kernel
        self.members = members
    }

    package func observe(_ interest: Interest) async throws(DriverError) -> ObservedState {
        let before = client.transport.socket
        let facts = try await client.engineFacts()
        lastDataRoot.note(facts.dataRoot)
        async let containers = Result { () async throws(DriverError) in try await readContainers(interest) }
        async let networks = Result { () async throws(DriverError) in try await client.networks() }
        async let volumes = Result { () async throws(DriverError) in try await client.volumes() }
        async let images = readImages(interest.images)
        async let preflight = machine?.facts(dataRoot: facts.dataRoot)

        var state = ObservedState(engine: facts)
        let read = try await containers.get()
        for container in read.ours { state.record(container, id: container.id) }
        state.foreignNames = read.foreignNames
        let allNetworks = try await networks.get()
        state.engine.start = engineStart(allNetworks)
        for network in allNetworks {
            state.networks[network.name] = ObservedNetwork(network, owner: interest.owner)
        }
        for volume in try await volumes.get() {
            state.volumes[volume.name] = ObservedVolume(volume, owner: interest.owner)
        }
        let (found, allImagesRead) = await images
        state.images = found
        // What two runs of the engine said is no picture of either.
        state.isComplete = read.isComplete && allImagesRead && client.transport.socket == before
        state.preflight = await preflight ?? PreflightFacts()
        return state
    }

    package func observe(container id: String, owner: String) async throws(DriverError) -> ObservedContainer? {
        guard let details = try await client.container(id), details.id == id else { return nil }
        return try observed(details, owner: owner)
    }

    /// - Returns: nil when there is none of exactly this name, or it is not ours.
    private func observe(named name: String, owner: String) async throws(DriverError) -> ObservedContainer? {
        guard let details = try await client.container(name), details.name == "/" + name else { return nil }
        return try observed(details, owner: owner)
    }

    /// What inspect shows, with the kernel's word on its limits and on what confines it.
    private func observed(_ details: ContainerDetails, owner: String) throws(DriverError) -> ObservedContainer? {
        guard var container = try ObservedContainer(details, owner: owner) else { return nil }
        kernel?.complete(&container, from: details, on: engine)
        container.confinement = details.confinement(on: engine)
        container.link = details.link(on: engine)
        if container.mark.object.kind == .warmPool, let members {
            processes.note(details)
            container.hasClaimFolder = hasClaimFolder(container, members)
        }
        return container
    }

    private var engine: EngineProcess? { machine?.engine(behind: client.transport.socket) }

    /// Both folders, and the one that the container has before it is the one that we would write to.
    private func hasClaimFolder(_ container: ObservedContainer, _ members: MemberFolders) -> Bool {
        guard let folder = members.identity(container.name) else { return false }
        return sight(of: container.id, folder) != .otherFolder
    }

    /// What /proc shows of a member that inspect has named the process of.
    func sight(of container: String, _ folder: FolderIdentity) -> MemberSight {
        guard let pid = processes[container] else { return .hidden }
        return MemberSight(pid: pid, container: container, folder: folder, engine: engine)
    }

    /// How full the disk is now, and whether Docker's chains were there a second ago at most.
    package func preflight() async -> PreflightFacts? {
        guard let machine else { return nil }
        // Where its data is, the engine says with every full look: counting its containers for the answer costs it
        // milliseconds, of every step. Without an answer nothing is known.
        if let dataRoot = lastDataRoot.path {
            return await machine.facts(dataRoot: dataRoot, chainsWithin: .seconds(1))
        }
        guard let facts = try? await client.engineFacts() else { return nil }
        return await machine.facts(dataRoot: facts.dataRoot, chainsWithin: .seconds(1))
    }

    /// How full the engine's disk is, in percent, where its data was when it was last observed: the engine is not asked. nil
    /// before that, and where the disk is out of sight.
    package var usedDisk: Double? {
        guard let machine, let dataRoot = lastDataRoot.path else { return nil }
        return machine.space(at: dataRoot, of: engine)?.usedDisk
    }

    /// The socket, and the id of Docker's own bridge: the engine makes either anew when it starts, the socket unless
    /// systemd made it, and the bridge unless containers run on through a restart (live-restore).
    private func engineStart(_ networks: [NetworkDetails]) -> String {
        let bridge = networks.first { $0.name == "bridge" }?.id.prefix(12)
        return [client.transport.socket?.description, bridge.map { String($0) }].compactMap(\.self)
            .joined(separator: " ")
    }

    private struct Containers: Sendable {
        var ours: [ObservedContainer] = []
        var foreignNames: [String: String] = [:]
        var isComplete = true
    }

    /// The list says whose a container is, which cannot change; everything else comes from its inspect. What was known
    /// and is not listed is inspected as well: a list may be behind.
    private func readContainers(_ interest: Interest) async throws(DriverError) -> Containers {
        let owner = interest.owner
        var result = Containers()
        var ids: [String] = []
        var names = interest.names
        for summary in try await client.containers() {
            names.subtract(summary.ownNames)
            let mark = OwnershipMark(labels: summary.labels ?? [:])
            if let mark, mark.owner == owner, mark.member != nil {
                ids.append(summary.id)
            } else {
                for name in summary.ownNames { result.foreignNames[name] = summary.id }
            }
        }
        ids += interest.known.subtracting(ids).sorted()
        let inspected = await concurrentMap(ids, limit: Self.concurrency) { id in
            await Result { () async throws(DriverError) in try await observe(container: id, owner: owner) }
        }
        let named = await concurrentMap(names.sorted(), limit: Self.concurrency) { name in
            await Result { () async throws(DriverError) in try await observe(named: name, owner: owner) }
        }
        client.session.inspections.forget(allBut: Set(ids))
        kernel?.forget(allBut: Set(ids))
        processes.forget(allBut: Set(ids))
        for outcome in inspected + named {
            switch outcome {
            case .success(let container?): result.ours.append(container)
            // It disappeared after the list.
            case .success(nil): break
            case .failure: result.isComplete = false
            }
        }
        return result
    }

    private func readImages(_ references: Set<String>) async -> (found: [String: ObservedImage], all: Bool) {
        let sorted = references.sorted()
        let outcomes = await concurrentMap(sorted, limit: Self.concurrency) { reference in
            await Result { () async throws(DriverError) in try await client.image(reference) }
        }
        var found: [String: ObservedImage] = [:]
        var isComplete = true
        for (reference, outcome) in zip(sorted, outcomes) {
            switch outcome {
            case .success(let image): found[reference] = image.map { ObservedImage(id: $0.id) }
            case .failure: isComplete = false
            }
        }
        return (found, isComplete)
    }
}

/// Where the engine said last that it keeps its data.
private final class LastDataRoot: Sendable {
    private let known = Mutex<String?>(nil)

    var path: String? { known.withLock { $0 } }

    func note(_ path: String?) { known.withLock { $0 = path } }
}
