import Logging
import Reconciler
import Specs

extension DockerDriver {
    /// A container of this name with the same mark counts as created: it is our own work, whose answer was lost.
    ///
    /// - Throws: `.badRequest` for a block device that is not there, which the engine would only notice at the start.
    func create(_ intent: MemberIntent) async throws(DriverError) -> StepResult {
        let paths = intent.container.template.resources.blockIO?.devices.map(\.path) ?? []
        if observer.kernel != nil, let missing = paths.first(where: { !BlockDevices.exists($0) }) {
            let message = "there is no block device '\(missing)' on this host"
            throw DriverError(.terminal, .badRequest, message, at: "POST /containers/create")
        }
        var creation = ContainerCreation(intent)
        var hasNewFolders = false
        if let root = intent.container.claimRoot {
            let (folder, isNew) = try await makeFolders(of: intent.name, root: root)
            creation.mount(claimFolder: folder)
            hasNewFolders = isNew
        }
        if let profile = intent.container.confinement?.appArmor {
            let isThere = try await AppArmorLoader.prepare(profile, kernelHas: client.engineFacts().hasAppArmor)
            if !isThere { creation.leaveOutAppArmor() }
        }
        do throws(DriverError) {
            let created = try await client.createContainer(creation, name: intent.name)
            note(created.warnings, name: intent.name)
            return try await readBack(created.id, owner: intent.mark.owner)
        } catch {
            guard error.code == .nameConflict || error.disposition == .unknown else {
                // What stays behind is swept at a start.
                if hasNewFolders { try? observer.members?.remove(intent.name) }
                throw error
            }
            return try await adopt(intent, after: error)
        }
    }

    /// The folder to be mounted, and whether there was none. What an earlier container of this name has left is nobody's
    /// business: only where there is one already, it is its own.
    private func makeFolders(
        of name: String, root: String
    ) async throws(DriverError) -> (folder: String, isNew: Bool) {
        guard let members = observer.members else {
            throw DriverError(.terminal, .badRequest, "members have no folders here", at: "POST /containers/create")
        }
        let (folder, wasThere) = try members.make(name, root: root)
        if wasThere, try await client.container(name)?.ownName != name { try members.clear(name) }
        return (folder, !wasThere)
    }

    private func adopt(_ intent: MemberIntent, after error: DriverError) async throws(DriverError) -> StepResult {
        guard let details = try await client.container(intent.name), details.ownName == intent.name else { throw error }
        guard OwnershipMark(labels: details.labels) == intent.mark else {
            let message =
                "the name '\(intent.name)' is taken by container '\(details.id)', which is not the same member"
            throw DriverError(.conflict, .nameConflict, message, at: error.place)
        }
        return try await readBack(details.id, owner: intent.mark.owner)
    }

    func start(_ container: ContainerReference) async throws(DriverError) -> StepResult {
        try observer.members?.revive(container.name)
        var result = try await change(container) { () async throws(DriverError) in
            try await client.startContainer(container.id)
        }
        // The engine answers a moment before the runtime hands over to the program, of which nothing can be said until then.
        for _ in 0..<20 {
            guard case .container(_, let started?) = result, started.confinement?.isStarting == true else { break }
            do { try await Task.sleep(for: .milliseconds(5)) } catch { break }
            result = try await readBack(container.id, owner: container.owner)
        }
        return result
    }

    func stop(_ container: ContainerReference, timeout: Duration) async throws(DriverError) -> StepResult {
        guard try await details(ofOur: container) != nil else { return .container(id: container.id, nil) }
        return try await change(container) { () async throws(DriverError) in
            try await client.stopContainer(container.id, timeout: timeout)
        }
    }

    func remove(_ container: ContainerReference) async throws(DriverError) -> StepResult {
        guard let details = try await details(ofOur: container) else {
            try await removeFolders(of: container)
            return .container(id: container.id, nil)
        }
        openProbes[container.id] = nil
        let result = try await change(container) { () async throws(DriverError) in
            try await client.removeContainer(container.id)
        }
        if case .container(_, nil) = result { try await removeFolders(of: container) }
        let expectation = details.labels[ConfinementExpectation.label].flatMap(ConfinementExpectation.init(text:))
        if expectation?.appArmor != nil { await unloadProfiles() }
        return result
    }

    /// Takes profiles of ours away that no container needs any more.
    private func unloadProfiles() async {
        // What stays loaded does no harm, and is looked at again when the next container with a profile goes.
        guard KernelSecurity.hasAppArmor, let left = try? await client.containers() else { return }
        await AppArmorLoader.unloadUnused(labels: left.map { $0.labels ?? [:] })
    }

