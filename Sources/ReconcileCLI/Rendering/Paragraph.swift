/// Prose in lines of bounded width.
enum Paragraph {
    /// Breaks between words alone; a word that is too wide has a line of its own.
    static func lines(_ text: String, width: Int = 100, indent: Int = 0) -> [String] {
        let margin = String(repeating: " ", count: indent)
        var lines: [String] = []
        for word in text.split(separator: " ") {
            if let last = lines.last, last.count + 1 + word.count <= width {
                lines[lines.count - 1] = last + " " + word
            } else {
                lines.append(margin + word)
            }
        }
        return lines
    }
}
