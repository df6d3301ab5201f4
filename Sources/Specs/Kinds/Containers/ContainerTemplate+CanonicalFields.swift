extension ContainerTemplate {
    /// The name of every field that `canonicalFields()` may give, in its order.
    package static let canonicalFieldNames = [
        "args", "command", "env", "healthCheck.command", "healthCheck.interval", "healthCheck.retries",
        "healthCheck.startPeriod", "healthCheck.timeout", "image", "labels", "mounts", "ports", "pullPolicy",
        "resources.blockIO.devices", "resources.blockIO.weight", "resources.cpuShares", "resources.cpus",
        "resources.cpuset", "resources.disk", "resources.memory", "resources.memoryReservation",
        "resources.memorySwap", "resources.oomScoreAdjustment", "resources.pids", "resources.shm",
        "resources.ulimits", "stopTimeout", "user",
    ]

    /// The meaning of this template as text, field by field, sorted by name; equal meanings give equal text.
    ///
    /// The order of maps, mounts and ports, the spelling of quantities and defaults that are written out change
    /// nothing. A field that was left open (nil, empty, or Docker's own default) is absent, so that a later version
    /// can add fields without a change to the text of old templates. Values are JSON without whitespace, hence
    /// unambiguous: a string ends at its closing quote, whatever it holds. The text is meant to be hashed and
    /// compared, not to be shown: it holds the values of environment variables.
    package func canonicalFields() -> [(name: String, value: String)] {
        let fields: [(name: String, value: CanonicalValue?)] = [
            ("args", args.map { .strings($0) }),
            ("command", command.map { .strings($0) }),
            ("env", .nonEmpty(env)),
            ("healthCheck.command", healthCheck.map { .strings($0.command) }),
            ("healthCheck.interval", healthCheck.map { .duration($0.interval) }),
            ("healthCheck.retries", healthCheck.map { .integer(Int64($0.retries)) }),
            ("healthCheck.startPeriod", healthCheck.map { .duration($0.startPeriod) }),
            ("healthCheck.timeout", healthCheck.map { .duration($0.timeout) }),
            ("image", .string(image)),
            ("labels", .nonEmpty(labels)),
            ("mounts", mounts.isEmpty ? nil : .list(mounts.sorted().map(\.canonicalValue))),
            ("ports", ports.isEmpty ? nil : .strings(Set(ports).sorted().map(\.description))),
            ("pullPolicy", .string(pullPolicy.rawValue)),
            ("resources.blockIO.devices", resources.canonicalDevices),
            ("resources.blockIO.weight", resources.blockIO?.weight.map { .integer($0) }),
            ("resources.cpuShares", resources.effectiveCPUShares.map { .integer($0) }),
            ("resources.cpus", resources.cpus.map { .integer($0.nanoCPUs) }),
            ("resources.cpuset", resources.cpuset.map { .string(CPUSet($0)?.description ?? $0) }),
            ("resources.disk", resources.disk.map { .integer($0.bytes) }),
            ("resources.memory", resources.memory.map { .integer($0.bytes) }),
            ("resources.memoryReservation", resources.memoryReservation.map { .integer($0.bytes) }),
            ("resources.memorySwap", resources.canonicalMemorySwap),
            ("resources.oomScoreAdjustment", resources.oomScoreAdjustment.flatMap { $0 == 0 ? nil : .integer($0) }),
            ("resources.pids", resources.pids.map { .integer($0) }),
            ("resources.shm", resources.shm == Resources.dockerShm ? nil : resources.shm.map { .integer($0.bytes) }),
            ("resources.ulimits", resources.canonicalUlimits),
            ("stopTimeout", .duration(stopTimeout)),
            ("user", user.map { .string($0) }),
        ]
        return fields.compactMap { field in field.value.map { (field.name, $0.text) } }
    }
}

extension Mount {
    fileprivate var canonicalValue: CanonicalValue {
        let what: (type: String, source: CanonicalValue) =
            switch source {
            case .volume(let name): ("volume", .string(name))
            case .bind(let path): ("bind", .string(path))
            case .tmpfs(let size): ("tmpfs", size.map { .integer($0.bytes) } ?? .null)
            }
        return .list([.string(target), .string(what.type), what.source, .string(readOnly ? "ro" : "rw")])
    }
}

extension Resources {
    /// What Docker takes when nothing is said.
    package static let dockerShm = ByteQuantity(bytes: 64 << 20)
    /// The same of the weight against other containers.
    package static let dockerCPUShares: Int64 = 1024

    fileprivate var canonicalMemorySwap: CanonicalValue? {
        switch memorySwap {
        case nil: return nil
        case .unlimited: return .string("unlimited")
        case .limit(let swap):
            // Twice the memory is what Docker takes when nothing is said.
            let twice = memory?.bytes.multipliedReportingOverflow(by: 2)
            return twice.map { $0 == (swap.bytes, false) } == true ? nil : .integer(swap.bytes)
        }
    }

    /// nil where nothing is said that the engine does not do anyway.
    package var effectiveCPUShares: Int64? { cpuShares == Self.dockerCPUShares ? nil : cpuShares }

    fileprivate var canonicalDevices: CanonicalValue? {
        guard let devices = blockIO?.devices, !devices.isEmpty else { return nil }
        func number(_ value: Int64?) -> CanonicalValue { value.map { .integer($0) } ?? .null }
        return .list(
            devices.sorted { $0.path < $1.path }.map { device in
                .list([
                    .string(device.path), number(device.readBytes?.bytes), number(device.writeBytes?.bytes),
                    number(device.readOperations), number(device.writeOperations),
                ])
            })
    }

    fileprivate var canonicalUlimits: CanonicalValue? {
        if ulimits.isEmpty { return nil }
        return .list(
            ulimits.sorted { $0.key < $1.key }.map { name, limit in
                .list([.string(name), .integer(limit.soft), .integer(limit.hard)])
            })
    }
}

/// The few shapes of JSON that a canonical field needs, with one spelling each.
private enum CanonicalValue {
    case null
    case integer(Int64)
    case string(String)
    case list([CanonicalValue])

    static func strings(_ values: [String]) -> CanonicalValue { .list(values.map { .string($0) }) }

    /// A map as a list of pairs sorted by key; nil for an empty one.
    static func nonEmpty(_ map: [String: String]) -> CanonicalValue? {
        if map.isEmpty { return nil }
        return .list(map.sorted { $0.key < $1.key }.map { .strings([$0.key, $0.value]) })
    }

    /// Seconds and attoseconds: exact for every duration.
    static func duration(_ value: Duration) -> CanonicalValue {
        .list([.integer(value.components.seconds), .integer(value.components.attoseconds)])
    }

    var text: String {
        switch self {
        case .null: "null"
        case .integer(let value): String(value)
        case .string(let value): Self.quoted(value)
        case .list(let values): "[" + values.map(\.text).joined(separator: ",") + "]"
        }
    }

    /// Escapes what JSON demands and nothing else, so that every string has exactly one spelling.
    private static func quoted(_ value: String) -> String {
        var text = "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\u{0}"..<"\u{20}":
                let hex = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
            default: text.unicodeScalars.append(scalar)
            }
        }
        return text + "\""
    }
}
