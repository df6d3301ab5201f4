import Foundation
import ReconcileTesting
import Reconciler
import Specs
import Testing

@testable import ReconcileCLI

/// Format 1, as hosts in the field write it and every later version reads it.
///
/// `RECORD_GOLDEN=1` writes a file that is not there yet, with the signature of a key that signs nothing else.
@Suite("format of snapshots")
struct SnapshotFormatTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Formats")
    private static let file = folder.appending(path: "v1.json")
    private static let key = folder.appending(path: "v1.pub")

    private static func recordWhereMissing() throws {
        let isAsked = ProcessInfo.processInfo.environment["RECORD_GOLDEN"] != nil
        guard isAsked, !FileManager.default.fileExists(atPath: file.path) else { return }
        let signer = SnapshotSigner()
        try SealedSnapshot(try SnapshotBed.rich().snapshot(), signedBy: signer).bytes.write(to: file)
        try "\(signer.publicKey(for: nil))\n".write(to: key, atomically: true, encoding: .utf8)
    }

    @Test("what is written today is what was recorded")
    func written() throws {
        try Self.recordWhereMissing()
        let content = try SealedSnapshot(try SnapshotBed.rich().snapshot(), signedBy: nil).content
        let recorded = try Data(contentsOf: Self.file).split(separator: UInt8(ascii: "\n"))[0]
        #expect(
            String(decoding: content, as: UTF8.self) == String(decoding: recorded, as: UTF8.self),
            "a format that is published changes by fields that are added, and by nothing else")
    }

    @Test("what was recorded is read, with its signature")
    func read() throws {
        let keys = try SnapshotKey.read([Self.key.path])
        let snapshot = try SealedSnapshot(try Data(contentsOf: Self.file)).snapshot(trusting: keys)
        #expect(snapshot.host.name == "host-a" && snapshot.containers.count == 7)
        let bed = try SnapshotBed.rich()
        let desired = try SnapshotBed.state(bed.after, SnapshotBed.second, try snapshot.settings())
        #expect(try snapshot.state(for: desired, known: [:]).memory.claims.map(\.id) == [ClaimID(number: 7)])
    }
}
