import ReconcileTesting
import Reconciler
import Specs

@testable import Drivers

/// Policies in few words, for the bridges of the lab.
struct PolicyFixture {
    var isolate: Bool?
    var egress: NetworkPolicy.Default?
    /// `ADDRESS/PREFIX`, `ADDRESS/PREFIX 443/tcp,…`; with `private:` in front it is `allowPrivate`.
    var to: [String] = []
    var names: [(pattern: String, port: String)] = []
    var ingress: NetworkPolicy.Default?
    var from: [String] = []
    var packetsPerSecond: Int?
    var logPerSecond: Int?

    func policy(bridge: String = NetworkLab.bridge, name: String = "web") throws -> BridgePolicy {
        var spec = NetworkPolicy()
        spec.isolate = isolate
        if egress != nil || !to.isEmpty || !names.isEmpty {
            let named = try names.map { name in
                var peer = NetworkPolicy.Peer()
                peer.dns = [try DNSPattern.parse(name.pattern)]
                return NetworkPolicy.Rule(peer: peer, ports: [try PortRange.parse(name.port)])
            }
            spec.egress = NetworkPolicy.Rules(defaultAction: egress, allow: try to.map(Self.rule) + named)
        }
        if ingress != nil || !from.isEmpty {
            spec.ingress = NetworkPolicy.Rules(defaultAction: ingress, allow: try from.map(Self.rule))
        }
        if let packetsPerSecond {
            var limit = NetworkPolicy.RateLimit()
            limit.packetsPerSecond = packetsPerSecond
            spec.rateLimit = limit
        }
        if let logPerSecond {
            var log = NetworkPolicy.Log()
            log.perSecond = logPerSecond
            spec.log = log
        }
        return BridgePolicy(saying: spec, object: ResourceID(.workload, name), bridge: bridge)
    }

    func intent(owner: String = "default") throws -> FirewallIntent {
        FirewallIntent(owner: owner, [try policy()])
    }

    private static func rule(_ text: String) throws -> NetworkPolicy.Rule {
        let words = text.split(separator: " ")
        let isPrivate = words[0].hasPrefix("private:")
        let cidr = try CIDR.parse(String(isPrivate ? words[0].dropFirst("private:".count) : words[0]))
        let ports = words.count > 1 ? try words[1].split(separator: ",").map { try PortRange.parse(String($0)) } : []
        return NetworkPolicy.Rule(peer: .init(cidr: cidr, allowPrivate: isPrivate), ports: ports)
    }
}
