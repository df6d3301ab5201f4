package import Specs

/// One limit of a container: what holds, who says so, and whether the kernel has it.
package struct LimitEntry: Codable, Hashable, Sendable {
    /// The name of the field below `resources`, such as `ulimits.nofile`; or `mounts.PATH.size`.
    package var field: String
    package var value: String
    /// The object that gives it where the template's own does not; nil otherwise.
    package var givenBy: ResourceID?
    /// Where it is written; nil for what the engine does without a word.
    package var position: SourcePosition?
    /// nil where nothing runs that could show it, and for what is not limited.
    package var state: ControlState?
    /// What was seen, where it is not what holds.
    package var detail: String
}

/// Lists the limits of an object's containers.
package struct LimitReport {
    private let object: DesiredObject
    private let container: ObservedContainer?
    private let engine: EngineFacts
    private var changes: [String: FieldChange] = [:]
    private var blocked: Hold?
    private var entries: [LimitEntry] = []

    /// Every limit in force, and the usual ones that are not.
    ///
    /// - Parameter container: a container of the object; nil shows what git says alone.
    package static func entries(
        of object: DesiredObject, in container: ObservedContainer?, on engine: EngineFacts
    ) -> [LimitEntry] {
        var report = LimitReport(object: object, container: container, engine: engine)
        report.compare()
        report.list(object.container.template.resources)
        report.list(object.container.template.mounts)
        return report.entries
    }

    private init(object: DesiredObject, container: ObservedContainer?, engine: EngineFacts) {
        self.object = object
        self.container = container
        self.engine = engine
    }

    private var isRunning: Bool { container?.status == .running || container?.status == .paused }

    private mutating func compare() {
        guard let container, isRunning else { return }
        let drift = LiveDrift(
            of: container, from: object.container.template, on: engine,
            replacesForMemory: object.strategy.hasSurge)
        for change in drift.updating + drift.replacing { changes[change.field] = change }
        blocked = drift.blocked
    }

    private mutating func list(_ resources: Resources) {
        let kernel = container?.kernel
        add("cpus", resources.cpus.map { "\($0)" } ?? "none")
        add("memory", resources.memory.map { "\($0)" } ?? "none")
        add("memorySwap", resources.swapWords, isSeen: engine.limitsSwap, "the kernel does not count swap")
        add("pids", resources.pids.map { "\($0)" } ?? "none")
        if let reservation = resources.memoryReservation { add("memoryReservation", "\(reservation)") }
        if let shares = resources.cpuShares { add("cpuShares", "\(shares)") }
        if let cpuset = resources.cpuset { add("cpuset", cpuset) }
        for (name, limit) in resources.ulimits.sorted(by: { $0.key < $1.key }) {
            add("ulimits.\(name)", "\(limit.soft):\(limit.hard)", isSeen: kernel?.hardLimits[name] != nil)
        }
        let shm = resources.shm ?? Resources.dockerShm
        add("shm", "\(shm)", isSeen: kernel?.memoryFileSystems["/dev/shm"] != nil)
        if let score = resources.oomScoreAdjustment {
            add("oomScoreAdjustment", "\(score)", isSeen: kernel?.oomScoreAdjustment != nil)
        }
        if let disk = resources.disk {
            add("disk", "\(disk)", isSeen: false, "a quota of the storage driver, which does not show here")
        }
        if let weight = resources.blockIO?.weight { add("blockIO.weight", "\(weight)") }
        if let devices = resources.blockIO?.devices, !devices.isEmpty {
            add("blockIO.devices", devices.map(\.path).joined(separator: ", "), isSeen: kernel?.throttles != nil)
        }
    }

    private mutating func list(_ mounts: [Mount]) {
        for mount in mounts.sorted() {
            guard case .tmpfs(let size) = mount.source else { continue }
            let field = "mounts.\(mount.target).size"
            let isSeen = container?.kernel?.memoryFileSystems[mount.target] != nil
            let value = size.map { "\($0)" } ?? "half of the host's memory"
            entries.append(
                LimitEntry(
                    field: field, value: value, position: object.position(of: "spec.template.mounts"),
                    state: nil, detail: ""))
            judge(field, isSeen: isSeen, nil, isLimit: size != nil)
        }
    }

    private mutating func add(
        _ field: String, _ value: String, isSeen: Bool = true, _ whyUnseen: String? = nil
    ) {
        let path = "spec.template.resources.\(field)"
        let given = object.given[path] ?? object.given["spec.template.resources.\(field.prefix { $0 != "." })"]
        let isSaid = object.container.template.resources.says(field)
        entries.append(
            LimitEntry(
                field: field, value: value, givenBy: isSaid ? given?.by : nil,
                position: isSaid ? given?.position ?? object.position(of: path) : nil, state: nil, detail: ""))
        judge("resources.\(field)", isSeen: isSeen, whyUnseen, isLimit: value != "none")
    }

    /// What is known of the newest entry.
    private mutating func judge(_ change: String, isSeen: Bool, _ whyUnseen: String?, isLimit: Bool) {
        let last = entries.count - 1
        if let change = changes[change] {
            entries[last].state = .drifted
            entries[last].detail = "it has \(change.from ?? "none")"
        } else if let blocked, change == "resources.memory" || change == "resources.memorySwap" {
            entries[last].state = .drifted
            entries[last].detail = blocked.message
        } else if isRunning, isLimit {
            let isVisible = isSeen && container?.kernel != nil
            entries[last].state = isVisible ? .enforced : .notSupported
            entries[last].detail = isVisible ? "" : whyUnseen ?? "the kernel's word cannot be seen from here"
        }
    }
}

extension Resources {
    fileprivate var swapWords: String {
        switch (memorySwap, effectiveMemorySwap) {
        case (.unlimited, _): "unlimited"
        case (_, let total?): "\(ByteQuantity(bytes: total)) with memory"
        case (_, nil): "none"
        }
    }

    /// Whether it is written somewhere, by whomever.
    fileprivate func says(_ field: String) -> Bool {
        switch field {
        case "cpus": cpus != nil
        case "memory": memory != nil
        case "memorySwap": memorySwap != nil
        case "pids": pids != nil
        case "shm": shm != nil
        // The others are listed only where they are.
        default: true
        }
    }
}
