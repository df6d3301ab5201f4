import Reconciler
import Specs

/// What changes about who may reach whom between two revisions, for programs; fields are only ever added.
struct PolicyDifference: Encodable {
    struct Change: Encodable, Hashable {
        var object: String
        var added: [String]
        var removed: [String]
    }

    var from: String?
    var to: String
    var objects: [Change]

    init(from old: DesiredState?, to new: DesiredState) {
        from = old?.revision.description
        to = new.revision.description
        let ids = Set(old?.objects.keys.map { $0 } ?? []).union(new.objects.keys).sorted()
        objects = ids.compactMap { id in
            let (before, after) = (old.map { Self.lines(of: id, in: $0) } ?? [], Self.lines(of: id, in: new))
            let change = Change(
                object: id.description, added: after.filter { !before.contains($0) },
                removed: before.filter { !after.contains($0) })
            return change.added.isEmpty && change.removed.isEmpty ? nil : change
        }
    }

    private static func lines(of id: ResourceID, in desired: DesiredState) -> [String] {
        guard let object = desired.objects[id] else { return [] }
        guard let policy = EffectivePolicy(of: id, labels: object.labels, desired.networkPolicies) else {
            return ["not restricted"]
        }
        var lines = [
            "egress default \(policy.egress.value.rawValue)", "ingress default \(policy.ingress.value.rawValue)",
            policy.isIsolated.value ? "isolated" : "not isolated",
        ]
        lines += policy.rules.map { "\($0.direction.rawValue) allow \($0.peer.words) \($0.portWords)" }
        if let rate = policy.rateLimit?.value {
            let words = [
                rate.packetsPerSecond.map { "\($0) packets/s" }, rate.bytesPerSecond.map { "\($0.rounded)/s" },
                rate.connectionsPerSecond.map { "\($0) connections/s" },
            ].compactMap(\.self)
            lines.append("rate " + words.joined(separator: ", "))
        }
        if let log = policy.log?.value { lines.append("log \(log.perSecond)/s") }
        return lines
    }
}
