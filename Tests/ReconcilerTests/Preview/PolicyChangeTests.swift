import ReconcileTesting
import Reconciler
import Specs
import Testing

/// What changes about flows and system calls, in words.
@Suite("changes of policies in words")
struct PolicyChangeTests {
    struct Case: CustomTestStringConvertible {
        let name: String
        let before: [Resource<NetworkPolicy>]
        let after: [Resource<NetworkPolicy>]
        let lines: [String]

        var testDescription: String { name }
    }

    private static func policy(
        _ egress: NetworkPolicy.Default, isolated: Bool = true, _ cidrs: [String] = [], ports: [UInt16] = [443],
        name: String = "closed"
    ) -> Resource<NetworkPolicy> {
        Declared.policy(name) { policy in
            var rules = NetworkPolicy.Rules(defaultAction: egress)
            rules.allow = cidrs.compactMap { text in
                // Each of them is a range.
                guard let cidr = try? CIDR.parse(text) else { return nil }
                var peer = NetworkPolicy.Peer()
                peer.cidr = cidr
                return NetworkPolicy.Rule(peer: peer, ports: ports.map { PortRange($0...$0, .tcp) })
            }
            policy.egress = rules
            policy.isolate = isolated
        }
    }

    static let cases = [
        Case(
            name: "closed for the first time", before: [], after: [policy(.deny, ["9.9.9.9/32"])],
            lines: [
                "closes all egress that no rule lets through", "keeps open egress to 9.9.9.9/32 on 443/tcp",
                "closes flows to its siblings and to the host",
            ]),
        Case(
            name: "opened again", before: [policy(.deny, ["9.9.9.9/32"])], after: [],
            lines: ["opens all egress", "opens flows to its siblings and to the host"]),
        Case(
            name: "one rule for another", before: [policy(.deny, ["9.9.9.9/32"])],
            after: [policy(.deny, ["1.1.1.1/32"])],
            lines: ["opens egress to 1.1.1.1/32 on 443/tcp", "closes egress to 9.9.9.9/32 on 443/tcp"]),
        Case(
            name: "not isolated any more", before: [policy(.deny)], after: [policy(.deny, isolated: false)],
            lines: ["opens flows to its siblings and to the host"]),
        Case(
            name: "more of a range, and less", before: [policy(.deny, ["9.9.0.0/16", "1.1.1.0/24"])],
            after: [policy(.deny, ["9.0.0.0/8"], ports: [80, 443])],
            lines: ["opens egress to 9.0.0.0/8 on 80/tcp, 443/tcp", "closes egress to 1.1.1.0/24 on 443/tcp"]),
        Case(
            name: "one more port", before: [policy(.deny, ["9.9.9.9/32"])],
            after: [policy(.deny, ["9.9.9.9/32"], ports: [80, 443])], lines: ["opens egress to 9.9.9.9/32 on 80/tcp"]),
        Case(
            name: "one port of all", before: [policy(.deny, ["9.9.9.9/32"], ports: [])],
            after: [policy(.deny, ["9.9.9.9/32"])], lines: ["closes egress to 9.9.9.9/32 on every port but 443/tcp"]),
        Case(
            name: "mail, which every port does not open", before: [policy(.deny, ["9.9.9.9/32"], ports: [])],
            after: [
                policy(.deny, ["9.9.9.9/32"], ports: []), policy(.deny, ["9.9.9.9/32"], ports: [25], name: "mail"),
            ],
            lines: ["opens egress to 9.9.9.9/32 on 25/tcp"]),
        Case(
            name: "mail and nothing else", before: [policy(.deny, ["9.9.9.9/32"], ports: [])],
            after: [policy(.deny, ["9.9.9.9/32"], ports: [25])],
            lines: ["opens egress to 9.9.9.9/32 on 25/tcp", "closes egress to 9.9.9.9/32 on every port"]),
        Case(
            name: "narrowed", before: [policy(.deny, ["9.0.0.0/8"], ports: [80, 443])],
            after: [policy(.deny, ["9.9.0.0/16"])],
            lines: [
                "closes egress to 9.0.0.0/8 on 80/tcp, 443/tcp", "keeps open egress to 9.9.0.0/16 on 443/tcp",
            ]),
        Case(name: "the same", before: [policy(.deny)], after: [policy(.deny)], lines: []),
    ]

    @Test("flows are opened and closed", arguments: cases)
    func flows(_ c: Case) {
        let base = Declared.state(Declared.workload(), policies: c.before)
        let desired = Declared.state(Declared.workload(), policies: c.after, revision: "2222222")
        let preview = Preview(
            PreviewInput(
                desired, since: base, on: ObservedState(converged: base), at: Instant(secondsSince1970: 1_790_000_000)))
        #expect(preview.policies.flatMap(\.lines).map(\.description) == c.lines)
        let opensAll = c.lines.contains("opens all egress")
        #expect(preview.risks.contains { $0.code == .allEgressOpened } == opensAll)
        #expect(preview.policies.flatMap(\.lines).allSatisfy { $0.effect == .opens || $0.position != nil })
    }
}
