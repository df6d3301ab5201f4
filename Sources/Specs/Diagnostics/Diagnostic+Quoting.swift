extension Diagnostic {
    /// The text in single quotes as messages show it: one line, at most 80 characters, nothing that steers a terminal.
    package static func quote(_ text: some StringProtocol) -> String {
        var shown = ""
        for (count, scalar) in text.unicodeScalars.enumerated() {
            if count == 80 {
                shown += "…"
                break
            }
            switch scalar {
            case "\n": shown += "\\n"
            case "\t": shown += "\\t"
            case _ where isUnsafeToShow(scalar): shown += "\\u{\(String(scalar.value, radix: 16))}"
            default: shown.unicodeScalars.append(scalar)
            }
        }
        return "'\(shown)'"
    }

    /// `a`, `a or b`, `a, b or c`; of more than `limit` items the rest is counted.
    package static func list(_ items: [String], word: String = "or", limit: Int = 24) -> String {
        if items.count > limit {
            return items.prefix(limit).joined(separator: ", ") + " and \(items.count - limit) more"
        }
        guard let last = items.last, items.count > 1 else { return items.first ?? "" }
        return items.dropLast().joined(separator: ", ") + " \(word) \(last)"
    }

    private static func isUnsafeToShow(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned: true
        default: false
        }
    }
}
