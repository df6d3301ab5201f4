import Reconciler
import Specs

/// Suggested limits as YAML: what was seen in comments, and below it what may be pasted.
enum RecommendationRenderer {
    static func text(_ items: [Recommendation]) -> String {
        if items.isEmpty { return "# nothing is known yet: the daemon looks every ten seconds at what runs" }
        return items.map(text).joined(separator: "\n---\n")
    }

    private static func text(_ item: Recommendation) -> String {
        let usage = item.usage
        var lines = [
            "# \(item.object) (\(item.position)): \(usage.samples) samples in \(span(usage.seconds))"
        ]
        if !item.isConfident {
            lines.append(
                "# too little to rely on: \(Recommendation.enoughSamples) samples over "
                    + "\(span(Recommendation.enoughSeconds)) are wanted")
        }
        lines.append(memory(usage, item.memory))
        if let cpus = item.cpus { lines.append(cpu(usage, cpus)) }
        lines += ["spec:", "  template:", "    resources:"]
        if let cpus = item.cpus { lines.append("      cpus: \(cpus.suggested)  # \(change(cpus))") }
        lines.append("      memory: \(item.memory.suggested)  # \(change(item.memory))")
        return lines.joined(separator: "\n")
    }

    private static func memory(_ usage: UsageSummary, _ field: Recommendation.Field) -> String {
        var parts = ["p95 \(bytes(usage.memoryP95))", "largest \(bytes(usage.memoryLargest))"]
        if let peak = usage.memoryPeak { parts.append("kernel's peak \(bytes(peak)) with file cache") }
        if usage.kills > 0 { parts.append("\(usage.kills) killed for lack of it") }
        return "# memory: \(parts.joined(separator: ", ")), of \(field.declared ?? "no limit")"
    }

    private static func cpu(_ usage: UsageSummary, _ field: Recommendation.Field) -> String {
        var parts = [usage.cpuP95.map { "p95 \(cores($0))" }, usage.cpuLargest.map { "largest \(cores($0))" }]
            .compactMap(\.self)
        if let throttled = usage.throttled {
            parts.append("cut short in \(Int((throttled * 100).rounded())) % of periods")
        }
        return "# cpus: \(parts.joined(separator: ", ")), of \(field.declared ?? "no limit")"
    }

    private static func change(_ field: Recommendation.Field) -> String {
        field.declared == field.suggested ? "as it is" : "now \(field.declared ?? "none"); \(field.reason)"
    }

    private static func bytes(_ value: Int64) -> String { ByteQuantity(bytes: value).rounded }

    /// To a thousandth of a CPU.
    private static func cores(_ value: Int64) -> String {
        CPUQuantity(nanoCPUs: (value + 500_000) / 1_000_000 * 1_000_000).description
    }

    private static func span(_ seconds: Int64) -> String {
        switch seconds {
        case ..<120: "\(seconds) s"
        case ..<7200: "\(seconds / 60) min"
        default: "\(seconds / 3600) h"
        }
    }
}
