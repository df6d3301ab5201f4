import Reconciler
import Specs

extension FakeEngine {
    mutating func create(_ intent: MemberIntent) throws(DriverError) -> StepResult {
        let place = "POST /containers/create"
        if let other = container(named: intent.name) {
            guard other.mark == intent.mark else {
                throw DriverError(
                    .conflict, .nameConflict, "the name '\(intent.name)' is taken by container '\(other.id)'", at: place
                )
            }
            return result(other.id, owner: intent.mark.owner)
        }
        let template = intent.container.template
        guard let image = images[template.image] else {
            throw DriverError(.terminal, .imageNotFound, "no such image: '\(template.image)'", at: place)
        }
        let live = LiveSettings(declared: template.resources)
        if let field = facts.unsupported.keys.sorted().first(where: { $0 == "resources.disk" }),
            template.resources.disk != nil
        {
            let message = "--storage-opt is supported only for overlay over xfs with 'pquota': \(field)"
            throw DriverError(.terminal, .badRequest, message, at: place)
        }
        try check(live, at: place)
        try requireSpace(place)
        try prepareMounts(template.mounts, at: place)
        if let runtime = intent.container.confinement?.runtime, !facts.runtimes.isEmpty,
            !facts.runtimes.contains(runtime)
        {
            throw DriverError(.terminal, .badRequest, "unknown or invalid runtime name: \(runtime)", at: place)
        }
        var container = FakeContainer(
            id: nextID(), name: intent.name, labels: intent.labels, image: template.image, imageID: image.id,
            network: intent.container.network, publish: intent.container.publish,
            hasHealthCheck: template.healthCheck != nil, live: live)
        container.missingControls = ignoredControls
        container.hasClaimFolder = intent.container.claimRoot != nil
        container.address = nextAddress()
        container.kernel = KernelFacts(
            oomScoreAdjustment: template.resources.oomScoreAdjustment ?? 0,
            hardLimits: template.resources.ulimits.mapValues(\.hard),
            throttles: template.resources.blockIO.map { $0.devices.map(DeviceThrottle.init) })
        save(container, "create")
        return result(container.id, owner: intent.mark.owner)
    }

    /// Docker makes missing volumes and refuses missing paths.
    private mutating func prepareMounts(_ mounts: [Mount], at place: String) throws(DriverError) {
        for mount in mounts {
            if case .bind(let path) = mount.source, missingPaths.contains(path) {
                let message = "bind source path does not exist: '\(path)'"
                throw DriverError(.terminal, .mountSourceMissing, message, at: place)
            }
        }
        for mount in mounts {
            if case .volume(let name) = mount.source, volumes[name] == nil {
                volumes[name] = [:]
                note(.volume(name: name))
            }
        }
    }

    private func check(_ live: LiveSettings, at place: String) throws(DriverError) {
        func refuse(_ message: String) -> DriverError { DriverError(.terminal, .badRequest, message, at: place) }
        if let memory = live.memory, memory < 6 << 20 { throw refuse("the minimum memory limit allowed is 6MB") }
        if let nanoCPUs = live.nanoCPUs, nanoCPUs < 10_000_000 || nanoCPUs > Int64(facts.cpus) * 1_000_000_000 {
            throw refuse("the range of CPUs is from 0.01 to \(facts.cpus).00")
        }
        if let highest = live.cpuset.flatMap({ CPUSet($0) })?.highest, highest >= facts.cpus {
            throw refuse("requested CPUs are not available")
        }
        if let reservation = live.memoryReservation, reservation > live.memory ?? .max {
            throw refuse("the minimum memory limit can not be less than the memory reservation limit")
        }
        if let swap = live.memorySwap, swap != -1, swap < live.memory ?? .max {
            throw refuse("the minimum memoryswap limit should be larger than the memory limit")
        }
    }

    mutating func start(_ container: ContainerReference) throws(DriverError) -> StepResult {
        let place = "POST /containers/\(container.id)/start"
        guard var found = containers[container.id] else { return .container(id: container.id, nil) }
        if found.status == .running { return result(found.id, owner: container.owner) }
        if found.status == .paused {
            throw DriverError(.conflict, .conflict, "cannot start a paused container", at: place)
        }
        guard networks[found.network] != nil else {
            throw DriverError(.conflict, .notFound, "network '\(found.network)' not found", at: place)
        }
        // As Docker leaves it after a start that failed.
        if isDiskFull || portTaken(for: found) != nil {
            found.exitCode = 128
            save(found)
        }
        try requireSpace(place)
        if let port = portTaken(for: found) {
            throw DriverError(.transient, .portTaken, "port \(port) is already allocated", at: place)
        }
        found.status = .running
        found.exitCode = 0
        found.startedAt = nextStart(of: found)
        found.health = found.hasHealthCheck ? .starting : .none
        save(found, "start")
        return result(found.id, owner: container.owner)
    }

    /// The first port of a container that another one holds.
    private func portTaken(for container: FakeContainer) -> UInt16? {
        if container.publish.isEmpty { return nil }
        let others = containers.values.filter { $0.isActive && $0.id != container.id }
        return container.publish.first { port in
            others.contains { other in other.publish.contains { port.collides(with: $0) } }
        }?.hostPort
    }

