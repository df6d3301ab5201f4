package import Specs

/// Limits that would fit what the members of an object used. A suggestion: nothing is ever changed because of it.
///
/// Memory: the larger of the p95 and the largest working set, and 15 % more; no more than the kernel's peak and 15 %, file
/// cache included. Where the kernel killed for lack of memory, the limit itself hides the need: 20 % above the limit.
/// CPU: the p95 and 15 %; where more than 5 % of the periods were cut short, half as much again as the limit.
package struct Recommendation: Codable, Hashable, Sendable {
    package struct Field: Codable, Hashable, Sendable {
        /// In the spelling of the specs; nil is no limit.
        package var declared: String?
        package var suggested: String
        /// Why it is that much.
        package var reason: String
    }

    /// Fewer samples say little.
    package static let enoughSamples = 100
    /// So does a shorter time: a day has busy and quiet hours, an hour at least a few of both.
    package static let enoughSeconds: Int64 = 3600

    package var object: ResourceID
    package var usage: UsageSummary
    /// Whether there are samples enough over time enough.
    package var isConfident: Bool
    package var memory: Field
    /// nil before CPU time was measured.
    package var cpus: Field?
    /// Where the limits are written, or else the object.
    package var position: SourcePosition

    private enum CodingKeys: String, CodingKey {
        case object, usage, memory, cpus, position
        case isConfident = "confident"
    }

    package init(_ object: DesiredObject, _ usage: UsageSummary) {
        let resources = object.container.template.resources
        self.object = object.id
        self.usage = usage
        isConfident = usage.samples >= Self.enoughSamples && usage.seconds >= Self.enoughSeconds
        memory = Self.memory(usage, resources.memory)
        cpus = Self.cpus(usage, resources.cpus)
        position = object.position(
            of: resources.memory == nil ? "spec.template.resources.cpus" : "spec.template.resources.memory")
    }

    private static func memory(_ usage: UsageSummary, _ limit: ByteQuantity?) -> Field {
        if usage.kills > 0, let limit {
            let bytes = rounded(ByteQuantity(bytes: limit.bytes / 5 * 6))
            return Field(
                declared: limit.description, suggested: bytes.description,
                reason: "the kernel killed \(usage.kills) times for lack of memory")
        }
        var needed = withMargin(max(usage.memoryP95, usage.memoryLargest))
        if let peak = usage.memoryPeak { needed = min(needed, withMargin(peak)) }
        let reason = "largest working set \(ByteQuantity(bytes: usage.memoryLargest).rounded), and 15 % more"
        return Field(
            declared: limit?.description,
            suggested: rounded(ByteQuantity(bytes: max(needed, ByteQuantity.leastLimit))).description, reason: reason)
    }

    private static func cpus(_ usage: UsageSummary, _ limit: CPUQuantity?) -> Field? {
        guard let p95 = usage.cpuP95 else { return nil }
        if let limit, let throttled = usage.throttled, throttled > 0.05 {
            let more = rounded(CPUQuantity(nanoCPUs: limit.nanoCPUs / 2 * 3))
            return Field(
                declared: limit.description, suggested: more.description,
                reason: "the limit cut \(percent(throttled)) of the periods short")
        }
        return Field(
            declared: limit?.description, suggested: rounded(CPUQuantity(nanoCPUs: withMargin(p95))).description,
            reason: "p95 \(rounded(CPUQuantity(nanoCPUs: p95))), and 15 % more")
    }

    // MARK: Numbers that people write

    private static func withMargin(_ value: Int64) -> Int64 { Int64(Double(value) * 1.15) }

    /// Up to whole MiB, of larger amounts to a sixteenth of the power of two below.
    private static func rounded(_ bytes: ByteQuantity) -> ByteQuantity {
        var step: Int64 = 1 << 20
        while step << 5 <= bytes.bytes { step <<= 1 }
        return ByteQuantity(bytes: (bytes.bytes + step - 1) / step * step)
    }

    /// Up to 10m, of a CPU and more to 100m.
    private static func rounded(_ cpus: CPUQuantity) -> CPUQuantity {
        let step: Int64 = cpus.nanoCPUs < 1_000_000_000 ? 10_000_000 : 100_000_000
        return CPUQuantity(nanoCPUs: max(step, (cpus.nanoCPUs + step - 1) / step * step))
    }

    private static func percent(_ share: Double) -> String { "\(Int((share * 100).rounded())) %" }
}

extension ByteQuantity {
    /// Docker refuses less memory.
    fileprivate static let leastLimit: Int64 = 6 << 20
}

extension HostReport {
    /// What would fit each declared object of which something is known, in the order of their names.
    package var recommendations: [Recommendation] {
        guard let desired else { return [] }
        return usage.keys.sorted().compactMap { id in
            guard let object = desired.objects[id], let summary = usage[id] else { return nil }
            return Recommendation(object, summary)
        }
    }
}
