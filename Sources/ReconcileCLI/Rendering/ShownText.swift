extension String {
    /// How much of one text is shown where it stands among others; a comment or a report has no room for more.
    static let mostShown = 300

    /// At most `mostShown` Unicode scalars, with an ellipsis where there were more.
    var shortened: String {
        guard let end = unicodeScalars.index(startIndex, offsetBy: Self.mostShown, limitedBy: endIndex), end != endIndex
        else { return self }
        return String(unicodeScalars[..<end]) + "…"
    }

    /// On one line and with nothing that steers a terminal: whatever ends a line is a blank, and other controls are U+FFFD.
    ///
    /// Scalar by scalar: one that a combining mark follows is a part of another character.
    var onOneLine: String {
        var line = ""
        for scalar in unicodeScalars { line.unicodeScalars.append(Self.shown(scalar)) }
        return line
    }

    private static func shown(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        switch scalar.properties.generalCategory {
        case .lineSeparator, .paragraphSeparator: " "
        case .control: ("\t"..."\r").contains(scalar) || scalar == "\u{85}" ? " " : "\u{FFFD}"
        // Marks that change the direction of text are among them.
        case .format: "\u{FFFD}"
        default: scalar
        }
    }
}
