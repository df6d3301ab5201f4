package import Specs

/// How the limits of a container differ from the spec, split by what Docker can do about it.
///
/// Source of the split: Docker accepts and silently ignores some updates, and reports others without telling the
/// kernel. A CPU or memory limit cannot be taken away in place, and unlimited swap becomes true only at a restart. What
/// is compared is what the kernel has, so that a cgroup file that somebody wrote to is a difference like any other.
struct LiveDrift {
    /// Differences that an update brings in order.
    private(set) var updating: [FieldChange] = []
    /// Differences that only a replacement can bring in order.
    private(set) var replacing: [FieldChange] = []
    /// A memory limit below what the container uses, which is not set while it does; nil where there is none.
    private(set) var blocked: Hold?
    /// All settings to send with an update; memory and swap always go together.
    private(set) var target: LiveSettings

    /// - Parameter replacesForMemory: whether a container that uses more than its new limit gives way to another one; it
    ///   is left as it is otherwise, until it uses less.
    init(
        of container: ObservedContainer, from template: ContainerTemplate, on engine: EngineFacts,
        replacesForMemory: Bool
    ) {
        let resources = template.resources
        let live = container.live
        target = LiveSettings(wanted: resources, insteadOf: live, on: engine)
        compareMemory(container, resources, on: engine, replacesForMemory)
        compare(
            "resources.cpus", live.nanoCPUs, resources.cpus?.nanoCPUs, unless: "Docker cannot take a CPU limit away",
            show: { CPUQuantity(nanoCPUs: $0).description })
        compare("resources.pids", live.pids, resources.pids, unless: nil, show: { String($0) })
        compare(
            "resources.memoryReservation", live.memoryReservation, resources.memoryReservation?.bytes,
            unless: "Docker cannot take a reservation away", show: Self.bytes)
        compare(
            "resources.cpuShares", live.effectiveCPUShares, resources.effectiveCPUShares, unless: nil,
            show: { String($0) })
        compareCPUs(live, resources, on: engine)
        compare(
            "resources.blockIO.weight", live.blockIOWeight, resources.blockIO?.weight,
            unless: "Docker cannot take a weight away", show: { String($0) })
        if live.restartPolicy != "no" {
            updating.append(FieldChange("restartPolicy", from: live.restartPolicy, to: "no"))
        }
        if let kernel = container.kernel { compareForGood(kernel, resources, template.mounts) }
    }

    /// Whether there is no difference at all; the usual case by far, and asked for every member.
    static func isNone(_ container: ObservedContainer, from template: ContainerTemplate, on engine: EngineFacts) -> Bool
    {
        let (live, resources) = (container.live, template.resources)
        return live.nanoCPUs == resources.cpus?.nanoCPUs && live.memory == resources.memory?.bytes
            && live.pids == resources.pids && live.restartPolicy == "no"
            && (resources.memory == nil || !engine.limitsSwap || live.memorySwap == resources.effectiveMemorySwap)
            && live.memoryReservation == resources.memoryReservation?.bytes
            && live.effectiveCPUShares == resources.effectiveCPUShares
            && live.blockIOWeight == resources.blockIO?.weight
            && (live.cpuset == resources.cpuset
                || CPUSet.restriction(live.cpuset, on: engine) == CPUSet.restriction(resources.cpuset, on: engine))
            && (container.kernel.map { LiveDrift(forGood: $0, resources, template.mounts).replacing.isEmpty } ?? true)
    }

    // MARK: In place

    private mutating func compareMemory(
        _ container: ObservedContainer, _ resources: Resources, on engine: EngineFacts, _ replacesForMemory: Bool
    ) {
        let live = container.live
        let (memory, swap) = (resources.memory?.bytes, resources.effectiveMemorySwap)
        var changes = LiveDrift()
        changes.compare(
            "resources.memory", live.memory, memory, unless: "Docker cannot take a memory limit away", show: Self.bytes)
        if memory != nil, engine.limitsSwap {
            changes.compare(
                "resources.memorySwap", live.memorySwap, swap,
                unless: swap == -1 ? "swap without limit becomes true only at a start" : nil, show: Self.bytes)
        }
        replacing += changes.replacing
        guard let memory, let used = container.kernel?.memoryInUse, used > memory, memory < live.memory ?? .max,
            !changes.updating.isEmpty
        else {
            updating += changes.updating
            return
        }
        let inUse = "\(ByteQuantity(bytes: used).rounded) in use"
        if replacesForMemory {
            replacing += changes.updating.map { change in
                FieldChange(change.field, from: change.from, to: change.to, whyReplaced: inUse)
            }
        } else {
            // Everything else is brought in order meanwhile.
            (target.memory, target.memorySwap) = (nil, nil)
            let limit = ByteQuantity(bytes: memory)
            blocked = Hold(
                .memoryInUse,
                "a limit of \(limit) is below what the container uses, \(inUse) without its file cache",
                until: .memoryInUse(atMost: memory))
        }
    }

    private mutating func compareCPUs(_ live: LiveSettings, _ resources: Resources, on engine: EngineFacts) {
        let here = CPUSet.restriction(live.cpuset, on: engine)
        let wanted = CPUSet.restriction(resources.cpuset, on: engine)
        guard here != wanted else { return }
        let change = FieldChange(
            "resources.cpuset", from: here?.description ?? "all", to: wanted?.description ?? "all")
        if target.cpuset != nil { updating.append(change) } else { replacing.append(change) }
    }

