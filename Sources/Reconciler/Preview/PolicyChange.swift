package import Specs

/// What a revision changes about whom the members of one object may reach, and who may reach them, in words.
package struct PolicyChange: Hashable, Sendable {
    package enum Effect: String, CaseIterable, Hashable, Codable, Sendable {
        case opens, closes
        /// It was open with more, and a rule keeps it so.
        case keepsOpen = "keeps open"
        /// How much or what is written down, not who reaches whom.
        case changes
    }

    package struct Line: Hashable, Codable, Sendable, CustomStringConvertible {
        package var effect: Effect
        /// `egress to pypi.org on 443/tcp`.
        package var flow: String
        /// Where the rule is written: in the newer revision, or where it stood.
        package var position: SourcePosition?

        package var description: String { "\(effect.rawValue) \(flow)" }
    }

    package var object: ResourceID
    package var lines: [Line]

    /// Of every object that both revisions declare, or only the newer one.
    static func all(from base: DesiredState, to desired: DesiredState) -> [PolicyChange] {
        if base.networkPolicies.isEmpty && desired.networkPolicies.isEmpty { return [] }
        return desired.objects.values.sorted { $0.id < $1.id }.compactMap { object in
            let old = base.objects[object.id]
            let (before, after) = (base.firewall.policy(of: object.id), desired.firewall.policy(of: object.id))
            if old != nil, before == after { return nil }
            let lines = lines(
                from: old.flatMap { EffectivePolicy(of: $0.id, labels: $0.labels, base.networkPolicies) },
                to: EffectivePolicy(of: object.id, labels: object.labels, desired.networkPolicies))
            return lines.isEmpty ? nil : PolicyChange(object: object.id, lines: lines)
        }
    }

    /// - Parameters: nil is an object that no policy selects: nothing is closed.
    static func lines(from before: EffectivePolicy?, to after: EffectivePolicy?) -> [Line] {
        var lines = EffectivePolicy.Direction.allCases.flatMap { flows($0, before, after) }
        let (was, isNow) = (before?.isIsolated.value ?? false, after?.isIsolated.value ?? false)
        if was != isNow {
            let flow = "flows to its siblings and to the host"
            lines.append(
                Line(effect: isNow ? .closes : .opens, flow: flow, position: (after ?? before)?.isIsolated.position))
        }
        let (rate, old) = (after?.rateLimit, before?.rateLimit)
        if rate?.value != old?.value {
            let words = rate.map { $0.value.words.joined(separator: ", ") } ?? "none"
            lines.append(Line(effect: .changes, flow: "the rate limit to \(words)", position: (rate ?? old)?.position))
        }
        let (log, silent) = (after?.log, before?.log)
        if log?.value != silent?.value {
            let words = log.map { "\($0.value.perSecond) lines per second" } ?? "none"
            lines.append(
                Line(
                    effect: .changes, flow: "the log of refused packets to \(words)",
                    position: (log ?? silent)?.position))
        }
        return lines
    }

    private static func flows(
        _ direction: EffectivePolicy.Direction, _ before: EffectivePolicy?, _ after: EffectivePolicy?
    ) -> [Line] {
        let old = before?.rules.filter { $0.direction == direction } ?? []
        let new = after?.rules.filter { $0.direction == direction } ?? []
        func line(_ effect: Effect, _ rule: EffectivePolicy.Rule) -> Line {
            Line(effect: effect, flow: rule.flowWords, position: rule.position)
        }
        let (was, isNow) = (before?.word(for: direction), after?.word(for: direction))
        let guarded = direction == .egress ? GuardedPorts.all(of: isNow?.value ?? .allow) : []
        switch (was?.value ?? .allow, isNow?.value ?? .allow) {
        case (.allow, .deny):
            let all = Line(
                effect: .closes, flow: "all \(direction.rawValue) that no rule lets through", position: isNow?.position)
            return [all] + new.map { line(.keepsOpen, $0) }
        case (.deny, .allow):
            return [Line(effect: .opens, flow: "all \(direction.rawValue)", position: isNow?.position)]
        case (.allow, .allow), (.deny, .deny):
            let opened = new.compactMap { rule in
                rule.words(without: old, guarding: guarded).map {
                    Line(effect: .opens, flow: $0, position: rule.position)
                }
            }
            let closed = old.flatMap { rule -> [Line] in
                guard let words = rule.words(without: new, guarding: guarded) else { return [] }
                return [Line(effect: .closes, flow: words, position: rule.position)]
                    + new.compactMap { rule.part(in: $0, guarding: guarded) }.map { line(.keepsOpen, $0) }
            }
            return opened + closed
        }
    }
}

