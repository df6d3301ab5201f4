/// Text in mdoc(7).
struct Roff {
    private static let width = 72
    private var lines: [String] = []

    var text: String { lines.joined(separator: "\n") }

    mutating func raw(_ line: String) { lines.append(line) }

    mutating func macro(_ name: String, _ arguments: String = "") {
        lines.append(arguments.isEmpty ? ".\(name)" : ".\(name) \(arguments)")
    }

    /// Each sentence begins a line, as roff wants it.
    mutating func prose(_ text: String, isParagraph: Bool = false) {
        if text.isEmpty { return }
        if isParagraph { macro("Pp") }
        var line = ""
        func end(_ lines: inout [String]) {
            if !line.isEmpty { lines.append(Self.text(line)) }
            line = ""
        }
        for word in text.split(whereSeparator: \.isWhitespace) {
            if line.count + word.count + 1 > Self.width { end(&lines) }
            line += (line.isEmpty ? "" : " ") + word
            if word.hasSuffix(".") || word.hasSuffix("?") || word.hasSuffix("!") { end(&lines) }
        }
        end(&lines)
    }

    /// Lines as they are.
    mutating func literal(_ block: [String]) {
        macro("Bd", "-literal -offset indent")
        for line in block { lines.append(Self.text(line)) }
        macro("Ed")
    }

    /// - Parameter headings: of blocks that stand elsewhere.
    mutating func blocks(_ blocks: [HelpText.Block], without headings: Set<String> = []) {
        for block in blocks {
            switch block {
            case .prose(let text): prose(text, isParagraph: true)
            case .lines(let heading, let block) where !headings.contains(heading):
                if !heading.isEmpty { prose(Self.title(heading), isParagraph: true) }
                literal(block)
            case .lines: continue
            }
        }
    }

    mutating func options(_ arguments: [CommandTree.Argument]) {
        list(
            arguments.map { argument in
                let usual = argument.defaultValue.map { " (default: \($0))" } ?? ""
                return (argument.term, (argument.abstract ?? argument.discussion ?? "") + usual)
            })
    }

    /// - Parameter items: terms as arguments of `.It`, and what they mean.
    mutating func list(_ items: [(term: String, meaning: String)]) {
        macro("Bl", "-tag -width Ds")
        for item in items {
            macro("It", item.term)
            prose(item.meaning)
        }
        macro("El")
    }

    /// `EXIT CODES` is `Exit codes:` in the middle of a page.
    private static func title(_ heading: String) -> String {
        guard heading.allSatisfy({ $0.isUppercase || $0 == " " }) else { return heading + ":" }
        return heading.prefix(1) + heading.dropFirst().lowercased() + ":"
    }

    /// A line that begins with a dot or a quote would be a request.
    private static func text(_ line: String) -> String {
        let escaped = escaped(line)
        return escaped.hasPrefix(".") || escaped.hasPrefix("'") ? "\\&" + escaped : escaped
    }

    /// A backslash begins an escape; a plain hyphen is one that can be copied.
    static func escaped(_ text: String) -> String { text.replacing("\\", with: "\\e").replacing("-", with: "\\-") }
}
