import Foundation
import ReconcileTesting
import Reconciler
import Specs
import Testing

@testable import ReconcileCLI

/// `Golden/<case>/`: specs and a host in, the plan as a person reads it out.
struct GoldenTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Golden")

    private static var cases: [String] { Golden.cases(in: folder) }

    @Test("there are cases")
    func casesExist() { #expect(Self.cases.count >= 9) }

    @Test("specs and host give this plan", arguments: cases)
    func plan(name: String) throws {
        let folder = Self.folder.appending(path: name)
        let text = PlanRenderer.text(try plan(in: folder)) + "\n"
        try Golden.expect(text, in: folder.appending(path: "plan.txt"))
    }

    private func plan(in folder: URL) throws -> Plan {
        let loaded = SpecLoader.load(try Golden.files(in: folder.appending(path: "specs")))
        let valid = try #require(loaded.specs, "\(loaded.diagnostics)")
        var host = Declared.host
        host.identity.labels = ["zone": "a"]
        host.pruneBudget = .default
        let desired = DesiredState(specs: valid, revision: Revision(id: "1111111", reference: "main"), host: host)
        let observed = try JSONDecoder().decode(
            ObservedFixture.self, from: Data(contentsOf: folder.appending(path: "observed.json"))
        ).state(for: desired)
        return Planner.plan(desired: desired, observed: observed, gates: desired.solitaryGates, now: Now())
    }
}
