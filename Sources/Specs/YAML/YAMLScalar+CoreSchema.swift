extension YAMLScalar {
    /// What a scalar means under the core schema of YAML 1.2, made stricter where the schema bites.
    package enum Value: Hashable, Sendable {
        case null
        case bool(Bool)
        case integer(Int64)
        /// An integer beyond 64 bits.
        case hugeInteger
        /// Digits after a leading zero: octal in YAML 1.1, decimal in 1.2, so never taken as either.
        case leadingZero
        case float
        case string
    }

    /// The meaning of the scalar: quoted text is always a string, plain text follows the core schema.
    ///
    /// `true` and `false` are the only booleans, `0x` and `0o` the only prefixes; `no`, `0b1` and `1_000` are strings.
    package var value: Value {
        switch tag {
        case .str: .string
        case nil where style != .plain: .string
        default: Self.resolve(text.utf8)
        }
    }

    /// Whether an explicit tag and the text agree; `!!int abc` does not.
    var fitsTag: Bool {
        switch (tag, value) {
        case (nil, _), (.str, _), (.null, .null), (.bool, .bool), (.int, .integer), (.int, .hugeInteger),
            (.int, .leadingZero), (.float, .float), (.float, .integer):
            true
        default: false
        }
    }

    private static func resolve(_ text: String.UTF8View) -> Value {
        guard let first = text.first else { return .null }
        switch first {
        case UInt8(ascii: "~"): return text.count == 1 ? .null : .string
        case UInt8(ascii: "n"), UInt8(ascii: "N"):
            return ["null", "Null", "NULL"].contains { $0.utf8.elementsEqual(text) } ? .null : .string
        case UInt8(ascii: "t"): return "true".utf8.elementsEqual(text) ? .bool(true) : .string
        case UInt8(ascii: "f"): return "false".utf8.elementsEqual(text) ? .bool(false) : .string
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."):
            return resolveNumber(text)
        default: return .string
        }
    }

    private static func resolveNumber(_ text: String.UTF8View) -> Value {
        var digits = text[...]
        let sign = digits.first
        if sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") { digits = digits.dropFirst() }
        if digits.count == text.count, let value = resolvePrefixed(digits) { return value }
        guard !digits.isEmpty else { return .string }
        guard digits.allSatisfy(isDigit) else { return isFloat(digits) ? .float : .string }
        if digits.count > 1, digits.first == UInt8(ascii: "0") { return .leadingZero }
        return Int64(Substring(text[...])).map { .integer($0) } ?? .hugeInteger
    }

    /// `0x1F` and `0o17`; nil when the digits do not fit the prefix.
    private static func resolvePrefixed(_ text: Substring.UTF8View) -> Value? {
        guard text.count > 2, text.first == UInt8(ascii: "0") else { return nil }
        let digits = text.dropFirst(2)
        let radix: Int
        switch text[text.index(after: text.startIndex)] {
        case UInt8(ascii: "x"): radix = 16
        case UInt8(ascii: "o"): radix = 8
        default: return nil
        }
        guard digits.allSatisfy({ isDigit($0, radix: radix) }) else { return nil }
        return Int64(Substring(digits), radix: radix).map { .integer($0) } ?? .hugeInteger
    }

    /// `(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`, `.inf` and `.nan`, all without a sign.
    private static func isFloat(_ text: Substring.UTF8View) -> Bool {
        let words = [".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN"]
        if text.first == UInt8(ascii: "."), words.contains(where: { $0.utf8.elementsEqual(text) }) { return true }
        var rest = text.drop(while: isDigit)
        var digits = text.count - rest.count
        if rest.first == UInt8(ascii: ".") {
            let fraction = rest.dropFirst()
            rest = fraction.drop(while: isDigit)
            digits += fraction.count - rest.count
        }
        guard digits > 0 else { return false }
        guard let e = rest.first else { return true }
        guard e == UInt8(ascii: "e") || e == UInt8(ascii: "E") else { return false }
        rest = rest.dropFirst()
        if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") { rest = rest.dropFirst() }
        return !rest.isEmpty && rest.allSatisfy(isDigit)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { isDigit(byte, radix: 10) }

    private static func isDigit(_ byte: UInt8, radix: Int) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(byte - UInt8(ascii: "0")) < radix
        case UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"): radix == 16
        default: false
        }
    }
}
