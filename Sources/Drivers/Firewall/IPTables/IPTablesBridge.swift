import Reconciler
import Specs

/// The chains of one bridge, for one version of the protocol; the same questions in the same order as `NFTBridge`.
struct IPTablesBridge {
    struct Chain: Hashable {
        var name: String
        var rules: [String]
    }

    let policy: BridgePolicy
    private let version: IPTablesRuleset.Version
    /// Whether the kernel's timed sets can be named; without them no name is let through.
    private let hasSets: Bool
    private let part: String

    init(_ policy: BridgePolicy, _ version: IPTablesRuleset.Version, hasSets: Bool) {
        self.policy = policy
        self.version = version
        self.hasSets = hasSets
        part = IPTablesRuleset.part(of: policy.bridge)
    }

    /// In the table `raw`, where alone the kernel looks at the way back.
    var spoof: String { "-i \(policy.bridge) -m rpfilter --invert -m comment --comment spoof -j DROP" }

    var forwardJumps: [String] {
        ["-i \(policy.bridge) -j \(part)-OUT"] + (hasIngress ? ["-o \(policy.bridge) -j \(part)-IN"] : [])
    }

    /// Comes after all jumps: what no chain refused, and one of them marked, passes the engine's separation of networks.
    var passages: [String] {
        policy.opensBridges
            ? ["-i", "-o"].map { "\($0) \(policy.bridge) -m connmark --mark \(Self.mark) -j ACCEPT" } : []
    }

    private static let mark = "\(EnginePassage.Flows.betweenBridges.mark)/\(EnginePassage.Flows.betweenBridges.mark)"

    var inputJump: String { "-i \(policy.bridge) -j \(part)-HOST" }

    var chains: [Chain] {
        [Chain(name: "\(part)-DROP", rules: log + ["-j DROP"]), out, host] + (hasIngress ? [inward] : [])
    }

    private var hasIngress: Bool { policy.ingress.defaultAction == .deny || !policy.ingress.members.isEmpty }

    private func refuse(_ reason: String) -> String { "-m comment --comment \(reason) -g \(part)-DROP" }

    private static let answers = "-m conntrack --ctdir REPLY --ctstate RELATED,ESTABLISHED -j RETURN"

    private var log: [String] {
        guard let rate = policy.logPerSecond else { return [] }
        return ["-m limit --limit \(rate)/sec -j LOG --log-prefix \"reconcile drop \(policy.bridge) \""]
    }

    private var out: Chain {
        var rules = rates + [Self.answers]
        rules.append("-o \(policy.bridge) " + (policy.isIsolated ? refuse("sibling") : "-j RETURN"))
        rules += ranges(BlockedAddresses.always).map { "-m iprange --dst-range \($0) \(refuse("blocked"))" }
        rules += flows(policy.egress.flows, "dst")
        rules += members(policy.egress.members.filter { !$0.ports.isEmpty }, "-o")
        rules += names(havePorts: true)
        rules.append("-p tcp -m tcp --dport 25 \(refuse("port"))")
        if policy.egress.defaultAction == .deny {
            for port in GuardedPorts.names {
                let transport = port.transport.rawValue
                rules.append("-p \(transport) -m \(transport) --dport \(port.ports.lowerBound) \(refuse("port"))")
            }
        }
        rules += members(policy.egress.members.filter(\.ports.isEmpty), "-o")
        rules += ranges(policy.egress.anyPort).map { "-m iprange --dst-range \($0) -j RETURN" }
        rules += names(havePorts: false)
        switch policy.egress.defaultAction {
        case .allow:
            rules += ranges(BlockedAddresses.private).map { "-m iprange --dst-range \($0) \(refuse("private"))" }
        case .deny: rules.append(refuse("egress"))
        }
        return Chain(name: "\(part)-OUT", rules: rules)
    }

    private var host: Chain {
        var rules = [Self.answers]
        if version == .v6 {
            rules += ["neighbour-solicitation", "neighbour-advertisement"].map {
                "-p icmpv6 -m icmp6 --icmpv6-type \($0) -m hl --hl-eq 255 -j RETURN"
            }
        }
        if hasSets, !policy.names.isEmpty {
            // Only the bridge's own address: that is where the name filter listens.
            rules += ["udp", "tcp"].map {
                "-m addrtype --dst-type LOCAL --limit-iface-in -p \($0) -m \($0) --dport 53 -j RETURN"
            }
        }
        return Chain(name: "\(part)-HOST", rules: rules + (policy.isIsolated ? [refuse("host")] : []))
    }

