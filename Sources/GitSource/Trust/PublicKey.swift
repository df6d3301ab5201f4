import Crypto
import FoundationEssentials

/// A public key of ssh, in its wire format.
struct PublicKey: Hashable, Sendable {
    let type: String
    let blob: [UInt8]

    /// nil for bytes that do not begin with the name of a type.
    init?(blob: [UInt8]) {
        var wire = WireReader(blob)
        guard let name = wire.text(), !name.isEmpty else { return nil }
        type = name
        self.blob = blob
    }

    /// The type and the key as one line of a file spells them; nil when they are not that.
    init?(fields: some Collection<Substring>) {
        guard let name = fields.first, let text = fields.dropFirst().first,
            let data = Data(base64Encoded: String(text)),
            let key = PublicKey(blob: Array(data)), key.type == name
        else { return nil }
        self = key
    }

    /// As `ssh-keygen -l` shows it.
    var fingerprint: String {
        var text = Data(SHA256.hash(data: blob)).base64EncodedString()
        while text.hasSuffix("=") { text.removeLast() }
        return "SHA256:\(text)"
    }
}

/// Reads the types of RFC 4251, section 5.
struct WireReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { rest = bytes[...] }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func number() -> UInt32? {
        guard rest.count >= 4 else { return nil }
        defer { rest = rest.dropFirst(4) }
        return rest.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
    }

    mutating func bytes() -> [UInt8]? {
        guard let length = number(), rest.count >= Int(length) else { return nil }
        defer { rest = rest.dropFirst(Int(length)) }
        return Array(rest.prefix(Int(length)))
    }

    mutating func text() -> String? { bytes().flatMap { String(validating: $0, as: UTF8.self) } }

    mutating func skip(_ expected: some Collection<UInt8>) -> Bool {
        guard rest.starts(with: expected) else { return false }
        rest = rest.dropFirst(expected.count)
        return true
    }
}