    /// With the container goes what its claim brought. Another one may have its name by now.
    private func removeFolders(of container: ContainerReference) async throws(DriverError) {
        guard let members = observer.members, members.shared(container.name) != nil else { return }
        if try await client.container(container.name)?.ownName == container.name { return }
        try members.remove(container.name)
    }

    /// The new name may be there already, from a call whose answer was lost.
    func rename(_ container: ContainerReference, to name: String) async throws(DriverError) -> StepResult {
        do throws(DriverError) {
            return try await change(container) { () async throws(DriverError) in
                try await client.renameContainer(container.id, to: name)
            }
        } catch {
            // Docker refuses to give a container the name that it has, in other words from version to version.
            guard let details = try await client.container(container.id), details.ownName == name else { throw error }
            return try await readBack(container.id, owner: container.owner)
        }
    }

    func pause(_ container: ContainerReference) async throws(DriverError) -> StepResult {
        do throws(DriverError) {
            return try await change(container) { () async throws(DriverError) in
                try await client.pauseContainer(container.id)
            }
        } catch {
            let result = try await readBack(container.id, owner: container.owner)
            if case .container(_, let observed?) = result, observed.status != .paused { throw error }
            return result
        }
    }

    func unpause(_ container: ContainerReference) async throws(DriverError) -> StepResult {
        do throws(DriverError) {
            return try await change(container) { () async throws(DriverError) in
                try await client.unpauseContainer(container.id)
            }
        } catch {
            let result = try await readBack(container.id, owner: container.owner)
            if case .container(_, let observed?) = result, observed.status == .paused { throw error }
            return result
        }
    }

    /// What the engine did not take shows in the container that is returned: it is read back, not assumed.
    ///
    /// - Throws: `.memoryInUse` for less memory than is used: version 1 of control groups refuses it, and version 2 would
    ///   kill, so it is not even asked there.
    func update(_ container: ContainerReference, _ settings: LiveSettings) async throws(DriverError) -> StepResult {
        if let memory = settings.memory, let used = observer.kernel?.memoryInUse(container.id), used.kills,
            used.bytes > memory
        {
            let message = "a memory limit of \(memory) is below what '\(container.name)' uses, \(used.bytes)"
            throw DriverError(.terminal, .memoryInUse, message, at: "POST /containers/\(container.id)/update")
        }
        return try await change(container) { () async throws(DriverError) in
            let updated = try await client.updateContainer(container.id, ContainerChange(settings))
            note(updated.warnings, name: container.name)
        }
    }

    /// Changes one container and reads it back; one that is gone is a result, not an error.
    func change(
        _ container: ContainerReference, _ call: () async throws(DriverError) -> Void
    ) async throws(DriverError) -> StepResult {
        do throws(DriverError) {
            try await call()
        } catch {
            // 404 can also mean something that the container needs, such as its network.
            guard error.code == .notFound, try await client.container(container.id) == nil else { throw error }
            return .container(id: container.id, nil)
        }
        return try await readBack(container.id, owner: container.owner)
    }

    /// The container after a change. A change whose result cannot be read has an unknown outcome.
    func readBack(_ id: String, owner: String) async throws(DriverError) -> StepResult {
        do throws(DriverError) {
            return .container(id: id, try await observe(container: id, owner: owner))
        } catch {
            var error = error
            error.disposition = .unknown
            throw error
        }
    }

    /// What the engine says of it now; nil when it is gone.
    ///
    /// - Throws: `.conflict` when it carries another mark than the step says.
    private func details(ofOur container: ContainerReference) async throws(DriverError) -> ContainerDetails? {
        guard let details = try await client.container(container.id), details.id == container.id else { return nil }
        let mark = OwnershipMark(labels: details.labels)
        guard let mark, mark.owner == container.owner, mark.memberID == container.member else {
            let message = "container '\(container.id)' is not '\(container.member)' of owner '\(container.owner)'"
            throw DriverError(.conflict, .conflict, message, at: "GET /containers/\(container.id)/json")
        }
        return details
    }

    private func note(_ warnings: [String]?, name: String) {
        for warning in warnings ?? [] {
            log.warning(
                "the engine warns",
                metadata: ["event": "engine.warning", "container": "\(name)", "message": "\(warning)"])
        }
    }
}

extension ContainerChange {
    /// Memory always goes together with its swap: the engine refuses the one that would pass the other.
    init(_ settings: LiveSettings) {
        self.init(
            nanoCPUs: settings.nanoCPUs, memory: settings.memory,
            memorySwap: settings.memorySwap ?? settings.memory.map(DockerUnits.twice), pidsLimit: settings.pids,
            memoryReservation: settings.memoryReservation, cpuShares: settings.cpuShares, cpuset: settings.cpuset,
            blockIOWeight: settings.blockIOWeight, restartPolicy: RestartPolicySetting(name: settings.restartPolicy))
    }
}
