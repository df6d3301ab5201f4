import Foundation
import ReconcileTesting
import Reconciler
import Specs
import Testing

@testable import ReconcileCLI

/// `Golden/<case>/`: specs and a host in, the plan as a person reads it out.
///
/// `RECORD_GOLDEN=1` rewrites every plan and then fails, so that the difference gets read.
struct GoldenTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden")

    private static var cases: [String] {
        // A folder that cannot be read is noticed by the test below.
        let names = try? FileManager.default.contentsOfDirectory(atPath: folder.path)
        return (names ?? []).filter { !$0.hasPrefix(".") }.sorted()
    }

    @Test("there are cases")
    func casesExist() { #expect(Self.cases.count >= 9) }

    @Test("specs and host give this plan", arguments: cases)
    func plan(name: String) throws {
        let folder = Self.folder.appending(path: name)
        let text = PlanRenderer.text(try plan(in: folder)) + "\n"
        let file = folder.appending(path: "plan.txt")
        if ProcessInfo.processInfo.environment["RECORD_GOLDEN"] != nil {
            try text.write(to: file, atomically: true, encoding: .utf8)
            Issue.record("recorded \(name); read the difference, then run without RECORD_GOLDEN")
        } else {
            let recorded = try String(contentsOf: file, encoding: .utf8)
            #expect(text == recorded)
        }
    }

    private func plan(in folder: URL) throws -> Plan {
        let specs = folder.appending(path: "specs")
        let files = try FileManager.default.contentsOfDirectory(atPath: specs.path).sorted().map { name in
            SpecFile(path: name, bytes: [UInt8](try Data(contentsOf: specs.appending(path: name))))
        }
        let loaded = SpecLoader.load(files)
        let valid = try #require(loaded.specs, "\(loaded.diagnostics)")
        var host = Declared.host
        host.identity.labels = ["zone": "a"]
        let desired = DesiredState(specs: valid, revision: Revision(id: "1111111", reference: "main"), host: host)
        let observed = try JSONDecoder().decode(
            ObservedFixture.self, from: Data(contentsOf: folder.appending(path: "observed.json"))
        ).state(for: desired)
        return Planner.plan(desired: desired, observed: observed, gates: desired.solitaryGates, now: Now())
    }
}