extension EffectivePolicy.Rule {
    /// What the rule opens and none of the others does; nil where they open all of it.
    ///
    /// - Parameter guarded: ports that only a rule for exactly that port opens.
    fileprivate func words(without others: [EffectivePolicy.Rule], guarding guarded: [PortRange]) -> String? {
        let covering = others.filter { $0.reachesAll(of: self) }
        let known = covering.flatMap(\.ports)
        let isOpenOnAll = covering.contains(where: \.ports.isEmpty)
        if ports.isEmpty {
            if isOpenOnAll { return nil }
            let but = known.filter { !guarded.contains($0) }.map(\.description).joined(separator: ", ")
            return flowWords + (but.isEmpty ? "" : " but \(but)")
        }
        var rest = self
        rest.ports = ports.filter { port in
            if guarded.contains(port) { return !known.contains(port) }
            return !isOpenOnAll && !known.contains { $0.intersection(with: port) == port }
        }
        return rest.ports.isEmpty ? nil : rest.flowWords
    }

    /// What of the rule the other one opens too, where that one leads to some of whom this one leads to; nil where it leads to
    /// all of them, or to none.
    fileprivate func part(in other: EffectivePolicy.Rule, guarding guarded: [PortRange]) -> EffectivePolicy.Rule? {
        guard !other.reachesAll(of: self), let peer = peer.intersection(with: other.peer) else { return nil }
        var part = other
        part.peer = peer
        if peer.cidr != nil, part.addresses.isEmpty { return nil }
        if ports.isEmpty || other.ports.isEmpty {
            part.ports = ports + other.ports
        } else {
            part.ports = ports.flatMap { port in other.ports.compactMap { $0.intersection(with: port) } }
        }
        part.ports.removeAll { guarded.contains($0) && !(ports.contains($0) && other.ports.contains($0)) }
        // Without any it would be every port.
        return part.ports.isEmpty && !(ports.isEmpty && other.ports.isEmpty) ? nil : part
    }

    /// Whether it leads to whomever the other one leads to, on whatever port.
    private func reachesAll(of other: EffectivePolicy.Rule) -> Bool {
        if peer.cidr != nil, other.peer.cidr != nil { return other.addresses.subtracting(addresses).isEmpty }
        if !other.peer.dns.isEmpty { return Set(peer.dns).isSuperset(of: other.peer.dns) }
        return peer.words == other.peer.words
    }
}

extension NetworkPolicy.Peer {
    /// Ranges lie within each other or apart. nil where both lead to nobody, or members are selected.
    fileprivate func intersection(with other: NetworkPolicy.Peer) -> NetworkPolicy.Peer? {
        var both = self
        if let cidr, let range = other.cidr {
            guard cidr.overlaps(range) else { return nil }
            let narrower = cidr.contains(range) ? range : cidr
            both.cidr = narrower
            both.except = except + other.except.filter { !except.contains($0) }
            both.except.removeAll { !$0.overlaps(narrower) }
            both.allowPrivate = allowPrivate && other.allowPrivate
            return both
        }
        both.dns = dns.filter(other.dns.contains)
        return both.dns.isEmpty ? nil : both
    }
}

extension PortRange {
    fileprivate func intersection(with other: PortRange) -> PortRange? {
        overlaps(other) ? PortRange(ports.clamped(to: other.ports), transport) : nil
    }
}

extension EffectivePolicy {
    fileprivate func word(for direction: Direction) -> Word<NetworkPolicy.Default> {
        direction == .egress ? egress : ingress
    }
}