    func probe(_ container: ContainerReference, succeeds: Bool) throws(DriverError) -> StepResult {
        guard let found = containers[container.id] else { return .container(id: container.id, nil) }
        guard found.status == .running else {
            let message = "container '\(container.name)' is not running"
            throw DriverError(.conflict, .conflict, message, at: "POST /containers/\(container.id)/exec")
        }
        var observed = found.observed(by: container.owner)
        observed?.probed = succeeds
        return .container(id: found.id, observed)
    }

    mutating func update(_ container: ContainerReference, _ settings: LiveSettings) throws(DriverError) -> StepResult {
        let place = "POST /containers/\(container.id)/update"
        guard var found = containers[container.id] else { return .container(id: container.id, nil) }
        var live = found.live
        live.nanoCPUs = settings.nanoCPUs ?? live.nanoCPUs
        // Sent as -1, and shown as no limit at all.
        if let pids = settings.pids { live.pids = pids == -1 ? nil : pids }
        live.restartPolicy = settings.restartPolicy
        live.memoryReservation = settings.memoryReservation ?? live.memoryReservation
        live.blockIOWeight = settings.blockIOWeight ?? live.blockIOWeight
        // The default, and all that there are, are shown as nothing at all.
        if let shares = settings.cpuShares { live.cpuShares = shares == 1024 ? nil : shares }
        if let text = settings.cpuset, let set = CPUSet(text) {
            live.cpuset = set == CPUSet(first: facts.cpus) ? nil : set.description
        }
        if let memory = settings.memory {
            live.memory = memory
            live.memorySwap = settings.memorySwap ?? memory * 2
        } else {
            live.memorySwap = settings.memorySwap ?? live.memorySwap
        }
        try check(live, at: place)
        if found.isActive, let memory = settings.memory, let used = found.kernel.memoryInUse, memory < used {
            let message = "unable to set memory limit to \(memory) (current usage: \(used))"
            throw DriverError(.terminal, .memoryInUse, message, at: place)
        }
        found.live = live
        save(found, "update")
        return result(found.id, owner: container.owner)
    }

    mutating func pause(_ container: ContainerReference) throws(DriverError) -> StepResult {
        guard var found = containers[container.id], found.status != .paused else {
            return result(container.id, owner: container.owner)
        }
        guard found.status == .running else {
            let message = "container '\(found.name)' is not running"
            throw DriverError(.conflict, .conflict, message, at: "POST /containers/\(found.id)/pause")
        }
        found.status = .paused
        save(found, "pause")
        return result(container.id, owner: container.owner)
    }

    mutating func unpause(_ container: ContainerReference) -> StepResult {
        if var found = containers[container.id], found.status == .paused {
            found.status = .running
            save(found, "unpause")
        }
        return result(container.id, owner: container.owner)
    }

    mutating func rename(_ container: ContainerReference, to name: String) throws(DriverError) -> StepResult {
        guard var found = containers[container.id] else { return .container(id: container.id, nil) }
        if let other = self.container(named: name), other.id != found.id {
            let message = "the name '\(name)' is already in use by container '\(other.id)'"
            throw DriverError(.conflict, .nameConflict, message, at: "POST /containers/\(found.id)/rename")
        }
        found.name = name
        save(found, "rename")
        return result(found.id, owner: container.owner)
    }

    mutating func stop(_ container: ContainerReference) throws(DriverError) -> StepResult {
        guard var found = try ours(container) else { return .container(id: container.id, nil) }
        if found.isActive {
            found.die(code: 137, at: nextStart(of: found))
            save(found, "kill", "die", "stop")
        }
        return result(found.id, owner: container.owner)
    }

    mutating func remove(_ container: ContainerReference) throws(DriverError) -> StepResult {
        guard let found = try ours(container) else { return .container(id: container.id, nil) }
        if found.isActive {
            let message = "you cannot remove a running container '\(found.name)'"
            throw DriverError(.conflict, .conflict, message, at: "DELETE /containers/\(found.id)")
        }
        drop(found)
        return .container(id: found.id, nil)
    }

    private func ours(_ container: ContainerReference) throws(DriverError) -> FakeContainer? {
        guard let found = containers[container.id] else { return nil }
        guard found.mark?.owner == container.owner, found.mark?.memberID == container.member else {
            let message = "container '\(found.id)' is not '\(container.member)' of owner '\(container.owner)'"
            throw DriverError(.conflict, .conflict, message, at: "GET /containers/\(found.id)/json")
        }
        return found
    }

    private func container(named name: String) -> FakeContainer? {
        for container in containers.values where container.name == name { return container }
        return nil
    }

    private func result(_ id: String, owner: String) -> StepResult {
        .container(id: id, containers[id]?.observed(by: owner))
    }
}

extension PublishedPort {
    fileprivate func collides(with other: PublishedPort) -> Bool {
        hostPort == other.hostPort && container.transport == other.container.transport
            && (hostIP == other.hostIP || hostIP == "0.0.0.0" || other.hostIP == "0.0.0.0")
    }
}
