import Foundation
import Glibc
import ReconcileTesting
import Reconciler
import Specs
import Testing

@testable import ReconcileCLI

/// Who vouches for a snapshot.
@Suite("signatures of snapshots")
struct SealedSnapshotTests {
    private static let key = SnapshotBed.key.publicKey(for: nil)

    private static func sealed(_ signer: SnapshotSigner? = SnapshotBed.key) throws -> Data {
        try SealedSnapshot(try SnapshotBed.rich().snapshot(), signedBy: signer).bytes
    }

    private static func read(_ bytes: Data, _ keys: [SnapshotKey]? = [key]) throws -> PublishedSnapshot {
        try SealedSnapshot(bytes).snapshot(trusting: keys)
    }

    private static func complaint(_ bytes: Data, _ keys: [SnapshotKey]? = [key]) -> String {
        #expect(throws: SnapshotProblem.self) { try read(bytes, keys) }.map { "\($0)" } ?? ""
    }

    @Test("it is read back as it was written")
    func roundTrip() throws {
        let snapshot = try SnapshotBed.rich().snapshot()
        #expect(try Self.read(try SealedSnapshot(snapshot, signedBy: SnapshotBed.key).bytes) == snapshot)
        #expect(try Self.read(try SealedSnapshot(snapshot, signedBy: nil).bytes, nil) == snapshot)
    }

