import Foundation
import ReconcileTesting
import Reconciler
import Specs
import Storage
import Testing

struct ConditionFileTests {
    @Test("since when conditions hold comes back as it was written, and is nothing where it cannot be read")
    func roundTrip() throws {
        let scratch = try ScratchState()
        let directory = try StateDirectory(path: scratch.path)
        let file = ConditionFile(path: directory.conditions)
        #expect(file.read() == ConditionLedger())
        var ledger = ConditionLedger()
        let desired = Declared.state(Declared.workload())
        let status = HostStatus(
            host: "a", revision: desired.revision, engine: .init(reachable: true, version: "1", apiVersion: "1.41"),
            source: nil, objects: [])
        _ = ledger.date(status, now: Instant(secondsSince1970: 1_800_000_000))
        #expect(ledger != ConditionLedger())
        try file.write(ledger)
        #expect(file.read() == ledger)
        #expect(!FileManager.default.fileExists(atPath: directory.conditions + ".new"))
        try Data("{".utf8).write(to: URL(fileURLWithPath: directory.conditions))
        #expect(file.read() == ConditionLedger())
        #expect(throws: (any Error).self) {
            try ConditionFile(path: scratch.path + "/none/conditions.json").write(ledger)
        }
    }
}
