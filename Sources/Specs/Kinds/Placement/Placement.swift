/// What a Workload, WarmPool and ScheduledTask say about where and after what their containers run.
package struct Placement: Hashable, Sendable {
    /// The name of the `HostPool` that this runs on; empty until `HostPoolReferences` fills what was left out.
    package var hostPool: String
    package var tolerations: [Toleration]
    package var antiAffinity: AntiAffinity?
    /// Objects that must be ready first; sorted.
    package var dependsOn: [ResourceID]

    package init(
        hostPool: String = "", tolerations: [Toleration] = [], antiAffinity: AntiAffinity? = nil,
        dependsOn: [ResourceID] = []
    ) {
        self.hostPool = hostPool
        self.tolerations = tolerations
        self.antiAffinity = antiAffinity
        self.dependsOn = dependsOn
    }

    static let fields: [FieldDefinition<Placement>] = [
        .field(
            "hostPool", \.hostPool, .string(.objectName), "The HostPool that this runs on.",
            whenLeftOut: "the only HostPool, if there is exactly one", .by("planner")),
        .field(
            "tolerations", \.tolerations, .list(of: .object),
            "Taints of hosts that this runs in spite of.", .by("planner")),
        .field(
            "antiAffinity", \.antiAffinity, .object,
            "Objects that must not share a host with this.", .by("planner")),
        .field(
            "dependsOn", \.dependsOn,
            .set(of: Dependency.reference, by: { $0 }, named: { "'\($0)'" }),
            "Objects whose members must be ready before this is created or replaced.", .by("planner")),
    ]
}

/// Keeps members apart from those of other objects, or from each other.
package struct AntiAffinity: Hashable, Sendable {
    /// Members of these objects must not run on the same host; nil means the object's own members.
    package var selector: LabelSelector?
    /// Without a host that fits, `true` holds the member and `false` starts it all the same.
    package var required: Bool

    package init(selector: LabelSelector? = nil, required: Bool = true) {
        self.selector = selector
        self.required = required
    }
}

extension AntiAffinity: Declared {
    package static let definition = ObjectDefinition(
        "AntiAffinity", "Keeps members apart from those of other objects, or from each other.", blank: AntiAffinity(),
        fields: [
            .field(
                "selector", \.selector, .object, "Objects whose members must not run on the same host.",
                whenLeftOut: "the object's own members"),
            .field(
                "required", \.required, .boolean,
                "Without a host that fits, `true` holds the member and `false` starts it all the same."),
        ])
}

/// A reference to another object by kind and name.
struct Dependency: Hashable, Sendable {
    var kind: ResourceKind?
    var name = ""

    static let reference = ValueType<Dependency>.object.map { dependency, _ in
        dependency.kind.map { ResourceID($0, dependency.name) }
    }
}

extension Dependency: Declared {
    static let definition = ObjectDefinition(
        "Dependency", "Another object, by kind and name.", blank: Dependency(),
        fields: [
            .required("kind", \.kind, .kind(among: [.workload, .warmPool]), "The kind of the object."),
            .required("name", \.name, .string(.objectName), "The name of the object."),
        ])
}

extension ValueType where Value == ResourceKind {
    /// One of some kinds.
    static func kind(among kinds: [ResourceKind]) -> ValueType<ResourceKind> {
        ValueType(
            .choice(kinds.map { TypeDescription.Choice(word: $0.rawValue, summary: "") }),
            decode: { $0.choice(among: kinds) }, text: { $0.rawValue })
    }
}
