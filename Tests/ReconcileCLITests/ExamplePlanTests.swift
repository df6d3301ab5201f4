import Foundation
import ReconcileTesting
import Reconciler
import Specs
import Testing

@testable import ReconcileCLI

/// What each folder of `examples/specs` would do on an empty host that its pools select, as text in `ExamplePlans/`.
struct ExamplePlanTests {
    struct Case: Sendable, CustomTestStringConvertible {
        /// A folder of the examples; empty for the whole tree.
        var folder: String
        var environment: String?
        var host = HostIdentity(name: "host-1")

        init(_ folder: String, _ environment: String? = nil, name: String = "host-1", role: String? = nil) {
            self.folder = folder
            self.environment = environment
            host = HostIdentity(name: name, labels: role.map { ["role": $0] } ?? [:])
        }

        var testDescription: String {
            (folder.isEmpty ? "all" : folder) + (environment.map { "-" + $0 } ?? "")
        }
    }

    private static let tests = URL(filePath: #filePath).deletingLastPathComponent()
    private static let examples = tests.deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "examples/specs")

    private static let cases = [
        Case("", role: "demo"), Case("", "staging", role: "shop-staging"), Case("", "production", role: "shop"),
        Case("agent-workspaces", role: "workspaces"), Case("agents", name: "agents-1"),
        Case("ai-services", role: "inference"), Case("microservices", role: "shop"),
        Case("microservices", "staging", role: "shop-staging"), Case("microservices", "production", role: "shop"),
        Case("price-alerts", role: "alerts"), Case("publish", role: "edge"), Case("quickstart", role: "demo"),
        Case("rag", role: "knowledge"),
    ]

    @Test("an empty host gets this plan", arguments: cases)
    func plan(example: Case) throws {
        let text = PlanRenderer.text(try Self.plan(example)) + "\n"
        let file = Self.tests.appending(path: "ExamplePlans/\(example.testDescription).txt")
        try Golden.expect(text, in: file)
    }

    @Test("what asks for what is not carried out yet is held with the reason, and nothing of it is started")
    func held() throws {
        for example in Self.cases {
            let desired = try Self.desired(example)
            let plan = try Self.plan(example)
            let demanding =
                desired.objects.values.filter { !$0.unenforced.isEmpty }.map(\.id) + desired.declarations.map(\.id)
            for id in demanding where !plan.elsewhere.contains(id) {
                let actions = plan.actions.filter { $0.key.object == id }
                #expect(actions.allSatisfy { $0.isHeld && $0.steps.isEmpty }, "\(id) of \(example)")
                // A warm pool without members of a fixed number has no member to hold, but says so itself.
                #expect(actions.contains { Self.isNotCarriedOut($0.verdict) }, "\(id) of \(example)")
            }
        }
    }

    @Test("every folder is planned, in each of its environments")
    func everyFolder() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.examples.path()).sorted()
        let planned = Set(Self.cases.map(\.folder))
        for name in names where !name.hasSuffix(".md") { #expect(planned.contains(name), "\(name)") }
        for folder in planned {
            let specs = try #require(SpecLoader.load(try Self.files(under: folder)).specs)
            let environments = Self.cases.filter { $0.folder == folder }.compactMap(\.environment).sorted()
            #expect(environments == specs.environments.map(\.id.name).sorted(), "\(folder)")
        }
        let files = try FileManager.default.contentsOfDirectory(
            atPath: Self.tests.appending(path: "ExamplePlans").path())
        #expect(files.sorted() == Self.cases.map { $0.testDescription + ".txt" }.sorted())
    }

    private static func isNotCarriedOut(_ verdict: Verdict) -> Bool {
        guard case .held(let hold) = verdict else { return false }
        return hold.gate == .notYetEnforced || hold.gate == .noCoordinator
    }

    private static func plan(_ example: Case) throws -> Plan {
        let desired = try desired(example)
        var observed = ObservedState()
        observed.firewall.support = .by(.nftables)
        return Planner.plan(
            desired: desired.withLiveSizes(observed: observed, at: Now(uptime: .zero).wall), observed: observed,
            gates: desired.solitaryGates, now: Now(uptime: .zero))
    }

    private static func desired(_ example: Case) throws -> DesiredState {
        let files = try files(under: example.folder)
        let specs = try #require(SpecLoader.load(files, environment: example.environment).specs)
        return DesiredState(
            specs: specs, revision: Revision(id: "1111111", reference: "main"),
            host: HostSettings(identity: example.host))
    }

    private static func files(under folder: String) throws -> [SpecFile] {
        let root = examples.appending(path: folder)
        let paths = try FileManager.default.subpathsOfDirectory(atPath: root.path()).filter { $0.hasSuffix(".yaml") }
        return try paths.map { SpecFile(path: $0, bytes: [UInt8](try Data(contentsOf: root.appending(path: $0)))) }
    }
}
