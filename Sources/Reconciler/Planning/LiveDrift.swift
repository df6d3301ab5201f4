package import Specs

/// How the live settings of a container differ from the spec, split by what Docker can do about it.
///
/// Source of the split: Docker accepts and silently ignores some updates, and reports others without telling the
/// kernel. A CPU or memory limit cannot be taken away in place, and unlimited swap becomes true only at a restart.
struct LiveDrift {
    /// Differences that an update brings in order.
    private(set) var updating: [FieldChange] = []
    /// Differences that only a replacement can bring in order.
    private(set) var replacing: [FieldChange] = []
    /// All settings to send with an update; memory and swap always go together.
    let target: LiveSettings

    init(of live: LiveSettings, from resources: Resources, on engine: EngineFacts) {
        let memory = resources.memory?.bytes
        let swap = resources.effectiveMemorySwap
        target = LiveSettings(
            nanoCPUs: resources.cpus?.nanoCPUs, memory: memory, memorySwap: swap, pids: resources.pids ?? -1)
        compare(
            "resources.cpus", live.nanoCPUs, resources.cpus?.nanoCPUs, canBeTakenAway: false,
            show: { CPUQuantity(nanoCPUs: $0).description })
        compare("resources.memory", live.memory, memory, canBeTakenAway: false, show: Self.bytes)
        if memory != nil, engine.limitsSwap {
            compare("resources.memorySwap", live.memorySwap, swap, canBeTakenAway: swap != -1, show: Self.bytes)
        }
        compare("resources.pids", live.pids, resources.pids, canBeTakenAway: true, show: { String($0) })
        if live.restartPolicy != "no" {
            updating.append(FieldChange("restartPolicy", from: live.restartPolicy, to: "no"))
        }
    }

    /// Whether there is no difference at all; the usual case by far, and asked for every member.
    static func isNone(_ live: LiveSettings, from resources: Resources, on engine: EngineFacts) -> Bool {
        live.nanoCPUs == resources.cpus?.nanoCPUs && live.memory == resources.memory?.bytes
            && live.pids == resources.pids && live.restartPolicy == "no"
            && (resources.memory == nil || !engine.limitsSwap || live.memorySwap == resources.effectiveMemorySwap)
    }

    private mutating func compare(
        _ field: String, _ live: Int64?, _ wanted: Int64?, canBeTakenAway: Bool, show: (Int64) -> String
    ) {
        guard live != wanted else { return }
        let change = FieldChange(field, from: live.map(show), to: wanted.map(show) ?? "none")
        let isTakenAway = wanted == nil || wanted == -1
        if isTakenAway && !canBeTakenAway { replacing.append(change) } else { updating.append(change) }
    }

    private static func bytes(_ value: Int64) -> String {
        value == -1 ? "unlimited" : ByteQuantity(bytes: value).description
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
