import Foundation
import ReconcileTesting
import Reconciler
import Specs
import Testing

@testable import ReconcileCLI

/// What a snapshot may not say.
@Suite("secrecy of snapshots")
struct SnapshotSecrecyTests {
    @Test("no value of a variable, argument, label or claim is in it, and nobody's private container")
    func values() throws {
        let bed = try SnapshotBed.rich()
        let text = String(decoding: try SealedSnapshot(bed.snapshot(), signedBy: SnapshotBed.key).bytes, as: UTF8.self)
        #expect(text.contains("Workload/web") || text.contains("web-0-1"))
        for word in ["canary", "TOKEN", "tenant_id", "private-database", "moving-"] {
            #expect(!text.contains(word), "\(word)")
        }
        // The bed does have them.
        #expect(String(decoding: bed.before[0].bytes, as: UTF8.self).contains("canary-now-env"))
        #expect(bed.memory.claims[0].holder.contains("canary"))
    }

    @Test(
        "no digest is in it by which a value could be guessed: of fields, templates, meanings, generations and requests"
    )
    func digests() throws {
        let bed = try SnapshotBed.rich()
        let text = String(decoding: try SealedSnapshot(bed.snapshot(), signedBy: nil).bytes, as: UTF8.self)
        var secret: Set<String> = ["123456789abc"]
        for (files, revision) in [(bed.before, SnapshotBed.first), (bed.after, SnapshotBed.second)]
            + bed.memory.earlierRevisions.map({ ($0.files, $0.revision) })
        {
            for object in try SnapshotBed.state(files, revision, bed.host).objects.values {
                for field in ["env", "args", "command", "labels", "healthCheck.command"] {
                    secret.insert(try #require(object.recreateHash.fields[field]))
                }
                secret.formUnion([object.meaning, object.generation, object.recreateLabel])
            }
        }
        secret.insert(bed.memory.claims[0].requestDigest)
        #expect(secret.count > 20)
        for digest in secret { #expect(!text.contains(digest), "\(digest)") }
    }

    @Test("what no revision says looks another way in every snapshot, and the same within one")
    func salted() throws {
        var bed = try SnapshotBed.rich()
        let label = try #require(bed.observed.containers["id-web-2-1"]).member.recreateHash
        bed.observed.change("web-0-1") { container in
            container.member.recreateHash = label
        }
        func env(_ salt: UInt8) throws -> [SpecEcho] {
            bed.snapshot(salt: [salt]).containers.compactMap { $0.template.values?["env"] }.filter {
                if case .unknown = $0.meaning { true } else { false }
            }
        }
        let (one, other) = (try env(1), try env(2))
        #expect(one.count == 2 && one[0] == one[1])
        #expect(one[0] != other[0])
    }
}
