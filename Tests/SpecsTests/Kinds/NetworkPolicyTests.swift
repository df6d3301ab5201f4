import Specs
import Testing

@Suite("NetworkPolicy")
struct NetworkPolicyTests {
    @Test("a complete document has every field")
    func complete() throws {
        var expected = NetworkPolicy(
            selector: LabelSelector(matchExpressions: [LabelExpression(key: "app", operator: .exists)]))
        expected.isolate = false
        var names = NetworkPolicy.Peer()
        names.dns = [try DNSPattern.parse("pypi.org"), try DNSPattern.parse("*.example.com")]
        let range = NetworkPolicy.Peer(
            cidr: try CIDR.parse("10.20.0.0/16"), except: [try CIDR.parse("10.20.9.0/24")], allowPrivate: true)
        var members = NetworkPolicy.Peer()
        members.selector = LabelSelector(matchLabels: ["app": "everything"])
        expected.egress = NetworkPolicy.Rules(
            defaultAction: .deny,
            allow: [
                NetworkPolicy.Rule(peer: names, ports: [PortRange(443...443, .tcp)]),
                NetworkPolicy.Rule(
                    peer: range,
                    ports: [PortRange(5432...5432, .tcp), PortRange(9000...9010, .tcp), PortRange(53...53, .udp)]),
                NetworkPolicy.Rule(peer: members),
            ])
        let other = NetworkPolicy.Peer(cidr: try CIDR.parse("198.41.0.0/24"))
        expected.ingress = NetworkPolicy.Rules(
            defaultAction: .allow, allow: [NetworkPolicy.Rule(peer: other, ports: [PortRange(80...80, .tcp)])])
        var limit = NetworkPolicy.RateLimit()
        limit.packetsPerSecond = 10_000
        limit.bytesPerSecond = ByteQuantity(bytes: 10_000_000)
        limit.connectionsPerSecond = 100
        expected.rateLimit = limit
        expected.log = NetworkPolicy.Log()
        expected.log?.perSecond = 5
        #expect(try CompleteSpecs.load().networkPolicies.map(\.spec) == [expected])
    }

    @Test("what is left out is left to other policies")
    func defaults() throws {
        let text = [object("NetworkPolicy", "selector: {}"), pool, labelled].joined(separator: "\n---\n")
        let spec = load(text).specs?.networkPolicies.first?.spec
        #expect(spec == NetworkPolicy())
        #expect(spec?.isolate == nil && spec?.egress == nil && spec?.ingress == nil && spec?.rateLimit == nil)
        let logged = load(text.replacing("selector: {}", with: "{selector: {}, log: {}, egress: {}}"))
        #expect(logged.specs?.networkPolicies.first?.spec.log?.perSecond == 10)
        #expect(logged.specs?.networkPolicies.first?.spec.egress == NetworkPolicy.Rules())
    }

    private static func allow(_ peer: String, _ ports: String = "[443]") -> String {
        "selector: {}\negress: {allow: [{to: \(peer), ports: \(ports)}]}"
    }

    @Test(
        "what is wrong is said at its place",
        arguments: [
            ("isolate: true", "5:3: error: 'spec' needs 'selector'"),
            ("selector: {}\nisolate: on", "6:12: error: 'spec.isolate' must be true or false, not the string 'on'"),
            (
                "selector: {}\negress: {default: drop}",
                "6:21: error: 'spec.egress.default' must be allow or deny, not 'drop'"
            ),
            ("selector: {}\negress: {allow: [{}]}", "6:20: error: 'spec.egress.allow.0' needs 'to'"),
            (
                "selector: {}\negress: {allow: [{from: {cidr: 1.1.1.1/32}}]}",
                "6:20: error: 'spec.egress.allow.0' needs 'to'"
            ),
            (allow("{}"), "6:25: error: 'spec.egress.allow.0.to' needs 'cidr', 'dns' or 'selector'"),
            (
                allow("{cidr: 1.1.1.1/32, dns: [a.org]}"),
                "6:49: error: 'dns' cannot stand beside 'cidr', first at web.yaml:6:32 (keep one of the two)"
            ),
            (allow("{cidr: 1.1.1.1/24}"), "6:32: error: 'spec.egress.allow.0.to.cidr': '1.1.1.1/24' has bits"),
            (allow("{cidr: 1.1.1/24}"), "6:32: error: 'spec.egress.allow.0.to.cidr': "),
            (
                allow("{cidr: 10.0.0.0/8}"),
                "6:32: error: 'spec.egress.allow.0.to.cidr': '10.0.0.0/8' is inside 10.0.0.0/8"
            ),
            (
                allow("{cidr: 169.254.169.254/32, allowPrivate: true}"),
                "6:32: error: 'spec.egress.allow.0.to.cidr': '169.254.169.254/32' is inside "
            ),
            (
                allow("{cidr: 8.8.8.0/24, except: [9.9.9.0/24]}"),
                "6:53: error: '9.9.9.0/24' is not inside '8.8.8.0/24', so it cannot be left out of it"
            ),
            (
                allow("{dns: [a.org], except: [9.9.9.0/24]}"),
                "6:48: error: 'spec.egress.allow.0.to.except' needs 'cidr' (remove it)"
            ),
            (
                allow("{dns: [a.org], allowPrivate: true}"),
                "6:54: error: 'spec.egress.allow.0.to.allowPrivate' needs 'cidr' (remove it)"
            ),
            (allow("{dns: [\"a.*.org\"]}"), "6:32: error: 'spec.egress.allow.0.to.dns.0': "),
            (allow("{dns: [a.org]}", "[0]"), "6:49: error: 'spec.egress.allow.0.ports.0': "),
            (allow("{dns: [a.org]}", "[90-80/tcp]"), "6:49: error: 'spec.egress.allow.0.ports.0': "),
            (allow("{dns: [a.org]}", "[443/sctp]"), "6:49: error: 'spec.egress.allow.0.ports.0': "),
            (
                allow("{dns: [a.org]}", "[]"),
                "6:48: error: 'spec.egress.allow.0.ports' must have at least one item (leave it out for the default)"
            ),
            (
                "selector: {}\ningress: {allow: [{ports: [80], from: {dns: [a.org]}}]}",
                "6:47: error: 'spec.ingress.allow.0.from.dns' is for egress alone (say who connects by 'cidr' or 'selector')"
            ),
            (
                "selector: {}\nrateLimit: {connectionsPerSecond: 0}",
                "6:37: error: 'spec.rateLimit.connectionsPerSecond' must be 1-1000000, not '0'"
            ),
            ("selector: {}\nlog: true", "6:8: error: 'spec.log' must be a map, not the boolean 'true'"),
        ])
    func mistakes(lines: String, expected: String) {
        let found = problems(of: "NetworkPolicy", lines)
        #expect(
            found.count == (lines.contains("egress: {allow: [{from:") ? 2 : 1) && found[0].hasPrefix(expected),
            "\(found)")
    }
}
