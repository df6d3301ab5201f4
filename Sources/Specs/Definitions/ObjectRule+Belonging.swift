/// A field that belongs to some of the words of another field.
package struct Belonging<Word: Hashable & Sendable>: Sendable {
    package var key: String
    package var words: Set<Word>
    /// Whether it must be written for these words.
    package var isNeeded: Bool

    package init(_ key: String, to words: Set<Word>, isNeeded: Bool = false) {
        self.key = key
        self.words = words
        self.isNeeded = isNeeded
    }
}

extension ObjectRule {
    /// Each of some fields belongs to certain words of the field `name`, and is an error beside the others.
    ///
    /// - Parameter noun: what the map is, for messages: `mount`.
    package static func belonging<Word: RawRepresentable<String> & CaseIterable & Hashable & Sendable>(
        _ sentence: String?, to name: String, _ word: any KeyPath<Root, Word> & Sendable, of noun: String,
        hint: @escaping @Sendable (Belonging<Word>) -> String = { _ in "remove it" }, _ owned: [Belonging<Word>]
    ) -> Self {
        var rule = Self(sentence, about: [name] + owned.map(\.key)) { root, reader in
            let written = root[keyPath: word]
            var isValid = true
            for item in owned {
                if item.words.contains(written) {
                    if item.isNeeded, reader.required(item.key) == nil { isValid = false }
                } else if let field = reader[item.key] {
                    let message = "\(field.name) does not belong to a \(noun) of \(name) '\(written.rawValue)'"
                    field.report(.conflictingFields, message, hint: hint(item))
                    isValid = false
                }
            }
            return isValid
        }
        rule.conditions = Word.allCases.map { word -> ObjectCondition in
            let (own, others) = (owned.filter { $0.words.contains(word) }, owned.filter { !$0.words.contains(word) })
            let then = own.filter(\.isNeeded).map { FieldState.isWritten($0.key) } + others.map { .isLeftOut($0.key) }
            return ObjectCondition(when: [.has(name, [word.rawValue])], then: then)
        }
        return rule
    }
}
