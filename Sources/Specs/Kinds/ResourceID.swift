/// The kinds of the language that this version knows.
package enum ResourceKind: String, CaseIterable, Comparable, Codable, Sendable {
    case autoscaler = "Autoscaler"
    case containerTemplate = "ContainerTemplate"
    case environment = "Environment"
    case hostPool = "HostPool"
    case maintenanceWindow = "MaintenanceWindow"
    case networkPolicy = "NetworkPolicy"
    case resourceLimits = "ResourceLimits"
    case scheduledTask = "ScheduledTask"
    case securityProfile = "SecurityProfile"
    case variables = "Variables"
    case warmPool = "WarmPool"
    case workload = "Workload"

    package static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }
}

/// The key of everything: kind and name, unique across a revision.
package struct ResourceID: Hashable, Comparable, Codable, Sendable, CustomStringConvertible {
    package var kind: ResourceKind
    package var name: String

    package init(_ kind: ResourceKind, _ name: String) {
        self.kind = kind
        self.name = name
    }

    /// The inverse of `description`; nil for anything that is not `Kind/name` of a known kind.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[1].isEmpty, let kind = ResourceKind(rawValue: String(parts[0])) else {
            return nil
        }
        self.init(kind, String(parts[1]))
    }

    package var description: String { "\(kind.rawValue)/\(name)" }

    package static func < (a: Self, b: Self) -> Bool { (a.kind, a.name) < (b.kind, b.name) }
}