    @Test("what a daemon says is signed only where nobody else can listen, and only if it is of now")
    func daemon() async throws {
        try await ScratchFolder.with { folder in
            let sealed = try SealedSnapshot(try SnapshotBed.rich().snapshot(), signedBy: nil)
            let socket = folder.path + "/s"
            func complaint(_ seconds: Int64 = 0) -> String {
                let now = SnapshotBed.now.advanced(bySeconds: seconds)
                do { try sealed.requireTrust(inDaemonAt: socket, now: now) } catch { return "\(error)" }
                return ""
            }
            func open(to mode: Int) throws {
                try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: folder.path)
            }
            try folder.write("s", "no socket")
            try open(to: 0o711)
            #expect(complaint().contains("is signed only where"))
            try FileManager.default.removeItem(atPath: socket)
            #expect(complaint().contains("is signed only where"), "nothing there")
            // A socket's place in the file system; nobody has to listen.
            try #require(mknod(socket, S_IFSOCK | 0o600, 0) == 0)
            #expect(complaint() == "" && complaint(60) == "" && complaint(-60) == "")
            #expect(complaint(61).contains("only when it is of now") && complaint(-61).contains("of now"))
            try open(to: 0o733)
            #expect(complaint().contains("nobody else may write to the folder"))
        }
    }

    @Test("whichever bit is turned, it is refused, or says what it said")
    func everyBit() throws {
        let bytes = try Self.sealed()
        let snapshot = try Self.read(bytes)
        let content = try SealedSnapshot(bytes).content.count
        var refused = 0
        for place in bytes.indices {
            var changed = bytes
            changed[place] ^= UInt8(1 << (place % 7))
            do {
                #expect(try Self.read(changed) == snapshot, "byte \(place)")
                // The name of the key is a hint, and the last digit of Base64 has bits that say nothing.
                #expect(place > content)
            } catch is SnapshotProblem {
                refused += 1
            }
        }
        #expect(refused > content)
    }

    @Test("cut anywhere, it is refused, and so is what has more behind it")
    func cut() throws {
        let bytes = try Self.sealed()
        for length in stride(from: 0, to: bytes.count, by: 37) + [bytes.count - 1] {
            let words = Self.complaint(bytes.prefix(length))
            #expect(words.contains("is not whole") || words.contains("is no snapshot"), "\(length): \(words)")
        }
        #expect(Self.complaint(bytes + Data("\n".utf8)).contains("is no snapshot"))
        #expect(Self.complaint(bytes + bytes).contains("is no snapshot"))
        #expect(Self.complaint(Data("{}\n{}\n".utf8)).contains("is no snapshot"))
        let lines = bytes.split(separator: UInt8(ascii: "\n"))
        #expect(Self.complaint(lines[1] + Data("\n".utf8) + lines[0] + Data("\n".utf8)).contains("is no snapshot"))
    }

    @Test("the signature of another key, of another file and none at all are refused, each with what it is")
    func keys() throws {
        let bytes = try Self.sealed()
        let other = SnapshotSigner()
        #expect(Self.complaint(bytes, [other.publicKey(for: nil)]).contains("which is not trusted"))
        #expect(Self.complaint(try Self.sealed(other)).contains("which is not trusted"))
        #expect(Self.complaint(try Self.sealed(nil)).contains("is not signed"))
        #expect(Self.complaint(bytes, []).contains("which is not trusted"))
        // Of another snapshot of the same host, by the same key.
        var bed = try SnapshotBed.rich()
        bed.observed.change("web-0-1") { $0.status = .exited }
        let later = try SealedSnapshot(bed.snapshot(), signedBy: SnapshotBed.key).bytes
        let (one, two) = (bytes.split(separator: UInt8(ascii: "\n")), later.split(separator: UInt8(ascii: "\n")))
        let mixed = one[0] + Data("\n".utf8) + two[1] + Data("\n".utf8)
        #expect(Self.complaint(mixed).contains("is not as it was signed"))
        // With one more key that is trusted, the right one is found.
        #expect(try Self.read(bytes, [other.publicKey(for: nil), Self.key]).host.name == "host-a")
    }

    @Test("a key that is trusted for one host says nothing about another")
    func hosts() throws {
        let bytes = try Self.sealed()
        let (mine, another) = (SnapshotBed.key.publicKey(for: "host-a"), SnapshotBed.key.publicKey(for: "host-b"))
        #expect(try Self.read(bytes, [mine]).host.name == "host-a")
        #expect(try Self.read(bytes, [another, mine]).host.name == "host-a")
        #expect(Self.complaint(bytes, [another]).contains("trusted for 'host-b' only"))
    }

    @Test("a newer format is refused before anything of it is read")
    func format() throws {
        let text = String(decoding: try Self.sealed(), as: UTF8.self).replacing(
            #""version":1}"#, with: #""version":2}"#)
        #expect(Self.complaint(Data(text.utf8)).contains("has format 2, and this version reads 1"))
        #expect(Self.complaint(Data(text.utf8), nil).contains("has format 2"))
    }

    @Test("a key is written once, for its owner alone, and read back; nothing else is a key")
    func files() async throws {
        try await ScratchFolder.with { folder in
            let path = folder.path + "/key"
            let signer = SnapshotSigner()
            try signer.write(to: path)
            let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            #expect(try SnapshotSigner(file: path).publicKey(for: nil).id == signer.publicKey(for: nil).id)
            let taken = #expect(throws: SnapshotProblem.self) { try SnapshotSigner().write(to: path) }
            #expect(taken?.description.contains("is there already") == true)
            chmod(path, 0o644)
            let open = #expect(throws: SnapshotProblem.self) { try SnapshotSigner(file: path) }
            #expect(open?.description.contains("chmod 600") == true)
            let wrong = try folder.write("wrong", "hello\n")
            chmod(wrong, 0o600)
            let none = #expect(throws: SnapshotProblem.self) { try SnapshotSigner(file: wrong) }
            #expect(none?.description.contains("holds no key for snapshots") == true)

            let line = signer.publicKey(for: "host-a").description
            let keys = try folder.write("keys.pub", "# ours\n\n\(line)\n\(SnapshotSigner().publicKey(for: nil))\n")
            #expect(try SnapshotKey.read([keys]).map(\.host) == ["host-a", nil])
            #expect(try SnapshotKey.read([line]).map(\.id) == [signer.publicKey(for: nil).id])
            for text in [wrong, folder.path + "/nowhere", "reconcile-snapshot-key ed25519 AAAA"] {
                #expect(throws: SnapshotProblem.self) { try SnapshotKey.read([text]) }
            }
            // A secret key is none of what is trusted, though it looks like one.
            chmod(path, 0o600)
            #expect(throws: SnapshotProblem.self) { try SnapshotKey.read([path]) }
        }
    }
}
