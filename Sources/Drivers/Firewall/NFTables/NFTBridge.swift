import Reconciler
import Specs

/// The part of our table that one bridge has to itself.
///
///     c_forward: iifname vmap -> p_ID_out     what members send to others    sender, rate, siblings, blocked, allowed
///                oifname vmap -> p_ID_in      what reaches members           only where `ingress` says anything
///     c_input:   iifname vmap -> p_ID_host    what members send to the host
///
/// Rules are few and constant, data is in sets. `return` lets a packet through as far as we are concerned: whoever else
/// filters on this host has their own say. `ct direction reply` comes before everything that refuses, so that answers
/// flow, and flows that a member began are asked about with every packet: what is tightened ends at once.
struct NFTBridge {
    let policy: BridgePolicy
    private let id: String
    private let iif: String

    init(_ policy: BridgePolicy) {
        self.policy = policy
        id = NFTNames.part(of: policy.bridge)
        iif = "\"\(policy.bridge)\""
    }

    /// Why packets are refused, each with a counter of its own.
    static let reasons = ["spoof", "rate", "sibling", "blocked", "port", "private", "egress", "ingress", "host"]

    /// In an order in which each names only what stands before it.
    var objects: [NFTObject] {
        let drop = NFTObject.chain("p_\(id)_drop", log + ["drop"])
        return Self.reasons.map { NFTObject.counter("c_\(id)_\($0)") } + sets + [drop, out, host] + inChains
    }

    /// What leads packets here.
    var entries: [NFTEntry] {
        (["out", "host"] + (hasIngress ? ["in"] : [])).map {
            NFTEntry(map: "m_\($0)", element: "\(iif) : jump p_\(id)_\($0)")
        }
    }

    private var hasIngress: Bool { policy.ingress.defaultAction == .deny || !policy.ingress.members.isEmpty }

    private func refuse(_ reason: String) -> String { "counter name c_\(id)_\(reason) goto p_\(id)_drop" }

    private var log: [String] {
        guard let rate = policy.logPerSecond else { return [] }
        return ["limit rate \(rate)/second log prefix \"reconcile drop \(policy.bridge) \" level info"]
    }

    // MARK: Chains

    private static let answers = "ct direction reply ct state established,related return"

    private var spoof: String { "fib saddr . iif oif missing \(refuse("spoof"))" }

    private var out: NFTObject {
        var rules = [spoof] + rates + [Self.answers]
        rules.append("oifname \(iif) " + (policy.isIsolated ? refuse("sibling") : "return"))
        rules += both { "\($0) daddr @s_always\($1) \(refuse("blocked"))" }
        rules += both { "\($0) daddr . meta l4proto . th dport @s_\(id)_flows\($1) return" }
        rules += members(policy.egress.members, "o", havePorts: true)
        rules += names(havePorts: true)
        rules.append("tcp dport 25 \(refuse("port"))")
        if policy.egress.defaultAction == .deny {
            rules.append("meta l4proto { tcp, udp } th dport { 53, 853 } \(refuse("port"))")
        }
        rules += members(policy.egress.members, "o", havePorts: false)
        rules += both { "\($0) daddr @s_\(id)_any\($1) return" }
        rules += names(havePorts: false)
        switch policy.egress.defaultAction {
        case .allow: rules += both { "\($0) daddr @s_private\($1) \(refuse("private"))" }
        case .deny: rules.append(refuse("egress"))
        }
        return .chain("p_\(id)_out", rules)
    }

    /// What names have led to, for as long as the name filter says, and connections that were made meanwhile for as long as
    /// they are in use: a second set keeps the addresses that connections were begun to, and only connections that stand are
    /// let through by it. Both sets go with their rule, and with them what it let through.
    private func names(havePorts: Bool) -> [String] {
        policy.names.enumerated().filter { $0.element.ports.isEmpty != havePorts }.flatMap { index, rule in
            let ports = havePorts ? "meta l4proto . th dport @s_\(id)_n\(index)_ports " : ""
            return both { family, version in
                let open = "@" + NFTNames.names(policy.bridge, rule: index, isV6: version == 6)
                let used = "@" + NFTNames.used(policy.bridge, rule, isV6: version == 6)
                return [
                    "ct state established \(family) daddr \(used) \(ports)update \(used) { \(family) daddr } return",
                    "\(family) daddr \(open) \(ports)add \(used) { \(family) daddr } return",
                    // There is no room for more.
                    "\(family) daddr \(open) \(ports)return",
                ]
            }.flatMap(\.self)
        }
    }

    private var host: NFTObject {
        var rules = [spoof, Self.answers]
        // Without the host's link address there is no way through it; nobody but a router may advertise one.
        rules.append("icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert } ip6 hoplimit 255 return")
        if !policy.names.isEmpty {
            // Only the bridge's own address: that is where the name filter listens.
            rules.append("fib daddr . iif type local meta l4proto { tcp, udp } th dport 53 return")
        }
        if policy.isIsolated { rules.append(refuse("host")) }
        return .chain("p_\(id)_host", rules)
    }

    private var inChains: [NFTObject] {
        guard hasIngress else { return [] }
        var rules = [Self.answers, "iifname \(iif) return"]
        rules += [true, false].flatMap { members(policy.ingress.members, "i", havePorts: $0) }
        rules += both { "\($0) saddr . meta l4proto . th dport @s_\(id)_in\($1) return" }
        rules += both { "\($0) saddr @s_\(id)_inany\($1) return" }
        if policy.ingress.defaultAction == .deny { rules.append(refuse("ingress")) }
        return [.chain("p_\(id)_in", rules)]
    }

