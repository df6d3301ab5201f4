import NameFilter
import ReconcileTesting
import Specs

extension NameRule {
    /// Patterns that a test writes as specs do; what is no pattern is left out.
    init(_ patterns: String..., ports: [PortRange] = [], allowPrivate: Bool = false) {
        self.init(
            patterns: patterns.compactMap { try? DNSPattern.parse($0) }, ports: ports, allowPrivate: allowPrivate)
    }
}

extension IPAddress {
    /// 0.0.0.0 for what is no address.
    static func of(_ text: String) -> IPAddress { (try? parse(text)) ?? .v4(0) }
}

extension FilterConfiguration {
    /// One bridge, `br0`, on 127.0.0.1.
    static func of(_ rules: NameRule..., upstream port: UInt16 = 9) -> FilterConfiguration {
        var configuration = FilterConfiguration(bridges: [
            Bridge(name: "br0", addresses: [.of("127.0.0.1")], rules: rules)
        ])
        configuration.port = 0
        configuration.upstream.servers = .fixed([ServerAddress(.of("127.0.0.1"), port: port)])
        configuration.upstream.timeout = .milliseconds(500)
        return configuration
    }
}

extension DomainName {
    static func of(_ text: String) -> DomainName { DomainName(text) ?? .root }
}
