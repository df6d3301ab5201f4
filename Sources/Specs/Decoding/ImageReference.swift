/// The grammar of image references, as in github.com/distribution/reference: `[domain/]path[:tag][@digest]`.
enum ImageReference {
    static func isValid(_ text: String) -> Bool {
        var rest = text[...]
        if let at = rest.utf8.lastIndex(of: UInt8(ascii: "@")) {
            guard isDigest(rest[rest.index(after: at)...]) else { return false }
            rest = rest[..<at]
        }
        // A colon behind the last slash begins a tag; one before it begins the port of the domain.
        let path = rest.utf8.lastIndex(of: UInt8(ascii: "/")).map { rest[$0...] } ?? rest
        if let colon = path.utf8.firstIndex(of: UInt8(ascii: ":")) {
            guard isTag(rest[rest.index(after: colon)...]) else { return false }
            rest = rest[..<colon]
        }
        return isName(rest)
    }

    private static func isName(_ name: Substring) -> Bool {
        var parts = name.split(separator: "/", omittingEmptySubsequences: false)
        // 64 hexadecimal digits are the id of an image and not its name.
        guard name.utf8.count <= 255, !(name.utf8.count == 64 && name.utf8.allSatisfy(isHexDigit)) else { return false }
        if parts.count > 1, let first = parts.first, isMeantAsDomain(first) {
            guard isDomain(first) else { return false }
            parts.removeFirst()
        }
        return parts.allSatisfy(isPathComponent)
    }

    /// As Docker decides between `localhost/app` and `library/app`.
    private static func isMeantAsDomain(_ part: Substring) -> Bool {
        part == "localhost"
            || part.utf8.contains { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: "[") }
    }

    /// Host names, IPv4 addresses and IPv6 addresses in brackets, with an optional port.
    private static func isDomain(_ domain: Substring) -> Bool {
        var host = domain
        if let colon = domain.utf8.lastIndex(of: UInt8(ascii: ":")), domain.last != "]" {
            let port = domain[domain.index(after: colon)...]
            guard !port.isEmpty, port.utf8.allSatisfy(Grammar.isDigit), UInt16(port) != nil else { return false }
            host = domain[..<colon]
        }
        if host.first == "[", host.last == "]" {
            let address = host.dropFirst().dropLast()
            return !address.isEmpty && address.utf8.allSatisfy { isHexDigit($0) || $0 == UInt8(ascii: ":") }
        }
        return Grammar.isDNSSubdomain(host)
    }

    /// Runs of a-z and 0-9 with one of `.`, `_`, `__` or any number of `-` between them.
    private static func isPathComponent(_ part: Substring) -> Bool {
        guard let first = part.utf8.first, let last = part.utf8.last else { return false }
        guard Grammar.isLowerOrDigit(first), Grammar.isLowerOrDigit(last) else { return false }
        return part.utf8.split(whereSeparator: Grammar.isLowerOrDigit).allSatisfy { separator in
            let text = Substring(separator)
            return text == "." || text == "_" || text == "__" || text.allSatisfy { $0 == "-" }
        }
    }

    private static func isTag(_ tag: Substring) -> Bool {
        guard let first = tag.utf8.first, tag.utf8.count <= 128 else { return false }
        return (Grammar.isAlphanumeric(first) || first == UInt8(ascii: "_"))
            && tag.utf8.allSatisfy { Grammar.isAlphanumeric($0) || Grammar.isMark($0) }
    }

    private static func isDigest(_ digest: Substring) -> Bool {
        let hex = digest.dropFirst(7)
        return digest.hasPrefix("sha256:") && hex.utf8.count == 64 && hex.utf8.allSatisfy(isHexDigit)
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        Grammar.isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }
}
