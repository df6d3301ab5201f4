/// Policies as text for people.
enum PolicyRenderer {
    static func text(_ document: PolicyDocument) -> String {
        var lines = ["\(document.object), as \(document.revision) says"]
        if !document.policies.isEmpty { lines.append("  selected by " + document.policies.joined(separator: ", ")) }
        if let bridge = document.bridge { lines.append("  on bridge \(bridge)") }
        if let message = document.message { lines.append("  \(message)") }
        for section in document.sections {
            lines += ["", section.name.uppercased()]
            lines += Table.lines(
                section.lines.map { ["  \($0.what)", $0.enforcement.rawValue, $0.position ?? "always"] })
        }
        if !document.refused.isEmpty {
            lines += ["", "REFUSED PACKETS"]
            lines += Table.lines(document.refused.sorted { $0.key < $1.key }.map { ["  \($0.key)", "\($0.value)"] })
        }
        return lines.joined(separator: "\n")
    }

    static func text(_ difference: PolicyDifference) -> String {
        guard !difference.objects.isEmpty else { return "policies are the same in \(difference.to)" }
        var lines = ["from \(difference.from ?? "nothing") to \(difference.to)"]
        for change in difference.objects {
            lines += ["", change.object]
            lines += change.removed.map { "  - \($0)" } + change.added.map { "  + \($0)" }
        }
        return lines.joined(separator: "\n")
    }
}
