import Reconciler
import Specs

/// Writes a tree of YAML in one of the many ways that mean the same: styles, indentation, key order and comments are dice.
struct RandomYAML {
    private(set) var random: SplitMix64
    private var text = ""

    init(_ random: SplitMix64) { self.random = random }

    /// One document with its `---`.
    mutating func document(_ root: YAMLNode) -> String {
        text = chance(4) ? "# a document\n---\n" : "---\n"
        guard case .mapping(let pairs) = root.content, !chance(8) else {
            flow(root, indent: 1)
            return text + "\n"
        }
        block(pairs, indent: 0)
        return text
    }

    // MARK: Collections

    private mutating func block(_ pairs: [YAMLPair], indent: Int) {
        for (index, pair) in pairs.shuffled(using: &random).enumerated() {
            if index > 0 || !text.hasSuffix("- ") { text += spaces(indent) }
            text += key(pair.key) + ":"
            value(pair.value, indent: indent)
            // No deeper than the keys, or it would belong to the text of a block.
            if chance(8) { text += spaces(Int.random(in: 0...indent, using: &random)) + "# note: \"x\" {\n" }
        }
    }

    /// What stands behind `key:` or `-`, to the end of its last line.
    private mutating func value(_ node: YAMLNode, indent: Int) {
        let deeper = indent + Int.random(in: 1...4, using: &random)
        switch node.content {
        case .mapping(let pairs) where !pairs.isEmpty && !chance(3):
            endLine()
            block(pairs, indent: deeper)
        case .sequence(let items) where !items.isEmpty && !chance(3):
            endLine()
            // A list may stand at the very column of its key.
            list(items, indent: chance(2) ? indent : deeper)
        case .scalar(let scalar) where scalar.value == .string && Self.fitsBlock(scalar.text) && chance(5):
            text += chance(2) ? " |-\n" : (scalar.text.contains("\n") ? " |-\n" : " >-\n")
            for line in scalar.text.split(separator: "\n", omittingEmptySubsequences: false) {
                text += spaces(deeper) + line + "\n"
            }
        default:
            text += spaces(Int.random(in: 1...3, using: &random))
            flow(node, indent: deeper)
            endLine()
        }
    }

    private mutating func list(_ items: [YAMLNode], indent: Int) {
        for item in items {
            text += spaces(indent) + "-"
            if case .mapping(let pairs) = item.content, !pairs.isEmpty, chance(2) {
                text += " "
                block(pairs, indent: indent + 2)
            } else {
                value(item, indent: indent)
            }
        }
    }

    private mutating func flow(_ node: YAMLNode, indent: Int) {
        switch node.content {
        case .scalar(let scalar): text += self.scalar(scalar)
        case .sequence(let items):
            text += "["
            for (index, item) in items.enumerated() {
                if index > 0 { comma(indent) }
                flow(item, indent: indent + 1)
            }
            text += chance(6) && !items.isEmpty ? " , ]" : "]"
        case .mapping(let pairs):
            text += "{"
            for (index, pair) in pairs.shuffled(using: &random).enumerated() {
                if index > 0 { comma(indent) }
                text += key(pair.key) + ": "
                flow(pair.value, indent: indent + 1)
            }
            text += "}"
        }
    }

    private mutating func comma(_ indent: Int) { text += chance(6) ? ",\n" + spaces(indent + 1) : ", " }

    private mutating func endLine() { text += chance(10) ? "  # why\n" : "\n" }

    // MARK: Scalars

    private mutating func key(_ key: String) -> String {
        Self.isPlain(key) && !chance(6) ? key : chance(2) ? single(key) : double(key)
    }

    /// Numbers, booleans and nulls are what they are because they have no quotes.
    private mutating func scalar(_ scalar: YAMLScalar) -> String {
        guard scalar.value == .string else { return scalar.text.isEmpty ? "null" : scalar.text }
        if Self.isPlain(scalar.text), !chance(3) { return scalar.text }
        return chance(2) && !scalar.text.contains("\n") ? single(scalar.text) : double(scalar.text)
    }

    private func single(_ text: String) -> String { "'" + text.replacing("'", with: "''") + "'" }

    private mutating func double(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": result += "\\\""
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case _ where scalar.isASCII && chance(20):
                let hex = String(scalar.value, radix: 16)
                result += (chance(2) ? "\\x" : "\\u00") + (hex.count == 1 ? "0" : "") + hex
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    private static func isPlain(_ text: String) -> Bool {
        guard let first = text.first, first.isLetter || first.isNumber || first == "/" else { return false }
        return text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "_./%-".contains($0)) }
            && YAMLScalar(text).value == .string
    }

    private static func fitsBlock(_ text: String) -> Bool {
        guard let first = text.first, let last = text.last, first != " ", last != " ", last != "\n" else {
            return false
        }
        return text.allSatisfy { $0 == "\n" || ($0.isASCII && $0 >= " ") } && !text.contains("\n ")
    }

    private func spaces(_ count: Int) -> String { String(repeating: " ", count: count) }

    private mutating func chance(_ one: Int) -> Bool { Int.random(in: 0..<one, using: &random) == 0 }
}
