import Crypto
import Foundation
import HostFiles

/// The key that a host signs its snapshots with: Ed25519, one line in a file that nobody else may read.
///
///     reconcile-snapshot-secret-key ed25519 BASE64
struct SnapshotSigner: Sendable {
    private static let word = "reconcile-snapshot-secret-key"
    private let key: Curve25519.Signing.PrivateKey

    /// A new one.
    init() { key = Curve25519.Signing.PrivateKey() }

    /// - Throws: `SnapshotProblem` where it cannot be read, others may read or replace it, or it is no key.
    init(file path: String) throws(SnapshotProblem) {
        let bytes: [UInt8]
        do throws(TrustedFile.Failure) {
            bytes = try TrustedFile(path, .secret, largest: 4 << 10).read().bytes
        } catch {
            throw SnapshotProblem("the key '\(path)' \(error.reason)")
        }
        let words = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isWhitespace)
        guard words.count == 3, words[0] == Self.word, words[1] == SnapshotKey.algorithm,
            let seed = Data(base64Encoded: String(words[2])),
            let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed)
        else {
            throw SnapshotProblem("'\(path)' holds no key for snapshots: make one with 'reconcile snapshot keygen'")
        }
        self.key = key
    }

    /// Writes it to a file of its own.
    ///
    /// - Throws: `SnapshotProblem`, such as where there is a file already: a key that is overwritten is lost.
    func write(to path: String) throws(SnapshotProblem) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw SnapshotProblem(
                errno == EEXIST
                    ? "'\(path)' is there already, and a key is not overwritten: remove it, or name another file"
                    : "'\(path)' cannot be made: \(String(cString: strerror(errno)).lowercased())")
        }
        let text = "\(Self.word) \(SnapshotKey.algorithm) \(key.rawRepresentation.base64EncodedString())\n"
        do {
            let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
            try handle.write(contentsOf: Data(text.utf8))
            try handle.synchronize()
        } catch {
            throw SnapshotProblem("'\(path)' cannot be written: \(error.fileReason)")
        }
    }

    /// What others need to check its signatures.
    ///
    /// - Parameter host: the only host whose snapshots it is for; nil for any.
    func publicKey(for host: String?) -> SnapshotKey { SnapshotKey(key.publicKey, host: host) }

    func signature(of message: Data) throws -> Data { try key.signature(for: message) }
}

/// Whose signature of snapshots is good, as CI is told: one line, of which a file may have several.
///
///     reconcile-snapshot-key ed25519 BASE64 [HOST]
///
/// With a host at the end it is good for the snapshots of that host alone: who has the key of one host can then say
/// nothing about another.
struct SnapshotKey: Sendable, CustomStringConvertible {
    static let algorithm = "ed25519"
    static let word = "reconcile-snapshot-key"

    private let key: Curve25519.Signing.PublicKey
    let host: String?

    fileprivate init(_ key: Curve25519.Signing.PublicKey, host: String?) {
        self.key = key
        self.host = host
    }

    /// Reads one line.
    init?(_ line: some StringProtocol) {
        let words = line.split(separator: " ", omittingEmptySubsequences: true)
        guard (3...4).contains(words.count), words[0] == Self.word, words[1] == Self.algorithm,
            let bytes = Data(base64Encoded: String(words[2])),
            let key = try? Curve25519.Signing.PublicKey(rawRepresentation: bytes)
        else { return nil }
        self.init(key, host: words.count == 4 ? String(words[3]) : nil)
    }

    /// Twelve hex digits by which people tell keys from each other.
    var id: String {
        SHA256.hash(data: key.rawRepresentation).prefix(6).map {
            String($0 >> 4, radix: 16) + String($0 & 15, radix: 16)
        }
        .joined()
    }

    var description: String {
        "\(Self.word) \(Self.algorithm) \(key.rawRepresentation.base64EncodedString())" + (host.map { " \($0)" } ?? "")
    }

    func isGood(_ signature: Data, for message: Data) -> Bool { key.isValidSignature(signature, for: message) }

    /// Keys of a command line: each a file of them, or a key itself.
    static func read(_ arguments: [String]) throws(SnapshotProblem) -> [SnapshotKey] {
        var keys: [SnapshotKey] = []
        for argument in arguments {
            if let key = SnapshotKey(argument) {
                keys.append(key)
                continue
            }
            guard let text = try? String(contentsOfFile: argument, encoding: .utf8) else {
                throw SnapshotProblem(
                    "'\(argument)' is neither a file that can be read nor a key: a key is '\(word) \(algorithm) BASE64 [HOST]'"
                )
            }
            let lines = text.split(whereSeparator: \.isNewline).filter {
                !$0.hasPrefix("#") && !$0.allSatisfy(\.isWhitespace)
            }
            if lines.isEmpty { throw SnapshotProblem("'\(argument)' holds no key") }
            for line in lines {
                guard let key = SnapshotKey(line) else {
                    throw SnapshotProblem(
                        "'\(argument)' holds what is no key: a line is '\(word) \(algorithm) BASE64 [HOST]'")
                }
                keys.append(key)
            }
        }
        return keys
    }
}

/// Why a snapshot, or a key for one, is of no use.
struct SnapshotProblem: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
