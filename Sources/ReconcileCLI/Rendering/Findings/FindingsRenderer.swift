import Specs

/// Findings as a person reads them: the place, the line that was meant, and what would be right.
struct FindingsRenderer {
    private var sources: SourceFiles
    private let style: Style

    /// - Parameter files: what the findings are about; without them, places stand without their lines.
    init(_ files: [SpecFile] = [], style: Style = .plain) {
        sources = SourceFiles(files)
        self.style = style
    }

    /// The most notes that are shown one by one; there may be one for every object.
    private static let mostNotes = 10

    /// All errors and warnings, as many notes as a person reads, and the summary; beside errors notes are only counted.
    mutating func text(_ report: FindingsReport) -> String {
        let most = report.hasErrors ? 0 : Self.mostNotes
        var notes = 0
        let legible = report.diagnostics.filter { diagnostic in
            if diagnostic.severity == .info { notes += 1 }
            return diagnostic.severity > .info || notes <= most
        }
        let shown = text(legible)
        let rest = notes > most ? "\nnot shown: \(notes - most) of the notes; -o json has all" : ""
        return (shown.isEmpty ? "" : shown + "\n\n") + report.summary + rest
    }

    /// The findings with an empty line between them, in their own order.
    mutating func text(_ diagnostics: [Diagnostic]) -> String {
        var blocks: [String] = []
        for diagnostic in diagnostics { blocks.append(block(diagnostic).joined(separator: "\n")) }
        return blocks.joined(separator: "\n\n")
    }

    /// `web.yaml:6:3: error[S104]: unknown key 'replica' (did you mean 'replicas'?)`
    static func line(_ diagnostic: Diagnostic) -> String {
        headline(diagnostic, .plain) + (diagnostic.hint.map { " (\($0))" } ?? "")
    }

    private static func headline(_ diagnostic: Diagnostic, _ style: Style) -> String {
        let kind = "\(diagnostic.severity.rawValue)[\(diagnostic.code.rawValue)]"
        // What is not read has no lines, and the message names it.
        let place = diagnostic.code == .unreadable ? "" : style("\(diagnostic.position):", .strong) + " "
        return place + style(kind, diagnostic.severity.role) + ": "
            + style(diagnostic.message, .strong)
    }

    private mutating func block(_ diagnostic: Diagnostic) -> [String] {
        let excerpt = sources.excerpt(at: diagnostic.position)
        // A note is short; what else it is about is in the document for programs.
        let related = diagnostic.severity == .info ? [] : diagnostic.related
        let others = related.map { (note: $0, excerpt: sources.excerpt(at: $0.position)) }
        let numbers = ([excerpt] + others.map(\.excerpt)).compactMap { $0?.number }
        let margin = String(numbers.max() ?? 0).count + 2
        var lines = [Self.headline(diagnostic, style)]
        if let excerpt { lines += self.lines(excerpt, margin, diagnostic.severity.role) }
        if let hint = diagnostic.hint {
            lines.append(
                blank(margin) + style(excerpt == nil ? "" : " =", .frame) + " " + style("help:", .help) + " \(hint)")
        }
        for (other, excerpt) in others {
            let place = style("\(other.position):", .strong)
            lines.append("\(place) \(style("note:", .info)) \(other.note)")
            if let excerpt { lines += self.lines(excerpt, margin, .info) }
        }
        return lines
    }

    private func lines(_ excerpt: SourceExcerpt, _ margin: Int, _ role: Style.Role) -> [String] {
        let number = String(excerpt.number)
        let mark = blank(excerpt.indent) + style(String(repeating: "^", count: excerpt.width), role)
        let source = excerpt.text.isEmpty ? "" : " " + excerpt.text
        return [
            style(blank(margin - number.count) + number + " |", .frame) + source,
            style(blank(margin) + " |", .frame) + " " + mark,
        ]
    }

    private func blank(_ count: Int) -> String { String(repeating: " ", count: count) }
}