    private mutating func compare(
        _ field: String, _ live: Int64?, _ wanted: Int64?, unless whyReplaced: String?, show: (Int64) -> String
    ) {
        guard live != wanted else { return }
        let isTakenAway = (wanted == nil || wanted == -1) && whyReplaced != nil
        let change = FieldChange(
            field, from: live.map(show), to: wanted.map(show) ?? "none",
            whyReplaced: isTakenAway ? whyReplaced : nil)
        if isTakenAway { replacing.append(change) } else { updating.append(change) }
    }

    // MARK: For good

    private init() { target = LiveSettings() }

    private init(forGood kernel: KernelFacts, _ resources: Resources, _ mounts: [Mount]) {
        self.init()
        compareForGood(kernel, resources, mounts)
    }

    /// What no update of Docker's reaches: a program may bind itself tighter, and only what is looser than asked for is
    /// somebody's hand.
    private mutating func compareForGood(_ kernel: KernelFacts, _ resources: Resources, _ mounts: [Mount]) {
        // Where nothing is asked for, what holds is between the engine and its supervisor.
        if let wanted = resources.oomScoreAdjustment, let live = kernel.oomScoreAdjustment, live < wanted {
            replacing.append(
                FieldChange("resources.oomScoreAdjustment", from: "\(live)", to: "\(wanted)", whyReplaced: Self.byHand))
        }
        for (name, limit) in resources.ulimits.sorted(by: { $0.key < $1.key }) {
            guard let live = kernel.hardLimits[name], limit.hard != -1, live == -1 || live > limit.hard else {
                continue
            }
            let from = live == -1 ? "unlimited" : "\(live)"
            replacing.append(
                FieldChange("resources.ulimits.\(name)", from: from, to: "\(limit.hard)", whyReplaced: Self.byHand))
        }
        let wanted = resources.blockIO.map { $0.devices.map(DeviceThrottle.init) } ?? []
        if let live = kernel.throttles, live.sorted() != wanted.filter(\.limitsAnything).sorted() {
            replacing.append(FieldChange("resources.blockIO.devices", whyReplaced: Self.byHand))
        }
        if let shm = resources.shm { compareSize("resources.shm", kernel.memoryFileSystems["/dev/shm"], shm) }
        for mount in mounts {
            guard case .tmpfs(let size?) = mount.source else { continue }
            compareSize("mounts.\(mount.target).size", kernel.memoryFileSystems[mount.target], size)
        }
    }

    /// The kernel keeps whole pages; the engine never changes a size, and only the host can.
    private mutating func compareSize(_ field: String, _ live: Int64?, _ wanted: ByteQuantity) {
        guard let live, live > (wanted.bytes + 4095) & ~4095 else { return }
        let from = live == .max ? "unlimited" : Self.bytes(live)
        replacing.append(FieldChange(field, from: from, to: "\(wanted)", whyReplaced: Self.byHand))
    }

    private static let byHand = "the kernel has another value, and Docker cannot change it in place"

    private static func bytes(_ value: Int64) -> String {
        value == -1 ? "unlimited" : ByteQuantity(bytes: value).description
    }
}

extension LiveSettings {
    fileprivate var effectiveCPUShares: Int64? { cpuShares == Resources.dockerCPUShares ? nil : cpuShares }

    /// What an update sends to bring a container in order. What Docker has no word for taking away is set to what it is
    /// without a word, and only where something else holds.
    fileprivate init(wanted resources: Resources, insteadOf live: LiveSettings, on engine: EngineFacts) {
        let allCPUs = engine.cpus > 0 && live.cpuset != nil ? CPUSet(first: engine.cpus).description : nil
        self.init(
            nanoCPUs: resources.cpus?.nanoCPUs, memory: resources.memory?.bytes,
            memorySwap: resources.effectiveMemorySwap, pids: resources.pids ?? -1,
            memoryReservation: resources.memoryReservation?.bytes,
            cpuShares: resources.cpuShares ?? (live.effectiveCPUShares == nil ? nil : Resources.dockerCPUShares),
            cpuset: resources.cpuset ?? allCPUs, blockIOWeight: resources.blockIO?.weight)
    }
}

extension CPUSet {
    /// nil where a set leaves nothing out, or nothing is said.
    fileprivate static func restriction(_ text: String?, on engine: EngineFacts) -> CPUSet? {
        guard let text, let set = CPUSet(text) else { return nil }
        return engine.cpus > 0 && set == CPUSet(first: engine.cpus) ? nil : set
    }
}

extension DeviceThrottle {
    package init(_ device: BlockIO.Device) {
        self.init(
            path: device.path, readBytes: device.readBytes?.bytes, writeBytes: device.writeBytes?.bytes,
            readOperations: device.readOperations, writeOperations: device.writeOperations)
    }
}

extension Resources {
    /// Memory and swap together as Docker keeps it: -1 is unlimited, nil is without a memory limit.
    package var effectiveMemorySwap: Int64? {
        guard let memory else { return nil }
        return switch memorySwap {
        case nil: memory.bytes * 2
        case .unlimited: -1
        case .limit(let swap): swap.bytes
        }
    }
}