    /// Flows to and from members of other objects, with a mark by which `EnginePassage` knows them.
    private func members(_ flows: [BridgePolicy.MemberFlow], _ end: String, havePorts: Bool) -> [String] {
        flows.enumerated().filter { $0.element.ports.isEmpty != havePorts }.map { index, _ in
            let set = "s_\(id)_\(end)\(index)"
            let ports = havePorts ? "meta l4proto . th dport @\(set)_ports " : ""
            return
                "\(end)ifname @\(set) \(ports)ct mark set ct mark | \(EnginePassage.Flows.betweenBridges.mark) return"
        }
    }

    /// What one member may send, by its address, which it cannot choose.
    private var rates: [String] {
        guard let limit = policy.rateLimit else { return [] }
        var rules: [String] = []
        if let packets = limit.packetsPerSecond {
            rules += rate("pps", "", "\(packets)/second burst \(max(5, packets / 10)) packets")
        }
        if let bytes = limit.bytesPerSecond?.bytes {
            // No burst smaller than what one packet can be, or nothing would ever pass.
            rules += rate("bps", "", "\(bytes) bytes/second burst \(max(65_536, bytes / 10)) bytes")
        }
        if let connections = limit.connectionsPerSecond {
            rules += rate("cps", "ct state new ", "\(connections)/second burst \(max(5, connections / 10)) packets")
        }
        return rules
    }

    private func rate(_ name: String, _ condition: String, _ limit: String) -> [String] {
        both { "\(condition)update @d_\(id)_\(name)\($1) { \($0) saddr limit rate over \(limit) } \(refuse("rate"))" }
    }

    /// The same rule for both versions of the protocol.
    private func both<Rule>(_ rule: (_ family: String, _ version: Int) -> Rule) -> [Rule] {
        [rule("ip", 4), rule("ip6", 6)]
    }

    // MARK: Sets

    private var sets: [NFTObject] {
        var sets = flowSets("flows", policy.egress.flows) + addressSets("any", policy.egress.anyPort)
        sets += memberSets("o", policy.egress.members) + memberSets("i", policy.ingress.members)
        if hasIngress {
            sets += flowSets("in", policy.ingress.flows) + addressSets("inany", policy.ingress.anyPort)
        }
        for (index, rule) in policy.names.enumerated() {
            sets += versions { .set("d_\(id)_n\(index)_\($0)", "type \($1); size 65536; flags timeout;") }
            // Longer than the two hours after which TCP asks whether anybody is there.
            sets += versions {
                .set(
                    NFTNames.used(policy.bridge, rule, isV6: $0 == 6),
                    "type \($1); size 65536; flags dynamic,timeout; timeout 3h;")
            }
            if rule.ports.isEmpty { continue }
            let ports = PortFlow.disjoint([(.everything, rule.ports)], guarding: []).map { Self.text($0.ports) }
            sets.append(.set("s_\(id)_n\(index)_ports", "type inet_proto . inet_service; flags interval;", ports))
        }
        for (name, isLimited) in limits where isLimited {
            sets += versions {
                .set("d_\(id)_\(name)\($0)", "type \($1); size 65536; flags dynamic,timeout; timeout 1m;")
            }
        }
        return sets
    }

    private var limits: [(String, Bool)] {
        let limit = policy.rateLimit
        return [
            ("pps", limit?.packetsPerSecond != nil), ("bps", limit?.bytesPerSecond != nil),
            ("cps", limit?.connectionsPerSecond != nil),
        ]
    }

    private func versions(_ set: (_ version: Int, _ type: String) -> NFTObject) -> [NFTObject] {
        [set(4, "ipv4_addr"), set(6, "ipv6_addr")]
    }

    private func memberSets(_ end: String, _ flows: [BridgePolicy.MemberFlow]) -> [NFTObject] {
        flows.enumerated().flatMap { index, flow in
            let name = "s_\(id)_\(end)\(index)"
            let bridges = NFTObject.set(name, "type ifname;", flow.bridges.map { "\"\($0)\"" })
            if flow.ports.isEmpty { return [bridges] }
            let ports = flow.ports.map { Self.text($0) }
            return [bridges, .set("\(name)_ports", "type inet_proto . inet_service; flags interval;", ports)]
        }
    }

    private func flowSets(_ name: String, _ flows: [PortFlow]) -> [NFTObject] {
        versions { version, type in
            let elements = flows.flatMap { flow in
                Self.texts(flow.addresses, version).map { "\($0) . \(Self.text(flow.ports))" }
            }
            return .set(
                "s_\(id)_\(name)\(version)", "type \(type) . inet_proto . inet_service; flags interval;", elements)
        }
    }

    private func addressSets(_ name: String, _ addresses: AddressSet) -> [NFTObject] {
        versions { .set("s_\(id)_\(name)\($0)", "type \($1); flags interval;", Self.texts(addresses, $0)) }
    }

    static func texts(_ addresses: AddressSet, _ version: Int) -> [String] {
        version == 4 ? addresses.v4.map { AddressSet.text($0) } : addresses.v6.map { AddressSet.text($0) }
    }

    private static func text(_ range: PortRange) -> String {
        let (low, high) = (range.ports.lowerBound, range.ports.upperBound)
        return "\(range.transport.rawValue) . " + (low == high ? "\(low)" : "\(low)-\(high)")
    }
}
