/// Names of hosts that a rule speaks of: one name, or everything below one (`*.example.com`).
package struct DNSPattern: Hashable, Comparable, Sendable {
    /// Lower case, without a final dot, and without the `*.` of a wildcard.
    package let name: String
    /// Whether it stands for all names below `name`, at any depth, and not for `name` itself.
    package let isWildcard: Bool

    /// Whether a name as resolvers write it is meant; case and a final dot do not matter.
    package func matches(_ host: String) -> Bool {
        let host = Self.plain(host)
        guard isWildcard else { return host == name }
        return host.utf8.count > name.utf8.count + 1 && host.hasSuffix(".\(name)")
    }

    /// Whether it takes in all that `other` does.
    package func contains(_ other: DNSPattern) -> Bool {
        guard isWildcard else { return self == other }
        return self == other || other.name.hasSuffix(".\(name)")
    }

    package static func < (a: DNSPattern, b: DNSPattern) -> Bool {
        (a.name, a.isWildcard ? 1 : 0) < (b.name, b.isWildcard ? 1 : 0)
    }

    private static func plain(_ host: String) -> String {
        let host = host.lowercased()
        return host.hasSuffix(".") ? String(host.dropLast()) : host
    }
}

extension DNSPattern: CustomStringConvertible {
    package var description: String { isWildcard ? "*.\(name)" : name }

    /// Reads `pypi.org` or `*.example.com`.
    ///
    /// Labels are letters, digits, `-` and `_`. Names in other scripts have to be written as they are in DNS (`xn--…`).
    package static func parse(_ text: String) throws(InvalidText) -> DNSPattern {
        if !text.isEmpty, text.utf8.count <= InvalidText.longest,
            text.unicodeScalars.contains(where: { $0.value > 0x7F })
        {
            throw InvalidText(
                "\(Diagnostic.quote(text)) has letters that DNS does not have",
                hint: "write its ASCII form, which begins with xn--")
        }
        try InvalidText.check(text, "the name", example: "pypi.org")
        try checkIsNoURL(text)
        let whole = plain(text)
        guard whole != "*" else {
            throw InvalidText("'*' stands for every name", hint: "allow addresses instead, such as cidr 0.0.0.0/0")
        }
        let isWildcard = whole.hasPrefix("*.")
        let name = isWildcard ? String(whole.dropFirst(2)) : whole
        try check(name, of: text)
        return DNSPattern(name: name, isWildcard: isWildcard)
    }

    /// What people paste instead of a name.
    private static func checkIsNoURL(_ text: String) throws(InvalidText) {
        if let scheme = text.firstRange(of: "://") {
            let host = text[scheme.upperBound...].prefix { $0 != "/" && $0 != ":" }
            throw InvalidText(
                "\(Diagnostic.quote(text)) is a URL", hint: host.isEmpty ? nil : "write its host, \(host)")
        }
        if (try? IPAddress.parse(text)) != nil || (try? CIDR.parse(text)) != nil {
            // Whether it is one decides what the message says, not why it is none.
            throw InvalidText("\(Diagnostic.quote(text)) is an address", hint: "addresses go under 'cidr'")
        }
        if let colon = text.firstIndex(of: ":") {
            throw InvalidText(
                "\(Diagnostic.quote(text)) has a port", hint: "write \(text[..<colon]), and the port under 'ports'")
        }
    }

    private static func check(_ name: String, of text: String) throws(InvalidText) {
        guard !name.contains("*") else {
            throw InvalidText(
                "\(Diagnostic.quote(text)) has a star where none can be",
                hint: "only the whole first label can be one: *.example.com")
        }
        guard name.utf8.count <= 253 else {
            throw InvalidText("\(Diagnostic.quote(text)) is longer than the 253 bytes of a name")
        }
        let labels = name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        for label in labels {
            guard !label.isEmpty else { throw InvalidText("\(Diagnostic.quote(text)) has an empty label") }
            guard label.count <= 63 else {
                throw InvalidText("\(Diagnostic.quote(text)) has a label of more than 63 bytes")
            }
            let isPlain = label.allSatisfy {
                Grammar.isLowerOrDigit($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
            }
            guard isPlain, label.first != UInt8(ascii: "-"), label.last != UInt8(ascii: "-") else {
                throw InvalidText(
                    "\(Diagnostic.quote(text)) has the label \(Diagnostic.quote(String(decoding: label, as: UTF8.self)))",
                    hint: "labels are a-z, 0-9, '-' and '_', with no '-' at the ends")
            }
        }
        guard labels.last?.allSatisfy(Grammar.isDigit) == false else {
            throw InvalidText(
                "\(Diagnostic.quote(text)) ends in a number, as addresses do", hint: "addresses go under 'cidr'")
        }
    }
}