    private var inward: Chain {
        var rules = [Self.answers, "-i \(policy.bridge) -j RETURN"] + members(policy.ingress.members, "-i")
        rules += flows(policy.ingress.flows, "src")
        rules += ranges(policy.ingress.anyPort).map { "-m iprange --src-range \($0) -j RETURN" }
        if policy.ingress.defaultAction == .deny { rules.append(refuse("ingress")) }
        return Chain(name: "\(part)-IN", rules: rules)
    }

    private func names(havePorts: Bool) -> [String] {
        guard hasSets else { return [] }
        return policy.names.enumerated().filter { $0.element.ports.isEmpty != havePorts }.flatMap { index, rule in
            let open = NFTNames.names(policy.bridge, rule: index, isV6: version == .v6)
            let used = NFTNames.used(policy.bridge, rule, isV6: version == .v6)
            let stands = "-m conntrack --ctstate ESTABLISHED -m set --match-set \(used) dst "
            let use = "-j SET --add-set \(used) dst --exist --timeout \(IPSets.use)"
            let ports = PortFlow.disjoint([(.everything, rule.ports)], guarding: []).map { Self.match($0.ports) }
            return (havePorts ? ports : [""]).flatMap { ports in
                [stands, "-m set --match-set \(open) dst "].flatMap { match in
                    [use, "-j RETURN"].map { match + ports + $0 }
                }
            }
        }
    }

    private func members(_ flows: [BridgePolicy.MemberFlow], _ end: String) -> [String] {
        flows.flatMap { flow in
            flow.bridges.flatMap { bridge in
                (flow.ports.isEmpty ? [""] : flow.ports.map(Self.match)).flatMap { ports in
                    ["CONNMARK --set-xmark \(Self.mark)", "RETURN"].map { "\(end) \(bridge) \(ports)-j \($0)" }
                }
            }
        }
    }

    /// `-p tcp -m tcp --dport 80:90 `
    private static func match(_ range: PortRange) -> String {
        let (low, high) = (range.ports.lowerBound, range.ports.upperBound)
        let transport = range.transport.rawValue
        return "-p \(transport) -m \(transport) --dport " + (low == high ? "\(low) " : "\(low):\(high) ")
    }

    private func flows(_ flows: [PortFlow], _ end: String) -> [String] {
        flows.flatMap { flow in
            let (low, high) = (flow.ports.ports.lowerBound, flow.ports.ports.upperBound)
            let transport = flow.ports.transport.rawValue
            let ports = low == high ? "\(low)" : "\(low):\(high)"
            return ranges(flow.addresses).map {
                "-p \(transport) -m iprange --\(end)-range \($0) -m \(transport) --dport \(ports) -j RETURN"
            }
        }
    }

    private var rates: [String] {
        guard let limit = policy.rateLimit else { return [] }
        var rules: [String] = []
        if let packets = limit.packetsPerSecond { rules.append(rate("p", "", "\(packets)/sec", max(5, packets / 10))) }
        if let bytes = limit.bytesPerSecond?.bytes {
            rules.append(rate("b", "", "\(bytes)b/s", Int(max(65_536, bytes / 10)), unit: "b"))
        }
        if let connections = limit.connectionsPerSecond {
            let isNew = "-m conntrack --ctstate NEW "
            rules.append(rate("c", isNew, "\(connections)/sec", max(5, connections / 10)))
        }
        return rules
    }

    private func rate(_ name: String, _ condition: String, _ limit: String, _ burst: Int, unit: String = "") -> String {
        condition + "-m hashlimit --hashlimit-above \(limit) --hashlimit-burst \(burst)\(unit) --hashlimit-mode srcip "
            + "--hashlimit-name \(policy.bridge)-\(name) \(refuse("rate"))"
    }

    /// Always with both ends, as the program wants it.
    private func ranges(_ addresses: AddressSet) -> [String] {
        let texts = NFTBridge.texts(addresses, version.rawValue)
        return texts.map { $0.contains("-") ? $0 : "\($0)-\($0)" }
    }
}
