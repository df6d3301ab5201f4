import Drivers
import Reconciler
import Specs

extension FakeDriver {
    func create(_ intent: MemberIntent) throws(DriverError) -> StepResult {
        let place = "POST /containers/create"
        if let other = containers.values.first(where: { $0.name == intent.name }) {
            guard OwnershipMark(labels: other.labels) == intent.mark else {
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
        let live = LiveSettings(template.resources)
        try check(live, at: place)
        try prepareMounts(template.mounts, at: place)
        let container = FakeContainer(
            id: nextID(), name: intent.name,
            labels: template.labels.merging(intent.mark.labels) { _, ours in ours }, image: template.image,
            imageID: image.id,
            network: intent.container.network, publish: intent.container.publish,
            hasHealthCheck: template.healthCheck != nil, live: live)
        containers[container.id] = container
        emit("create", container)
        return result(container.id, owner: intent.mark.owner)
    }

    /// Docker makes missing volumes and refuses missing paths.
    private func prepareMounts(_ mounts: [Mount], at place: String) throws(DriverError) {
        for mount in mounts {
            if case .bind(let path) = mount.source, missingPaths.contains(path) {
                let message = "bind source path does not exist: '\(path)'"
                throw DriverError(.terminal, .mountSourceMissing, message, at: place)
            }
        }
        for mount in mounts {
            if case .volume(let name) = mount.source, volumes[name] == nil { volumes[name] = [:] }
        }
    }

    private func check(_ live: LiveSettings, at place: String) throws(DriverError) {
        func refuse(_ message: String) -> DriverError { DriverError(.terminal, .badRequest, message, at: place) }
        if let memory = live.memory, memory < 6 << 20 { throw refuse("the minimum memory limit allowed is 6MB") }
        if let nanoCPUs = live.nanoCPUs, nanoCPUs < 10_000_000 || nanoCPUs > Int64(facts.cpus) * 1_000_000_000 {
            throw refuse("the range of CPUs is from 0.01 to \(facts.cpus).00")
        }
        if let swap = live.memorySwap, swap != -1, swap < live.memory ?? .max {
            throw refuse("the minimum memoryswap limit should be larger than the memory limit")
        }
    }

    func start(_ container: ContainerReference) throws(DriverError) -> StepResult {
        let place = "POST /containers/\(container.id)/start"
        guard var found = containers[container.id] else { return .container(id: container.id, nil) }
        if found.status == .running { return result(found.id, owner: container.owner) }
        if found.status == .paused {
            throw DriverError(.conflict, .conflict, "cannot start a paused container", at: place)
        }
        guard networks[found.network] != nil else {
            throw DriverError(.conflict, .notFound, "network '\(found.network)' not found", at: place)
        }
        let taken = containers.values.filter { $0.isActive && $0.id != found.id }.flatMap(\.publish)
        if let port = found.publish.first(where: { port in taken.contains { port.collides(with: $0) } }) {
            // As Docker leaves it after a start that failed.
            containers[found.id]?.exitCode = 128
            let message = "port \(port.hostPort) is already allocated"
            throw DriverError(.transient, .portTaken, message, at: place)
        }
        found.status = .running
        found.exitCode = 0
        found.startedAt = nextStart()
        found.health = found.hasHealthCheck ? .starting : .none
        containers[found.id] = found
        emit("start", found)
        return result(found.id, owner: container.owner)
    }

    func probe(_ container: ContainerReference, _ check: HealthCheck) throws(DriverError) -> StepResult {
        guard let found = containers[container.id] else { return .container(id: container.id, nil) }
        guard found.status == .running else {
            let message = "container '\(container.name)' is not running"
            throw DriverError(.conflict, .conflict, message, at: "POST /containers/\(container.id)/exec")
        }
        var observed = found.observed(by: container.owner)
        observed?.probed = probeOutcome(container, check)
        return .container(id: found.id, observed)
    }

    func update(_ container: ContainerReference, _ settings: LiveSettings) throws(DriverError) -> StepResult {
        let place = "POST /containers/\(container.id)/update"
        guard let found = containers[container.id] else { return .container(id: container.id, nil) }
        var live = found.live
        live.nanoCPUs = settings.nanoCPUs ?? live.nanoCPUs
        // Sent as -1, and shown as no limit at all.
        if let pids = settings.pids { live.pids = pids == -1 ? nil : pids }
        live.restartPolicy = settings.restartPolicy
        if let memory = settings.memory {
            live.memory = memory
            live.memorySwap = settings.memorySwap ?? memory * 2
        } else {
            live.memorySwap = settings.memorySwap ?? live.memorySwap
        }
        try check(live, at: place)
        if found.isActive, let memory = settings.memory, memory < found.memoryInUse {
            let message = "unable to set memory limit to \(memory) (current usage: \(found.memoryInUse))"
            throw DriverError(.terminal, .memoryInUse, message, at: place)
        }
        containers[found.id]?.live = live
        emit("update", found)
        return result(found.id, owner: container.owner)
    }

    func unpause(_ container: ContainerReference) -> StepResult {
        if let found = containers[container.id], found.status == .paused {
            containers[found.id]?.status = .running
            emit("unpause", found)
        }
        return result(container.id, owner: container.owner)
    }

    func rename(_ container: ContainerReference, to name: String) throws(DriverError) -> StepResult {
        guard let found = containers[container.id] else { return .container(id: container.id, nil) }
        if let other = containers.values.first(where: { $0.name == name && $0.id != found.id }) {
            let message = "the name '\(name)' is already in use by container '\(other.id)'"
            throw DriverError(.conflict, .nameConflict, message, at: "POST /containers/\(found.id)/rename")
        }
        containers[found.id]?.name = name
        emit("rename", found)
        return result(found.id, owner: container.owner)
    }

    func stop(_ container: ContainerReference) throws(DriverError) -> StepResult {
        guard let found = try ours(container) else { return .container(id: container.id, nil) }
        if found.isActive { exit(found.id, code: 137, events: ["kill", "die", "stop"]) }
        return result(found.id, owner: container.owner)
    }

    func remove(_ container: ContainerReference) throws(DriverError) -> StepResult {
        guard let found = try ours(container) else { return .container(id: container.id, nil) }
        if found.isActive {
            let message = "you cannot remove a running container '\(found.name)'"
            throw DriverError(.conflict, .conflict, message, at: "DELETE /containers/\(found.id)")
        }
        containers[found.id] = nil
        emit("destroy", found)
        return .container(id: found.id, nil)
    }

    private func ours(_ container: ContainerReference) throws(DriverError) -> FakeContainer? {
        guard let found = containers[container.id] else { return nil }
        let mark = OwnershipMark(labels: found.labels)
        guard mark?.owner == container.owner, mark?.memberID == container.member else {
            let message = "container '\(found.id)' is not '\(container.member)' of owner '\(container.owner)'"
            throw DriverError(.conflict, .conflict, message, at: "GET /containers/\(found.id)/json")
        }
        return found
    }

    /// Ends a running container.
    func exit(_ id: String, code: Int, events: [String] = ["die"]) {
        containers[id]?.status = .exited
        containers[id]?.exitCode = code
        if let container = containers[id] { for event in events { emit(event, container) } }
    }

    func result(_ id: String, owner: String) -> StepResult {
        .container(id: id, containers[id]?.observed(by: owner))
    }
}

extension PublishedPort {
    fileprivate func collides(with other: PublishedPort) -> Bool {
        hostPort == other.hostPort && container.transport == other.container.transport
            && (hostIP == other.hostIP || hostIP == "0.0.0.0" || other.hostIP == "0.0.0.0")
    }
}

extension LiveSettings {
    /// What inspect shows of a container that was created with these.
    fileprivate init(_ resources: Resources) {
        self.init(
            nanoCPUs: resources.cpus?.nanoCPUs, memory: resources.memory?.bytes,
            memorySwap: DockerUnits.memorySwap(resources.memorySwap, memory: resources.memory), pids: resources.pids)
    }
}
