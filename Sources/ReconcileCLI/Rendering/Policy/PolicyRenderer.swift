import Reconciler

/// Policies as text for people.
enum PolicyRenderer {
    /// - Parameter listsCalls: whether every system call is named.
    static func text(_ document: PolicyDocument, listsCalls: Bool = false) -> String {
        var lines = ["\(document.object), as \(document.revision) says"]
        if !document.policies.isEmpty { lines.append("  selected by " + document.policies.joined(separator: ", ")) }
        if let bridge = document.bridge { lines.append("  on bridge \(bridge)") }
        if !document.containers.isEmpty { lines.append("  seen: " + document.containers.joined(separator: ", ")) }
        if let message = document.message { lines.append("  \(message)") }
        for section in document.sections {
            lines += ["", section.name.uppercased()]
            lines += Table.lines(section.lines.map(cells))
        }
        if listsCalls, let calls = document.systemCalls {
            lines += ["", "EVERY SYSTEM CALL, \(calls.defaultAction) otherwise"] + calls.lines
        }
        if !document.refused.isEmpty {
            lines += ["", "REFUSED PACKETS"]
            lines += Table.lines(document.refused.sorted { $0.key < $1.key }.map { ["  \($0.key)", "\($0.value)"] })
        }
        return lines.joined(separator: "\n")
    }

    private static func cells(_ line: PolicyDocument.Line) -> [String] {
        let place = [line.position, line.source.map { line.position == nil ? $0 : "(\($0))" }]
        return [
            "  \(line.what)", line.enforcement?.rawValue ?? "-", place.compactMap(\.self).joined(separator: " "),
            line.detail ?? "",
        ]
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
