import FoundationEssentials

/// Text around binary data, between a line that begins and one that ends: RFC 4880, section 6.2, and OpenSSH's own.
enum Armour {
    /// The bytes of one block whose first and last lines are gone; nil when they are not base64.
    ///
    /// What stands before an empty line is about the block. The checksum, a line that begins with `=`, says nothing that
    /// a signature does not say better.
    static func bytes(ofBlock lines: some Sequence<Substring>) -> [UInt8]? {
        var lines = lines.map { $0.filter { !$0.isWhitespace } }
        if let empty = lines.firstIndex(where: \.isEmpty), lines[..<empty].allSatisfy({ $0.contains(":") }) {
            lines.removeFirst(empty + 1)
        }
        if let last = lines.last, last.hasPrefix("="), last.count == 5 { lines.removeLast() }
        return Data(base64Encoded: lines.joined()).map(Array.init)
    }

    /// All public keys of an armoured text, one after the other; nil when there is none or one cannot be read.
    static func keys(in text: [UInt8]) -> [UInt8]? {
        guard let text = String(validating: text, as: UTF8.self) else { return nil }
        var keys: [UInt8] = []
        var block: [Substring]?
        for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            switch line {
            case "-----BEGIN PGP PUBLIC KEY BLOCK-----": block = []
            case "-----END PGP PUBLIC KEY BLOCK-----":
                guard let lines = block, let bytes = Armour.bytes(ofBlock: lines) else { return nil }
                keys += bytes
                block = nil
            default: block?.append(line)
            }
        }
        return keys.isEmpty || block != nil ? nil : keys
    }
}

/// The outermost structure of OpenPGP data: RFC 4880, section 4.2.
struct OpenPGPPacket {
    static let signature: UInt8 = 2
    static let publicKey: UInt8 = 6

    var tag: UInt8
    /// Header and body.
    var length: Int

    /// nil when there is none, when it is cut short, and for lengths that only encrypted data has.
    static func first(in bytes: ArraySlice<UInt8>) -> OpenPGPPacket? {
        let bytes = Array(bytes)
        guard let head = bytes.first, head & 0x80 != 0 else { return nil }
        let isNew = head & 0x40 != 0
        let tag = isNew ? head & 0x3f : head >> 2 & 0x0f
        let digits: Int
        if !isNew {
            guard head & 3 != 3 else { return nil }
            digits = 1 << Int(head & 3)
        } else {
            guard bytes.count > 1, bytes[1] < 224 || bytes[1] == 255 else { return nil }
            digits = bytes[1] < 192 ? 1 : bytes[1] == 255 ? 5 : 2
        }
        guard bytes.count > digits else { return nil }
        let field = bytes[1...digits]
        let body: Int
        switch (isNew, digits) {
        case (true, 2): body = (Int(bytes[1]) - 192) << 8 + Int(bytes[2]) + 192
        case (true, 5): body = field.dropFirst().reduce(0) { $0 << 8 | Int($1) }
        default: body = field.reduce(0) { $0 << 8 | Int($1) }
        }
        guard bytes.count >= 1 + digits + body else { return nil }
        return OpenPGPPacket(tag: tag, length: 1 + digits + body)
    }
}
