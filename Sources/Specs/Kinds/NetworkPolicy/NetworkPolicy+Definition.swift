extension NetworkPolicy: KindSpec {
    package static let kind = ResourceKind.networkPolicy
    package static let place: any WritableKeyPath<SpecSet, [Resource<Self>]> & Sendable = \.networkPolicies
    package static let enforcement = Enforcement.by("firewall")

    package static let definition = ObjectDefinition(
        "NetworkPolicy", "Which flows of the selected containers are let through.", blank: NetworkPolicy(),
        fields: [
            .required(
                "selector", \.selector, .object, "Selects objects by their labels; their allow rules unite.",
                .by("planner")),
            .field(
                "isolate", \.isolate, .boolean, "Whether members are kept from each other and from the host.",
                whenLeftOut: "what another policy says, or else true", .by("firewall")),
            .field(
                "egress", \.egress, Rules.egress, "What members may reach.",
                whenLeftOut: "everything but what is always blocked", .by("firewall")),
            .field(
                "ingress", \.ingress, Rules.ingress, "Who may reach members.",
                whenLeftOut: "whoever reaches the published ports", .by("firewall")),
            .field(
                "rateLimit", \.rateLimit, ValueType<RateLimit>.object.leftOut(as: RateLimit()),
                "What one member may send.", whenLeftOut: "no limit", .by("firewall")),
            .field("log", \.log, .object, "Writes refused flows to the log.", whenLeftOut: "no log", .by("firewall")),
        ])
}

extension NetworkPolicy.Rules {
    fileprivate static let egress = type("Egress", "What members may reach.", "to", "What is reached.")
    fileprivate static let ingress = type("Ingress", "Who may reach members.", "from", "Who reaches.")

    /// Who connects shows an address; which names lead to it, nobody can tell.
    private static let addresses = ObjectRule<NetworkPolicy.Rule>("`dns` is for egress.", about: ["from"]) {
        rule, reader in
        guard !rule.peer.dns.isEmpty else { return true }
        let context = reader.field.context
        let place = context.fields["\(reader.field.path).from.dns"] ?? reader.field.node.position
        context.report(
            Diagnostic(
                .conflictingFields, at: place, "'\(reader.field.path).from.dns' is for egress alone",
                hint: "say who connects by 'cidr' or 'selector'"))
        return false
    }

    /// The two directions differ in what the other end is called.
    private static func type(
        _ name: String, _ summary: String, _ peer: String, _ peerSummary: String
    ) -> ValueType<Self> {
        let rule = ObjectDefinition(
            "\(name)Rule", "Flows that are let through.", blank: NetworkPolicy.Rule(),
            fields: [
                .required(peer, \.peer, .object, peerSummary),
                .field(
                    "ports", \.ports, .list(of: .ports, counts: 1...256), "The ports of the flow.",
                    whenLeftOut: "every port"),
            ], rules: peer == "from" ? [addresses] : [])
        let ruleType = ValueType<NetworkPolicy.Rule>(
            .object(ObjectDescription.Provider(name: rule.name) { rule.description }), decode: { rule.decode($0) })
        let definition = ObjectDefinition(
            name, summary, blank: Self(),
            fields: [
                .field(
                    "default", \.defaultAction, .choice(), "What happens to flows that no rule lets through.",
                    whenLeftOut: "what another policy says, or else deny"),
                .field("allow", \.allow, .list(of: ruleType, counts: 0...1000), "Flows that are let through."),
            ])
        return ValueType(
            .object(ObjectDescription.Provider(name: name) { definition.description }),
            decode: { definition.decode($0) })
    }
}

extension NetworkPolicy.Peer: Declared {
    package static let definition = ObjectDefinition(
        "Peer", "The other end of a flow.", blank: Self(),
        fields: [
            .field("cidr", \.cidr, .cidr, "A range of addresses."),
            .field(
                "except", \.except, .list(of: .cidr, counts: 1...1000), "Parts of `cidr` that are left out.",
                whenLeftOut: "none"),
            .field(
                "allowPrivate", \.allowPrivate, .boolean,
                "Lets `cidr` be inside the private ranges, which are blocked otherwise."),
            .field(
                "dns", \.dns, .list(of: .dnsPattern, counts: 1...256),
                "DNS names, for egress; `*.` is every name below.", whenLeftOut: "none", .by("name filter")),
            .field(
                "selector", \.selector, .object, "Members of other objects on the same host, by their labels."
            ),
        ], rules: [.exactlyOne(of: ["cidr", "dns", "selector"]), ranges])

    private static let ranges = ObjectRule<Self>(
        "`except` and `allowPrivate` belong to `cidr`; ranges that are always blocked cannot be allowed.",
        about: ["cidr", "except", "allowPrivate"],
        conditions: ["except", "allowPrivate"].map {
            ObjectCondition(when: [.isWritten($0)], then: [.isWritten("cidr")])
        }
    ) { peer, reader in
        guard let cidr = peer.cidr else {
            guard let field = reader["except"] ?? reader["allowPrivate"] else { return true }
            field.report(.conflictingFields, "\(field.name) needs 'cidr'", hint: "remove it")
            return false
        }
        for (index, part) in peer.except.enumerated() where !cidr.contains(part) {
            let place =
                reader.field.context.fields["\(reader.field.path).except.\(index)"] ?? reader.field.node.position
            reader.field.context.report(
                Diagnostic(
                    .invalidValue, at: place, "'\(part)' is not inside '\(cidr)', so it cannot be left out of it"))
            return false
        }
        guard let blocked = peer.blocked, let field = reader["cidr"] else { return true }
        let hint =
            blocked.class.yieldsToAllowPrivate
            ? "add 'allowPrivate: true' if that is meant" : "this range is always blocked (\(blocked.source))"
        field.report(
            .allowInBlockedRange, "\(field.name): '\(cidr)' is inside \(blocked.range) (\(blocked.name))", hint: hint)
        return false
    }

    /// The blocked range that the whole of `cidr` is inside, and that is not opened.
    private var blocked: BlockedRange? {
        guard let cidr, let blocked = BlockedRanges.containing(cidr) else { return nil }
        return blocked.class.yieldsToAllowPrivate && allowPrivate ? nil : blocked
    }
}

extension NetworkPolicy.RateLimit: Declared {
    package static let definition = ObjectDefinition(
        "RateLimit", "What one member may send.", blank: Self(),
        fields: [
            .field(
                "packetsPerSecond", \.packetsPerSecond, .integer(in: 1...10_000_000), "Packets.",
                whenLeftOut: "no limit"),
            .field(
                "bytesPerSecond", \.bytesPerSecond, .bytes(in: ByteQuantity(bytes: 1)...ByteQuantity.most), "Bytes.",
                whenLeftOut: "no limit"),
            .field(
                "connectionsPerSecond", \.connectionsPerSecond, .integer(in: 1...1_000_000), "New connections.",
                whenLeftOut: "no limit"),
        ])
}

extension NetworkPolicy.Log: Declared {
    package static let definition = ObjectDefinition(
        "Log", "Writes refused flows to the log.", blank: Self(),
        fields: [.field("perSecond", \.perSecond, .integer(in: 1...1000), "The most lines per second.")])
}
