/// Why text is not a value of one of the small languages that fields take.
package struct InvalidText: Error, Hashable, Sendable, CustomStringConvertible {
    /// What is wrong, with the part of the text in quotes.
    package var problem: String
    /// What would be right, where that can be said.
    package var hint: String?
    /// The code of the finding, where the mistake has one of its own; nil is that of the field.
    package var code: Diagnostic.Code?

    package init(_ problem: String, hint: String? = nil, code: Diagnostic.Code? = nil) {
        self.problem = problem
        self.hint = hint
        self.code = code
    }

    package var description: String { hint.map { "\(problem) (\($0))" } ?? problem }
}

extension InvalidText {
    /// The longest text that any of these languages reads.
    static let longest = 1024

    /// Refuses text that is empty, too long or not printable ASCII, so that no parser behind this has to think of it.
    static func check(_ text: String, _ what: String, example: String) throws(InvalidText) {
        guard !text.isEmpty else { throw InvalidText("\(what) is empty", hint: "such as \(Diagnostic.quote(example))") }
        guard text.utf8.count <= longest else {
            throw InvalidText("\(what) has \(text.utf8.count) bytes, the longest has \(longest)")
        }
        guard let odd = text.unicodeScalars.first(where: { !(0x20...0x7E).contains($0.value) }) else { return }
        throw InvalidText("\(Diagnostic.quote(String(odd))) has no place in \(what)")
    }
}

extension StringProtocol {
    /// The number that these 1 to `digits` ASCII digits are; nil for anything else, signs included.
    func plainNumber(digits: ClosedRange<Int>) -> Int? {
        guard digits.contains(utf8.count), utf8.allSatisfy(Grammar.isDigit) else { return nil }
        return Int(self)
    }
}
