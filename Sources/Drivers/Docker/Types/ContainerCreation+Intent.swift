package import Reconciler
package import Specs

extension ContainerCreation {
    /// What a member looks like in Docker's words.
    package init(_ intent: MemberIntent) {
        let template = intent.container.template
        image = template.image
        // With an entrypoint of its own the engine takes nothing from the image's command: Kubernetes' rule as well.
        entrypoint = template.command
        command = template.args
        environment = template.env.map { "\($0.key)=\($0.value)" }.sorted()
        labels = intent.labels
        // The engine silently ignores bindings of ports that are not exposed.
        let ports = Set(template.ports).union(intent.container.publish.map(\.container))
        exposedPorts = Dictionary(uniqueKeysWithValues: ports.map { ($0.description, EmptyObject()) })
        user = intent.container.user
        healthcheck = template.healthCheck.map(Healthcheck.init)
        stopTimeout = template.stopTimeout.secondsRoundedUp
        hostConfig = HostConfig(intent.container)
        hostConfig.nameServers = intent.nameServer.map { [$0.description] }
        networkingConfig = NetworkingConfig(endpoints: [intent.container.network: EmptyObject()])
    }
}

extension ContainerCreation {
    /// An engine takes the name of any profile where the kernel has no AppArmor, and confines nothing; then its inspect
    /// would say what is not so.
    mutating func leaveOutAppArmor() { hostConfig.securityOptions?.removeAll { $0.hasPrefix("apparmor=") } }
}

extension ContainerCreation {
    /// Has the member find a folder of the host where claims are looked for: it can read, and not write.
    mutating func mount(claimFolder: String) {
        hostConfig.mounts.append(MountPoint(claimFolder: claimFolder))
    }
}

extension ContainerCreation.Healthcheck {
    init(_ check: HealthCheck) {
        test = ["CMD"] + check.command
        interval = check.interval.wholeNanoseconds
        timeout = check.timeout.wholeNanoseconds
        retries = check.retries
        startPeriod = check.startPeriod.wholeNanoseconds
    }
}

extension ContainerCreation.HostConfig {
    init(_ container: ContainerIntent) {
        let resources = container.template.resources
        portBindings = [:]
        for port in container.publish.sorted() {
            let binding = ContainerCreation.PortBinding(hostIP: port.hostIP, hostPort: String(port.hostPort))
            portBindings[port.container.description, default: []].append(binding)
        }
        mounts = container.template.mounts.sorted().map(ContainerCreation.MountPoint.init)
        // We heal; two healers would fight.
        restartPolicy = RestartPolicySetting(name: "no")
        nanoCPUs = resources.cpus?.nanoCPUs
        memory = resources.memory?.bytes
        memorySwap = DockerUnits.memorySwap(resources.memorySwap, memory: resources.memory)
        pidsLimit = resources.pids
        ulimits = resources.ulimits.sorted { $0.key < $1.key }.map {
            ContainerCreation.UlimitSetting(name: $0.key, soft: $0.value.soft, hard: $0.value.hard)
        }
        shmSize = resources.shm?.bytes
        memoryReservation = resources.memoryReservation?.bytes
        cpuShares = resources.cpuShares
        cpuset = resources.cpuset
        oomScoreAdjustment = resources.oomScoreAdjustment
        blockIOWeight = resources.blockIO?.weight
        readBytes = resources.rates(\.readBytes?.bytes)
        writeBytes = resources.rates(\.writeBytes?.bytes)
        readOperations = resources.rates(\.readOperations)
        writeOperations = resources.rates(\.writeOperations)
        storageOptions = resources.disk.map { ["size": String($0.bytes)] }
        // Without a bound, one chatty container fills the disk.
        logConfig = ContainerCreation.LogConfig(type: "json-file", config: ["max-size": "10m", "max-file": "3"])
        networkMode = container.network
        if let confinement = container.confinement { confine(confinement) }
    }

    /// The API opens no files: profiles travel whole. Of two options of one kind the engine takes the last without a
    /// word, so each is written once.
    private mutating func confine(_ confinement: Confinement) {
        var options = ["seccomp=" + confinement.seccomp.json]
        if confinement.noNewPrivileges { options.append("no-new-privileges:true") }
        if let appArmor = confinement.appArmor { options.append("apparmor=" + appArmor.name) }
        securityOptions = options
        if !confinement.droppedCapabilities.isEmpty { droppedCapabilities = confinement.droppedCapabilities }
        if !confinement.addedCapabilities.isEmpty { addedCapabilities = confinement.addedCapabilities }
        if confinement.readOnlyRootFilesystem { isRootReadOnly = true }
        runtime = confinement.runtime
    }
}

extension Resources {
    /// One kind of limit of all block devices that have it; nil where none has.
    fileprivate func rates(_ place: (BlockIO.Device) -> Int64?) -> [DeviceRate]? {
        let rates = (blockIO?.devices ?? []).compactMap { device in
            place(device).map { DeviceRate(path: device.path, rate: $0) }
        }
        return rates.isEmpty ? nil : rates
    }
}

extension ContainerCreation.MountPoint {
    init(claimFolder: String) {
        self.init(type: "bind", source: claimFolder, target: ClaimFolder.inContainer, readOnly: true)
    }

    /// Always `Mounts`, never `Binds`: those make a missing path of the host, as root.
    init(_ mount: Mount) {
        target = mount.target
        readOnly = mount.readOnly
        switch mount.source {
        case .volume(let name):
            type = "volume"
            source = name
        case .bind(let path):
            type = "bind"
            source = path
        case .tmpfs(let size):
            type = "tmpfs"
            tmpfsOptions = size.map { TmpfsOptions(sizeBytes: $0.bytes) }
        }
    }
}

/// Docker's numbers for what the specs leave open.
package enum DockerUnits {
    /// Memory and swap together, in bytes: nil without a memory limit, twice the memory when nothing is said, -1 for
    /// no limit. The engine would fill in the same; it is sent all the same, so that what we asked for is on record.
    package static func memorySwap(_ swap: MemorySwap?, memory: ByteQuantity?) -> Int64? {
        switch swap {
        case .unlimited: return -1
        case .limit(let limit): return limit.bytes
        case nil:
            guard let memory else { return nil }
            return twice(memory.bytes)
        }
    }

    package static func twice(_ bytes: Int64) -> Int64 {
        let (doubled, overflow) = bytes.multipliedReportingOverflow(by: 2)
        return overflow ? .max : doubled
    }
}
