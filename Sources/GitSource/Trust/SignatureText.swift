import FoundationEssentials
import Reconciler

/// Who signed, or why that does not count.
typealias SignatureVerdict = Result<String, VerificationFailure>

/// One signature as it stands in a commit or tag: a single block of armour and nothing else.
struct SignatureText {
    enum Format: String, CaseIterable {
        case openPGP = "PGP SIGNATURE"
        case ssh = "SSH SIGNATURE"
    }

    private static let maximumBytes = 64 << 10

    let format: Format
    /// What is between the first line and the last.
    let bytes: [UInt8]

    /// Whether a line begins a signature, of any kind that git knows.
    static func begins(_ line: ArraySlice<UInt8>) -> Bool {
        ["PGP SIGNATURE", "PGP MESSAGE", "SSH SIGNATURE", "SIGNED MESSAGE"].contains {
            line.elementsEqual("-----BEGIN \($0)-----".utf8)
        }
    }

    /// - Parameter what: what it is on, for messages.
    /// - Throws: with `signatureInvalid` for anything that git does not write.
    init(_ text: [UInt8], on what: String) throws(VerificationFailure) {
        func invalid(_ reason: String) -> VerificationFailure {
            VerificationFailure(.signatureInvalid, "the signature of \(what) \(reason): sign it anew")
        }
        guard text.count <= Self.maximumBytes else {
            throw invalid("has \(text.count) bytes, where \(Self.maximumBytes) are allowed")
        }
        guard let text = String(validating: text, as: UTF8.self) else { throw invalid("is not text") }
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        // Forges end the header with an empty line.
        while let last = lines.last, last.allSatisfy(\.isWhitespace) { lines.removeLast() }
        guard let first = lines.first,
            let format = Format.allCases.first(where: { first == "-----BEGIN \($0.rawValue)-----" })
        else {
            throw invalid("is neither one of OpenPGP nor one of ssh (X.509 is not supported)")
        }
        guard lines.count > 2, lines.last == "-----END \(format.rawValue)-----" else {
            throw invalid("does not end with '-----END \(format.rawValue)-----', or has more behind it")
        }
        let inner = lines[1..<(lines.count - 1)]
        guard !inner.contains(where: { $0.hasPrefix("-----") }) else {
            throw invalid("is more than one block: exactly one is expected")
        }
        guard let bytes = Armour.bytes(ofBlock: inner) else { throw invalid("is not base64") }
        self.format = format
        self.bytes = bytes
    }
}
