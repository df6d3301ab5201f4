/// Connects objects with the policies that they name or that select them, and holds them where those cannot be had yet.
struct PolicyReferences {
    private let policies: [Resource<NetworkPolicy>]
    private let windows: [Resource<MaintenanceWindow>]
    private let profiles: [String: Resource<SecurityProfile>]
    private let policyIndex: SelectorIndex
    private let windowIndex: SelectorIndex
    private let references: References
    private var diagnostics: [Diagnostic] = []

    static func resolve(_ set: inout SpecSet, _ references: References) -> [Diagnostic] {
        var state = PolicyReferences(
            policies: set.networkPolicies.sorted { $0.id < $1.id },
            windows: set.maintenanceWindows.sorted { $0.id < $1.id }, profiles: set.securityProfiles,
            references: references)
        set.updatePlaced { state.resolve(&$0) }
        return state.diagnostics
    }

    private init(
        policies: [Resource<NetworkPolicy>], windows: [Resource<MaintenanceWindow>],
        profiles: [Resource<SecurityProfile>], references: References
    ) {
        self.profiles = Dictionary(profiles.map { ($0.id.name, $0) }) { first, _ in first }
        self.policies = policies
        self.windows = windows
        policyIndex = SelectorIndex(policies.map(\.spec.selector))
        windowIndex = SelectorIndex(windows.map(\.spec.selector))
        self.references = references
    }

    private mutating func resolve(_ object: inout PlacedObject) {
        if let name = object.source.template.securityProfile {
            let profile = ResourceID(.securityProfile, name)
            if let dangling = references.check(profile, at: object.position(of: "spec.template.securityProfile")) {
                diagnostics.append(dangling)
            }
            object.unenforced += profiles[name]?.unenforced ?? []
        }
        for policy in policyIndex.selecting(object.labels).map({ policies[$0] }) {
            object.unenforced += policy.unenforced
        }
        for window in windowIndex.selecting(object.labels).map({ windows[$0] }) {
            object.unenforced += window.unenforced
        }
    }

    /// Allow rules of several policies unite; what can have only one value must have it in all of them.
    static func checkContradictions(
        of policies: [Resource<NetworkPolicy>], on placed: [PlacedObject]
    ) -> [Diagnostic] {
        guard policies.count > 1 else { return [] }
        let policies = policies.sorted { $0.id < $1.id }
        let index = SelectorIndex(policies.map(\.spec.selector))
        var diagnostics: [Diagnostic] = []
        var reported: Set<[String]> = []
        for object in placed {
            let selecting = index.selecting(object.labels).map { policies[$0] }
            for (field, value) in scalars {
                // What a policy does not say is no contradiction, so all are compared with the first that says it.
                let saying = selecting.filter { value($0.spec) != nil }
                guard let first = saying.first,
                    let second = saying.first(where: { value($0.spec) != value(first.spec) }),
                    reported.insert([first.id.name, second.id.name, field]).inserted
                else { continue }
                let message =
                    "\(first.id) and \(second.id) both select \(object.id), and contradict each other in '\(field)'"
                diagnostics.append(
                    Diagnostic(
                        .contradictingPolicies, at: second.position(of: "spec.\(field)"), message,
                        related: first.position(of: "spec.\(field)")))
            }
        }
        return diagnostics
    }

    private typealias Scalar = (field: String, value: @Sendable (NetworkPolicy) -> AnyHashable?)

    private static let scalars: [Scalar] = [
        ("isolate", { $0.isolate }), ("egress.default", { $0.egress?.defaultAction }),
        ("ingress.default", { $0.ingress?.defaultAction }), ("rateLimit", { $0.rateLimit }), ("log", { $0.log }),
    ]
}
