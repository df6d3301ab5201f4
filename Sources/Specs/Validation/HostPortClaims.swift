/// Ports of hosts have one owner each, on every host that could run both.
struct HostPortClaims {
    private struct Key: Hashable {
        var port: UInt16
        var transport: ContainerPort.Transport
    }

    private struct Claim {
        var owner: ResourceID
        var hostIP: String
        var hosts: HostPool.HostSelector
        var place: SourcePosition
    }

    private var claims: [Key: [Claim]] = [:]
    private var diagnostics: [Diagnostic] = []
    /// Comparisons that are left; far more than any real revision needs, and few enough for any other to end soon.
    private var budget = 1_000_000

    /// Reports every port that is claimed twice, at the later claim in the order of the files.
    ///
    /// Two pools share no host when their selectors contradict each other; everything else may meet on one.
    static func validate(_ objects: SpecSet) -> [Diagnostic] {
        let selectors = Dictionary(objects.hostPools.map { ($0.id.name, $0.spec.hosts) }) { first, _ in first }
        var state = HostPortClaims()
        for workload in objects.workloads {
            // A reference that leads nowhere has its own finding; it could mean any host.
            let hosts = selectors[workload.spec.placement.hostPool] ?? HostPool.HostSelector()
            for port in workload.spec.publish { state.claim(port, of: workload, on: hosts) }
        }
        return state.diagnostics
    }

    private mutating func claim(_ port: PublishedPort, of workload: Resource<Workload>, on hosts: HostPool.HostSelector)
    {
        let claim = Claim(
            owner: workload.id, hostIP: port.hostIP, hosts: hosts,
            place: workload.fields[port.fieldPath] ?? workload.origin)
        let key = Key(port: port.hostPort, transport: port.container.transport)
        for earlier in claims[key] ?? [] {
            budget -= 1 + min(earlier.hosts.labels.matchLabels.count, hosts.labels.matchLabels.count)
            guard budget > 0 else { return reportBudget(claim) }
            if Self.overlap(earlier, claim) { return report(key, claim, earlier) }
        }
        claims[key, default: []].append(claim)
    }

    private static func overlap(_ a: Claim, _ b: Claim) -> Bool {
        guard a.hostIP == b.hostIP || a.hostIP == "0.0.0.0" || b.hostIP == "0.0.0.0" else { return false }
        return a.owner == b.owner || !a.hosts.contradicts(b.hosts)
    }

    private mutating func report(_ key: Key, _ claim: Claim, _ earlier: Claim) {
        let message = "host port \(key.port)/\(key.transport.rawValue) is already published by \(earlier.owner)"
        diagnostics.append(Diagnostic(.hostPortTaken, at: claim.place, message, related: earlier.place))
    }

    private mutating func reportBudget(_ claim: Claim) {
        let message = "too many workloads publish the same port to compare them all"
        if diagnostics.last?.code != .limitExceeded {
            diagnostics.append(Diagnostic(.limitExceeded, at: claim.place, message))
        }
    }
}

extension HostPool.HostSelector {
    /// Whether no host can match both: different names, or different values of one label.
    fileprivate func contradicts(_ other: Self) -> Bool {
        if let name, let otherName = other.name, name != otherName { return true }
        let (few, many) =
            labels.matchLabels.count < other.labels.matchLabels.count
            ? (labels.matchLabels, other.labels.matchLabels) : (other.labels.matchLabels, labels.matchLabels)
        return few.contains { key, value in many[key].map { $0 != value } == true }
    }
}
