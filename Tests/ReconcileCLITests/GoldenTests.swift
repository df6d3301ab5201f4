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
        let preview = try preview(in: folder)
        let text = PlanRenderer.text(preview) + "\n"
        try Golden.expect(text, in: folder.appending(path: "plan.txt"))
        guard preview.base != nil else { return }
        let document = PlanDocument(
            preview, revision: Revision(id: "2222222", reference: "main"), host: Declared.host.identity.name)
        for (name, text) in try PlanText.all(of: document) {
            try Golden.expect(text + "\n", in: folder.appending(path: name))
        }
    }

    /// With a folder `base` beside `specs` that is the revision before, by whose word the host was made.
    private func preview(in folder: URL) throws -> Preview {
        let hasBase = FileManager.default.fileExists(atPath: folder.appending(path: "base").path)
        let base = hasBase ? try state(in: folder.appending(path: "base"), "1111111") : nil
        let desired = try state(in: folder.appending(path: "specs"), hasBase ? "2222222" : "1111111")
        let fixture = try JSONDecoder().decode(
            ObservedFixture.self, from: Data(contentsOf: folder.appending(path: "observed.json")))
        var observed = try fixture.state(for: base ?? desired)
        var input = PreviewInput(desired, since: base, on: observed, at: Now().wall)
        if let base {
            // Late enough for windows that were once.
            input.now = Instant(secondsSince1970: 1_790_000_000)
            input.memory.phases = try fixture.phases()
            observed.firewall = FirewallFacts(
                support: .by(.nftables),
                inForce: Dictionary(uniqueKeysWithValues: base.firewall.bridges.map { ($0.bridge, $0.digest) }),
                isPresent: true)
            input.observed = observed
        }
        return Preview(input)
    }

    private func state(in folder: URL, _ revision: String) throws -> DesiredState {
        let loaded = SpecLoader.load(try Golden.files(in: folder))
        let valid = try #require(loaded.specs, "\(loaded.diagnostics)")
        var host = Declared.host
        host.identity.labels = ["zone": "a"]
        host.pruneBudget = .default
        return DesiredState(specs: valid, revision: Revision(id: revision, reference: "main"), host: host)
    }
}
