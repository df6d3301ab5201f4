package import Specs

/// Empties this host, or what one pool has on it: as a person asked for, or as git says.
///
///     draining --> drained               nothing of ours is left
///        |  \----> exceeded --> drained  its deadline is over: nothing more is taken away
///        \-------> forced --> drained    its deadline is over: the rest goes in spite of budgets and claims
///
/// Nothing new is started in any of them. What comes to light when it is drained is answered by the deadline: before it
/// the drain goes on, and after it as above. The control loop moves it from one to the next, and writes that down, as well
/// as that the deadline is over; planning only reads it, so that a clock that is set backwards takes nothing away.
package struct Drain: Hashable, Codable, Sendable {
    package enum Stage: String, CaseIterable, Hashable, Codable, Sendable {
        case draining = "Draining"
        case exceeded = "DrainDeadlineExceeded"
        case forced = "DrainForced"
        case drained = "Drained"
    }

    /// The HostPool whose spec asks for it; nil for the whole host, which a person asks for.
    package var pool: String?
    /// May be empty.
    package var reason: String
    /// A user name, or `git`.
    package var by: String
    package var since: Instant
    /// How long members may take to go by themselves; nil waits for ever.
    package var deadline: Instant?
    /// What is left at the deadline goes in spite of budgets and claims.
    package var force: Bool
    package var stage = Stage.draining
    /// The deadline was over once, whatever the clock says since.
    package var isOverdue = false

    private enum CodingKeys: String, CodingKey {
        case pool, reason, by, since, deadline, force, stage
        case isOverdue = "overdue"
    }

    package init(
        pool: String? = nil, reason: String, by: String, since: Instant, deadline: Instant? = nil, force: Bool = false
    ) {
        self.pool = pool
        self.reason = reason
        self.by = by
        self.since = since
        self.deadline = deadline
        self.force = force
    }

    /// What git asks for, begun at this moment.
    package init(pool: String, _ spec: HostPool.Drain, since: Instant) {
        self.init(
            pool: pool, reason: spec.reason ?? "", by: "git", since: since,
            deadline: spec.deadline.map { since.advanced(bySeconds: $0.roundedUpSeconds) }, force: spec.force)
    }

    /// What tolerates this taint stays, and may be started.
    package static let taint = Taint(key: "reconcile.dev/drain", effect: .noExecute)

    /// Whether nothing else is asked for, however far each of them has come.
    package func asksForTheSame(as other: Drain) -> Bool {
        var other = other
        (other.stage, other.isOverdue) = (stage, isOverdue)
        return self == other
    }

    /// The same drain at this moment.
    ///
    /// - Parameters:
    ///   - isEmpty: nothing is left that is to go, and nothing of it is on its way; nil where that is not known for sure.
    func movedOn(to now: Instant, isEmpty: Bool?) -> Drain {
        var next = self
        next.isOverdue = isOverdue || stage == .exceeded || stage == .forced || deadline.map { $0 <= now } ?? false
        switch isEmpty {
        case true?: next.stage = .drained
        case false?: next.stage = !next.isOverdue ? .draining : force ? .forced : .exceeded
        case nil: break
        }
        return next
    }

    /// Where several concern an object, the one that goes furthest counts.
    var urgency: Int {
        switch stage {
        case .drained: 0
        case .exceeded: 1
        case .draining: 2
        case .forced: 3
        }
    }

    /// `this host is drained`, `HostPool/agents is drained`, with who asked for it and why.
    package var what: String {
        let what = pool.map { "HostPool/\($0) is drained by \(by)" } ?? "this host is drained by \(by)"
        return what + (reason.isEmpty ? "" : ": \(reason)")
    }

    /// What ends it.
    package var end: Until { pool == nil ? .uncordoned : .commit }
}

extension DesiredObject {
    /// It stays on a host that is emptied.
    package var isExemptFromDrains: Bool { tolerates(Drain.taint) }
}

extension PlanContext {
    /// What empties the host of this object; nil where nothing does, or where it may stay.
    func drain(of object: DesiredObject) -> Drain? {
        let inGit = drainInGit(of: object.hostPool)
        let ofHost = gates.drains.first { $0.pool == nil }
        guard inGit != nil || ofHost != nil, !object.isExemptFromDrains else { return nil }
        return [ofHost, inGit].compactMap(\.self).max { $0.urgency < $1.urgency }
    }

    /// A drain that nobody has written down yet begins now.
    private func drainInGit(of pool: String) -> Drain? {
        guard let spec = desired.hostPools[pool]?.spec.drain else { return nil }
        return gates.drains.first { $0.pool == pool } ?? Drain(pool: pool, spec, since: now.wall)
    }
}
