package import Specs

/// Which system calls the containers of one object may make with a revision and could not before, and the other way round.
///
/// By name: a call that some rule lets through under conditions counts as allowed.
package struct SystemCallChange: Hashable, Sendable, CustomStringConvertible {
    package var object: ResourceID
    /// Sorted.
    package var allowed: [String]
    /// Sorted.
    package var denied: [String]
    /// Every call that no rule names is let through now.
    package var allowsOthers: Bool
    package var position: SourcePosition?

    /// `allows bpf, ptrace; denies mount`.
    package var description: String {
        var parts: [String] = []
        if allowsOthers { parts.append("allows every call that no rule names") }
        if !allowed.isEmpty { parts.append("allows \(Self.list(allowed))") }
        if !denied.isEmpty { parts.append("denies \(Self.list(denied))") }
        return parts.isEmpty ? "allows the same calls under other conditions" : parts.joined(separator: "; ")
    }

    /// The most names that a sentence has.
    private static let mostNames = 12

    private static func list(_ names: [String]) -> String {
        let more = names.count - mostNames
        return names.prefix(mostNames).joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
    }

    /// Of every object that both revisions declare. What says nothing has what Docker lets through by default.
    static func all(from base: DesiredState, to desired: DesiredState) -> [SystemCallChange] {
        var known: [String: Set<String>?] = [:]
        func names(_ filter: SeccompFilter?) -> Set<String>? {
            guard let filter else { return SeccompBaseline.default.profile.allowedNames }
            if let names = known[filter.digest] { return names }
            let names = SeccompProfile(json: filter.json)?.allowedNames
            known[filter.digest] = names
            return names
        }
        return desired.objects.values.sorted { $0.id < $1.id }.compactMap { object in
            guard let old = base.objects[object.id] else { return nil }
            let (before, after) = (old.container.confinement?.seccomp, object.container.confinement?.seccomp)
            guard before?.digest != after?.digest else { return nil }
            let (was, isNow) = (names(before), names(after))
            return SystemCallChange(
                object: object.id, allowed: (isNow ?? []).subtracting(was ?? isNow ?? []).sorted(),
                denied: (was ?? []).subtracting(isNow ?? was ?? []).sorted(), allowsOthers: isNow == nil && was != nil,
                position: object.position(of: "spec.template.securityProfile"))
        }
    }
}
