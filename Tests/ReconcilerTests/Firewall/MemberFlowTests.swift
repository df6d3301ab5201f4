import ReconcileTesting
import Reconciler
import Specs
import Testing

/// What selectors as peers come to: other objects of this host, by their bridges.
@Suite("Peers that are selected by their labels")
struct MemberFlowTests {
    private static let web = ResourceID(.workload, "web")
    private static let db = ResourceID(.workload, "db")

    /// Two objects, and policies in YAML without their heads.
    private func state(_ policies: String...) throws -> DesiredState {
        func head(_ kind: String, _ name: String) -> String {
            "apiVersion: reconcile.dev/v1\nkind: \(kind)\nmetadata: {name: \(name), labels: {app: \(name)}}\nspec:\n"
        }
        var documents = [head("HostPool", "local") + "  hosts: {name: host-1}\n"]
        for name in ["web", "db"] {
            documents.append(head("Workload", name) + "  hostPool: local\n  template: {image: \"a:1\"}\n")
        }
        documents += policies.enumerated().map { head("NetworkPolicy", "p\($0.offset)") + "  \($0.element)\n" }
        let file = SpecFile(path: "all.yaml", bytes: Array(documents.joined(separator: "---\n").utf8))
        let specs = try #require(SpecLoader.load([file]).specs, "\(SpecLoader.load([file]).diagnostics)")
        return DesiredState(specs: specs, revision: Revision(id: "1", reference: "main"), host: Declared.host)
    }

    private static let leaving =
        "{selector: {matchLabels: {app: web}}, egress: {allow: [{to: {selector: {matchLabels: {app: db}}}, ports: [5432/tcp]}]}}"
    private static let entering =
        "{selector: {matchLabels: {app: db}}, ingress: {allow: [{from: {selector: {matchLabels: {app: web}}}, ports: [5432/tcp]}]}}"
    private static let everybody = "{selector: {matchLabels: {app: web}}, egress: {allow: [{to: {selector: {}}}]}}"
    private static let closed = "{selector: {matchLabels: {app: db}}, ingress: {default: deny}}"

    private func verdict(_ state: DesiredState, _ from: ResourceID, _ to: ResourceID, _ port: UInt16) throws -> String {
        let bridge = RecreateHash.bridgeName(owner: Declared.host.owner, object: to)
        let target = FlowTarget(try IPAddress.parse("10.224.4.2"), port: port, .tcp, place: .member(bridge: bridge))
        let prediction = state.firewall.prediction(from: from, for: target)
        return "\(prediction.isAllowed ? "open" : "blocked") \(prediction.reason.rawValue)"
    }

    @Test("the engine keeps objects apart, and one side that names the other opens what it names")
    func sides() throws {
        #expect(try verdict(state(), Self.web, Self.db, 5432) == "blocked otherObject")
        for policy in [Self.leaving, Self.entering] {
            let state = try state(policy)
            #expect(state.firewall.opensBridges)
            #expect(try verdict(state, Self.web, Self.db, 5432) == "open allowed", "\(policy)")
            #expect(try verdict(state, Self.web, Self.db, 80).hasPrefix("blocked"), "\(policy)")
            #expect(try verdict(state, Self.db, Self.web, 5432).hasPrefix("blocked"), "\(policy)")
        }
    }

    @Test("both sides have their say")
    func both() throws {
        #expect(try verdict(state(Self.leaving, Self.closed), Self.web, Self.db, 5432) == "blocked ingress")
        #expect(try verdict(state(Self.everybody, Self.entering), Self.web, Self.db, 5432) == "open allowed")
        #expect(try verdict(state(Self.everybody, Self.entering), Self.web, Self.db, 80) == "blocked ingress")
    }

    @Test("a selector of everything means others; siblings are a matter of 'isolate', and guarded ports stay closed")
    func everything() throws {
        let state = try state(Self.everybody)
        let policy = try #require(state.firewall.policy(of: Self.web))
        #expect(
            policy.egress.members.map(\.bridges) == [
                [RecreateHash.bridgeName(owner: Declared.host.owner, object: Self.db)]
            ])
        #expect(try verdict(state, Self.web, Self.db, 80) == "open allowed")
        #expect(try verdict(state, Self.web, Self.db, 25) == "blocked guardedPort")
    }

    @Test("of objects that come to one bridge all but the first are told")
    func bridges() {
        let names = [Self.web: "rc-1", Self.db: "rc-1", ResourceID(.warmPool, "a"): "rc-2"]
        #expect(BridgeNames.taken(names) == [Self.web: Self.db])
    }

    @Test("what is selected is part of what is in force")
    func digest() throws {
        let digests = try [Self.leaving, Self.everybody].map { try state($0).firewall.policy(of: Self.web)?.digest }
        #expect(digests[0] != nil && digests[0] != digests[1])
    }
}
