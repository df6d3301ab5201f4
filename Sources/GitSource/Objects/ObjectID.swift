import Crypto
import Specs

/// Names of git's objects, as this process works them out itself.
enum ObjectID {
    /// Hexadecimal digits of an id.
    static let length = 40

    /// The id that git gives an object: the SHA-1 of its kind, its size and its bytes.
    static func of(_ kind: String, _ bytes: some Collection<UInt8>) -> String {
        var hash = Insecure.SHA1()
        hash.update(data: Array("\(kind) \(bytes.count)\u{0}".utf8))
        hash.update(data: Array(bytes))
        return Hexadecimal.text(hash.finalize())
    }

    static func isValid(_ text: some Collection<UInt8>) -> Bool {
        text.count == length && text.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }
}
