import Reconciler
import Specs

/// A plan as a comment on a pull request.
///
/// The first line is a marker that stays the same from run to run, by which a bot finds the comment that it wrote before.
/// Texts of the repository are only ever in code spans: they mention nobody, link nowhere and close nothing.
enum PlanMarkdown {
    /// GitHub takes 65,536 characters; in bytes there is room left whatever it counts.
    static let mostBytes = 65_000

    /// - Parameter documents: one for each host that was looked at; at least one.
    static func text(_ documents: [PlanDocument], atMost limit: Int = mostBytes) -> String {
        var (rows, hosts) = (Int.max, documents.count)
        while true {
            let text = text(documents, rowsOfSection: rows, hosts: hosts)
            if text.utf8.count <= limit || hosts == 0 { return text }
            // What all hosts have in numbers says more than what some have in full.
            if rows > 0 { rows = rows == .max ? 512 : rows / 2 } else { hosts /= 2 }
        }
    }

    /// `<!-- reconcile plan: host-a -->`; of a fleet only the first is named, so that hosts come and go in one comment.
    static func marker(_ documents: [PlanDocument]) -> String {
        let names = documents.map { $0.host ?? "all hosts" }
        let hosts = names.count > 5 ? "\(names[0]) and others" : names.joined(separator: ", ")
        let name = String(hosts.unicodeScalars.filter { $0 != "<" && $0 != ">" })
        return "<!-- reconcile plan: \(name.onOneLine) -->"
    }

    private static func text(_ documents: [PlanDocument], rowsOfSection most: Int, hosts: Int) -> String {
        var parts = [marker(documents)]
        if documents.count > 1 {
            let rows = documents.map { [code($0.host ?? ""), PlanCounts($0).words] }
            let total = [["**in total**", "**\(PlanCounts(documents).words)**"]]
            parts += ["### Plan of \(documents.count) hosts", table(["host", "plan"], total + rows, max(most, 1))]
        }
        for document in documents.prefix(hosts) { parts += plan(document, most) }
        parts += rest(documents.count, hosts, "hosts ")
        return parts.joined(separator: "\n\n") + "\n"
    }

    private static func plan(_ document: PlanDocument, _ most: Int) -> [String] {
        let folded = FoldedPlan(document)
        let host = document.host.map { " for \(code($0))" } ?? ""
        let before = document.base.map { ", compared with \(code($0.description))" } ?? ""
        var parts = [
            "### Plan\(host) at \(code(document.revision.description))\(before)", "**\(PlanCounts(document).words)**",
        ]
        if let snapshot = document.snapshot { parts.append("The host \(snapshot.words).") }
        let warnings = document.warnings ?? []
        if !warnings.isEmpty {
            let shown = warnings.prefix(most).map { warning in
                "> - **\(warning.code.rawValue)** \(warning.object.map { code($0) + " " } ?? "")"
                    + "\(code(warning.message))\(place(warning.position))"
            }
            parts.append(
                (["> [!WARNING]"] + shown + rest(warnings.count, most).map { "> - \($0)" }).joined(separator: "\n"))
        }
        parts += section("What the commit does", lines: folded.changes, isOpen: true, most)
        parts += section(
            "Drift: what is not as the revision before says either", lines: folded.drift, isOpen: true, most)
        parts += details(
            "Members on the way", ["object", "what becomes of them", "where"],
            (document.outlooks ?? []).map { [code($0.object), code($0.description), cell($0.position)] }, most)
        parts += details(
            "Who may reach whom", ["object", "flow", "where"],
            (document.policies ?? []).flatMap { entry in
                entry.lines.map { [code(entry.object), code("\($0.effect.rawValue) \($0.flow)"), cell($0.position)] }
            }, most)
        parts += details(
            "System calls", ["object", "calls", "where"],
            (document.systemCalls ?? []).map { [code($0.object), code($0.description), cell($0.position)] }, most)
        parts += details(
            "Numbers that an Autoscaler decides", ["object", "replicas"],
            (document.autoscaled ?? []).map { [code($0.object), "\($0.replicas) (\(code($0.bounds.description)))"] },
            most)
        parts += details(
            "Kept at an earlier revision by a pin", ["object", "pin"],
            document.pinnedObjects.map { [code($0.pin.object.description), code($0.description)] }, most)
        return parts
    }

    private static func section(_ title: String, lines: [FoldedPlan.Line], isOpen: Bool, _ most: Int) -> [String] {
        details(
            title, ["", "object", "what", "why", "where"],
            lines.map { line in
                [
                    line.entry.symbol.isEmpty ? "" : code(line.entry.symbol), code(line.subject), code(line.words),
                    code(line.reason), cell(line.position),
                ]
            }, most, isOpen: isOpen)
    }

    private static func details(
        _ title: String, _ head: [String], _ rows: [[String]], _ most: Int, isOpen: Bool = false
    ) -> [String] {
        if rows.isEmpty { return [] }
        return [
            "<details\(isOpen ? " open" : "")><summary>\(title) (\(rows.count))</summary>", table(head, rows, most),
            "</details>",
        ]
    }

    private static func table(_ head: [String], _ rows: [[String]], _ most: Int) -> String {
        let lines = [head, head.map { _ in "---" }] + rows.prefix(most)
        let text = lines.map { "| " + $0.joined(separator: " | ") + " |" }.joined(separator: "\n")
        return ([text] + rest(rows.count, most)).joined(separator: "\n\n")
    }

    /// What does not fit is counted, and it is said where the rest is.
    private static func rest(_ count: Int, _ most: Int, _ what: String = "") -> [String] {
        count > most
            ? [
                "_\(count - most) more \(what)did not fit into this comment; `-o json` and `-o human` have all of them._"
            ] : []
    }

    private static func place(_ position: SourcePosition?) -> String {
        position.map { " (\(code($0.description)))" } ?? ""
    }

    private static func cell(_ position: SourcePosition?) -> String { position.map { code($0.description) } ?? "" }

    /// A code span that holds the text whatever is in it; a bar is escaped, since tables are taken apart first.
    ///
    /// Scalar by scalar, as parsers of Markdown read it: a backtick that a combining mark follows is one to them.
    static func code(_ text: String) -> String {
        var line = ""
        var longest = 0
        var run = 0
        for scalar in text.shortened.onOneLine.unicodeScalars {
            if scalar == "|" { line.unicodeScalars.append("\\") }
            line.unicodeScalars.append(scalar)
            run = scalar == "`" ? run + 1 : 0
            longest = max(longest, run)
        }
        if longest == 0 { return line.isEmpty ? "" : "`\(line)`" }
        let fence = String(repeating: "`", count: longest + 1)
        return "\(fence) \(line) \(fence)"
    }
}
