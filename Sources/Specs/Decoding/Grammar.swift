/// Whether text belongs to one of the small languages that fields take. Only ASCII ever does.
enum Grammar {
    static func isDNSLabel(_ text: some StringProtocol, longest: Int = 63) -> Bool {
        bounded(text.utf8, 1...longest, inner: { isLowerOrDigit($0) || $0 == UInt8(ascii: "-") }, ends: isLowerOrDigit)
    }

    static func isDNSSubdomain(_ text: some StringProtocol) -> Bool {
        text.utf8.count <= 253
            && text.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { isDNSLabel($0) }
    }

    /// The part of a label key behind the prefix, and a label value that is not empty.
    static func isLabelName(_ text: some StringProtocol) -> Bool {
        bounded(text.utf8, 1...63, inner: { isAlphanumeric($0) || isMark($0) }, ends: isAlphanumeric)
    }

    static func isLabelKey(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        switch parts.count {
        case 1: return isLabelName(parts[0])
        case 2: return isDNSSubdomain(parts[0]) && isLabelName(parts[1])
        default: return false
        }
    }

    static func isEnvironmentName(_ text: String) -> Bool {
        bounded(text.utf8, 1...255, inner: { isAlphanumeric($0) || isMark($0) }, ends: { _ in true })
            && text.utf8.first.map(isDigit) == false
    }

    static func isVariableName(_ text: some StringProtocol) -> Bool {
        bounded(text.utf8, 1...64, inner: { isAlphanumeric($0) || $0 == UInt8(ascii: "_") }, ends: { _ in true })
            && text.utf8.first.map(isDigit) == false
    }

    static func isVolumeName(_ text: String) -> Bool {
        bounded(text.utf8, 2...255, inner: { isAlphanumeric($0) || isMark($0) }, ends: { _ in true })
            && text.utf8.first.map(isAlphanumeric) == true
    }

    static func isUser(_ text: String) -> Bool {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        return parts.count <= 2 && parts.allSatisfy(isUserOrGroup)
    }

    static func isIPv4Address(_ text: String) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.allSatisfy { UInt8($0) != nil && String(UInt8($0) ?? 0) == $0 }
    }

    /// An absolute path without `.`, `..`, empty or trailing parts; the root itself is one.
    static func isNormalisedPath(_ text: String) -> Bool {
        guard text.utf8.count <= 4095, text.utf8.first == UInt8(ascii: "/") else { return false }
        if text.utf8.count == 1 { return true }
        if text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) { return false }
        return text.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
            .allSatisfy { !$0.isEmpty && !$0.elementsEqual(".".utf8) && !$0.elementsEqual("..".utf8) }
    }

    /// Whether YAML reads this text as the same string without quotes, wherever it stands; cautious.
    static func isPlainText(_ text: String) -> Bool {
        guard let first = text.utf8.first, isAlphanumeric(first) || first == UInt8(ascii: "/") else { return false }
        let isHarmless = text.utf8.allSatisfy { isAlphanumeric($0) || isMark($0) || $0 == UInt8(ascii: "/") }
        return isHarmless && YAMLScalar(text).value == .string
    }

    /// A number is an id and must be in its range; everything else is a name.
    private static func isUserOrGroup(_ text: Substring) -> Bool {
        if !text.isEmpty, text.utf8.allSatisfy(isDigit) {
            return Int32(text).map { String($0) == text } == true
        }
        return bounded(text.utf8, 1...32, inner: { isAlphanumeric($0) || isMark($0) }, ends: { _ in true })
            && text.utf8.first != UInt8(ascii: "-")
    }

    private static func bounded(
        _ text: some Collection<UInt8>, _ lengths: ClosedRange<Int>, inner: (UInt8) -> Bool, ends: (UInt8) -> Bool
    ) -> Bool {
        guard lengths.contains(text.count), let first = text.first, ends(first) else { return false }
        return text.allSatisfy(inner) && text.dropFirst(text.count - 1).allSatisfy(ends)
    }

    static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    static func isLowerOrDigit(_ byte: UInt8) -> Bool {
        isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
    }

    static func isAlphanumeric(_ byte: UInt8) -> Bool {
        isLowerOrDigit(byte) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
    }

    /// `-`, `_` or `.`
    static func isMark(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") || byte == UInt8(ascii: ".")
    }
}
