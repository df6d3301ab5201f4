/// Connects objects with the policies that they name or that select them, and holds them where those cannot be had yet.
struct PolicyReferences {
    private let profiles: [String: Resource<SecurityProfile>]
    private let policies: [Resource<NetworkPolicy>]
    private let windows: [Resource<MaintenanceWindow>]
    private let references: References
    private var diagnostics: [Diagnostic] = []

    static func resolve(_ set: inout SpecSet, _ references: References) -> [Diagnostic] {
        var state = PolicyReferences(
            profiles: Dictionary(set.securityProfiles.map { ($0.id.name, $0) }) { first, _ in first },
            policies: set.networkPolicies, windows: set.maintenanceWindows, references: references)
        set.updatePlaced { state.resolve(&$0) }
        return state.diagnostics
    }

    private init(
        profiles: [String: Resource<SecurityProfile>], policies: [Resource<NetworkPolicy>],
        windows: [Resource<MaintenanceWindow>], references: References
    ) {
        self.profiles = profiles
        self.policies = policies
        self.windows = windows
        self.references = references
    }

    private mutating func resolve(_ object: inout PlacedObject) {
        if let name = object.source.template.securityProfile {
            let place = object.position(of: "spec.template.securityProfile")
            if let dangling = references.check(ResourceID(.securityProfile, name), at: place) {
                diagnostics.append(dangling)
            }
        }
        for policy in policies where policy.spec.selector.selects(object.labels) {
            object.unenforced.append(UnenforcedDemand(policy.id.description, at: policy.origin))
        }
        for window in windows where window.spec.selector.selects(object.labels) {
            object.unenforced.append(UnenforcedDemand(window.id.description, at: window.origin))
        }
    }

    /// Allow rules of several policies unite; what can have only one value must have it in all of them.
    static func checkContradictions(
        of policies: [Resource<NetworkPolicy>], on placed: [PlacedObject]
    ) -> [Diagnostic] {
        guard policies.count > 1 else { return [] }
        var diagnostics: [Diagnostic] = []
        var reported: Set<[ResourceID]> = []
        for object in placed {
            let selecting = policies.filter { $0.spec.selector.selects(object.labels) }
            for (index, second) in selecting.enumerated() {
                for first in selecting[..<index] {
                    guard let field = contradiction(first.spec, second.spec) else { continue }
                    guard reported.insert([first.id, second.id]).inserted else { continue }
                    let message =
                        "\(first.id) and \(second.id) both select \(object.id), and contradict each other in '\(field)'"
                    diagnostics.append(
                        Diagnostic(
                            .contradictingPolicies, at: second.fields["spec.\(field)"] ?? second.origin, message,
                            related: first.fields["spec.\(field)"] ?? first.origin))
                }
            }
        }
        return diagnostics
    }

    /// The first field that both policies set, and set differently.
    private static func contradiction(_ first: NetworkPolicy, _ second: NetworkPolicy) -> String? {
        scalars.first { $0.differs(first, second) }?.field
    }

    private typealias Scalar = (field: String, differs: @Sendable (NetworkPolicy, NetworkPolicy) -> Bool)

    private static let scalars: [Scalar] = [
        ("isolate", { differ($0.isolate, $1.isolate) }),
        ("egress.default", { differ($0.egress?.defaultAction, $1.egress?.defaultAction) }),
        ("ingress.default", { differ($0.ingress?.defaultAction, $1.ingress?.defaultAction) }),
        ("rateLimit", { differ($0.rateLimit, $1.rateLimit) }),
    ]

    /// What one of the two does not say is no contradiction.
    private static func differ<T: Equatable>(_ a: T?, _ b: T?) -> Bool { a != nil && b != nil && a != b }
}
