import Foundation
import Reconciler
import Specs

/// A snapshot as it is published: two lines of JSON, what the host says and who vouches for it.
///
///     {"accepted":{...},"containers":[...], ...}
///     {"format":"reconcile-snapshot","key":"4be1c02a97d3","signature":"...","version":1}
///
/// Signed are the bytes of the first line as they are, behind words that no other signature of ours begins with and that
/// say the version. So nothing has to be written anew to be checked, and nothing is parsed before it was.
struct SealedSnapshot {
    /// Without its newline.
    let content: Data
    let seal: Seal

    struct Seal: Codable, Hashable {
        static let format = "reconcile-snapshot"

        var format = Self.format
        var version = PublishedSnapshot.currentFormat
        /// By which the reader finds the right one of several; a hint, and nothing rests on it.
        var key: String?
        /// In Base64; nil where nobody signed.
        var signature: String?
    }

    /// Of a thousand containers there is about a megabyte.
    static let mostBytes = 64 << 20

    /// - Parameter signer: nil leaves it unsigned.
    init(_ snapshot: PublishedSnapshot, signedBy signer: SnapshotSigner?) throws {
        let content = try Self.encoder.encode(snapshot)
        self.content = content
        seal = try signer.map { try Self.seal(content, by: $0) } ?? Seal()
    }

    /// The same content, and who signs it vouches for it from now on.
    func signed(by signer: SnapshotSigner) throws -> SealedSnapshot {
        SealedSnapshot(content: content, seal: try Self.seal(content, by: signer))
    }

    private static func seal(_ content: Data, by signer: SnapshotSigner) throws -> Seal {
        Seal(
            key: signer.publicKey(for: nil).id,
            signature: try signer.signature(of: message(content)).base64EncodedString())
    }

    private init(content: Data, seal: Seal) {
        self.content = content
        self.seal = seal
    }

    var bytes: Data {
        get throws { content + Data("\n".utf8) + (try Self.encoder.encode(seal)) + Data("\n".utf8) }
    }

    /// Reads what was published; whether it may be believed is not looked at.
    ///
    /// - Throws: `SnapshotProblem`, whose text goes on after the name of the file.
    init(_ bytes: Data) throws(SnapshotProblem) {
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        guard lines.count > 1, bytes.last == UInt8(ascii: "\n") else {
            throw SnapshotProblem("is not whole, or no snapshot: it ends before its last line")
        }
        guard lines.count == 3, let seal = try? JSONDecoder().decode(Seal.self, from: lines[1]),
            seal.format == Seal.format
        else {
            throw SnapshotProblem("is no snapshot: a snapshot has two lines, and the second says 'reconcile-snapshot'")
        }
        guard seal.version <= PublishedSnapshot.currentFormat else {
            throw SnapshotProblem(
                "has format \(seal.version), and this version reads \(PublishedSnapshot.currentFormat): use a newer reconcile"
            )
        }
        guard seal.version == PublishedSnapshot.currentFormat else {
            throw SnapshotProblem("has format \(seal.version), which there never was")
        }
        content = Data(lines[0])
        self.seal = seal
    }

    private static func message(_ content: Data) -> Data {
        Data("reconcile host snapshot, version \(PublishedSnapshot.currentFormat)\n".utf8) + content
    }

    private static var encoder: JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return encoder
    }

    /// Checks who vouches for it, and only then reads it.
    ///
    /// - Parameter keys: those that are trusted; nil believes whatever it says.
    /// - Throws: `SnapshotProblem`, whose text goes on after the name of the file.
    func snapshot(trusting keys: [SnapshotKey]?) throws(SnapshotProblem) -> PublishedSnapshot {
        let signer = try keys.map { keys throws(SnapshotProblem) in try trusted(of: keys) }
        let snapshot: PublishedSnapshot
        do {
            snapshot = try JSONDecoder().decode(PublishedSnapshot.self, from: content)
        } catch {
            throw SnapshotProblem("cannot be read: \(Self.words(error).onOneLine)")
        }
        // Whatever it is called stands in every plan and every refusal, on lines that runners of CI read.
        let name = snapshot.host.name
        guard !name.isEmpty, name.unicodeScalars.allSatisfy({ ("!"..."~").contains($0) }) else {
            throw SnapshotProblem("has a name of its host that is not one word of printable ASCII, such as agents-1")
        }
        // The same key may be named for several hosts, and once for all.
        if let signer, let host = signer.first?.host,
            !signer.contains(where: { $0.host == nil || $0.host == name })
        {
            throw SnapshotProblem(
                "is of host '\(name)', and the key that it is signed with is trusted for '\(host)' only")
        }
        return snapshot
    }

    /// The trusted key that it is signed with, as often as it is named.
    private func trusted(of keys: [SnapshotKey]) throws(SnapshotProblem) -> [SnapshotKey] {
        guard let text = seal.signature else {
            throw SnapshotProblem("is not signed: sign it with 'reconcile snapshot --key', or say --unverified")
        }
        let message = Self.message(content)
        if let signature = Data(base64Encoded: text) {
            let good = keys.filter { $0.isGood(signature, for: message) }
            if !good.isEmpty { return good }
        }
        if let key = seal.key, !keys.contains(where: { $0.id == key }) {
            let known = Set(keys.map(\.id)).sorted().joined(separator: ", ")
            throw SnapshotProblem(
                "is signed with key '\(key.filter { $0.isASCII && ($0.isLetter || $0.isNumber) }.prefix(64))', which is not trusted (\(known) would be)"
            )
        }
        throw SnapshotProblem("is not as it was signed: something of it was changed, or it is not whole")
    }

    private static func words(_ error: any Error) -> String {
        switch error {
        case DecodingError.keyNotFound(let key, _): "it has no '\(key.stringValue)'"
        case DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context),
            DecodingError.dataCorrupted(let context):
            "\(context.codingPath.map(\.stringValue).joined(separator: ".")): \(context.debugDescription)"
        default: error.localizedDescription
        }
    }
}
