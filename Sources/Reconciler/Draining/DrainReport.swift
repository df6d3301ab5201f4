package import Specs

/// How far a drain has come, and what is in its way.
package struct DrainReport: Hashable, Codable, Sendable {
    /// What keeps members of one object here, or one member that somebody has.
    package struct Blocker: Hashable, Codable, Sendable, CustomStringConvertible {
        package var object: ResourceID
        package var gate: Hold.Gate
        package var message: String
        /// How many of its members this keeps.
        package var members: Int
        /// Where a budget is in the way: how many members must be available, and how many are.
        package var needed: Int?
        package var healthy: Int?
        /// Where somebody has it: which claim, and whose.
        package var claim: ClaimID?
        package var holder: String?

        package init(object: ResourceID, gate: Hold.Gate, message: String, members: Int) {
            self.object = object
            self.gate = gate
            self.message = message
            self.members = members
        }

        /// `Workload/web (2 members): DisruptionBudget: 2 of 2 members are available, and …`.
        package var description: String {
            "\(object) (\(members) \(members == 1 ? "member" : "members")): \(gate.rawValue): \(message)"
        }
    }

    package var drain: Drain
    /// How many containers of ours are still to go.
    package var left: Int
    /// In the order of the objects.
    package var blockers: [Blocker]

    package init(_ drain: Drain, left: Int, blockers: [Blocker] = []) {
        self.drain = drain
        self.left = left
        self.blockers = blockers
    }

    /// For people, without what is in its way.
    package var summary: String {
        let left = "\(left) \(left == 1 ? "container is" : "containers are") left"
        let deadline = drain.stage == .draining ? drain.deadline.map { ", until \($0)" } ?? "" : ""
        return drain.what + "; \(left)\(deadline)"
    }

    /// For people, in one line.
    package var message: String {
        let blocking = Diagnostic.list(blockers.map(\.description), word: "and", limit: 4)
        return summary + (blockers.isEmpty ? "" : "; in its way: \(blocking)")
    }

    private var isOver: Bool { drain.stage == .drained && left == 0 }

    /// Whether all that was to go is gone; nil where nothing is to go.
    package static func condition(of reports: [DrainReport]) -> Condition? {
        guard let first = reports.first(where: { !$0.isOver }) ?? reports.first else { return nil }
        let message = reports.map(\.message).joined(separator: "; ")
        return Condition(.drained, first.isOver, first.drain.stage.rawValue, message)
    }
}

extension ControlLoop {
    /// Containers that a drain is to take away, in the order of their names.
    func containersToGo(for drain: Drain) -> [ObservedContainer] {
        guard let desired else { return [] }
        return informer.observed.containers.values.filter { container in
            guard let object = desired.objects[container.mark.object] else { return drain.pool == nil }
            // A run that has ended does nothing, and its logs may be what somebody looks for.
            if object.task != nil, !container.isUnderWay { return false }
            return (drain.pool == nil || drain.pool == object.hostPool) && !object.isExemptFromDrains
        }.sorted { $0.name < $1.name }
    }

    /// How the drains stand, that of the host first.
    ///
    /// - Parameter plan: of everything.
    func drainReports(_ plan: Plan?) -> [DrainReport] {
        if gates.drains.isEmpty { return [] }
        var holds: [MemberID: Hold] = [:]
        for action in plan?.actions ?? [] {
            if case .member(let member) = action.key, case .held(let hold) = action.verdict { holds[member] = hold }
        }
        return gates.drains.map { drain in
            let left = containersToGo(for: drain)
            return DrainReport(drain, left: left.count, blockers: blockers(among: left, holds))
        }
    }

    /// Members that the same thing holds are one line; each claim is one of its own.
    private func blockers(among containers: [ObservedContainer], _ holds: [MemberID: Hold]) -> [DrainReport.Blocker] {
        var found: [DrainReport.Blocker] = []
        for container in containers {
            guard let hold = holds[container.instance.member] else { continue }
            var blocker = DrainReport.Blocker(
                object: container.mark.object, gate: hold.gate, message: hold.message + hold.untilClause, members: 1)
            if phases[container.instance] == .claimed, let claim = claims.claim(of: container.instance) {
                (blocker.claim, blocker.holder) = (claim.id, claim.holder)
            } else if let same = found.firstIndex(where: {
                $0.object == blocker.object && $0.gate == blocker.gate && $0.claim == nil
            }) {
                found[same].members += 1
                continue
            }
            if let object = desired?.objects[blocker.object], let budget = object.disruptionBudget {
                blocker.needed = budget.minimum(of: object.slots)
                blocker.healthy = view(of: object.id)?.availableSlots
            }
            found.append(blocker)
        }
        return found.sorted { ($0.object, $0.claim?.description ?? "") < ($1.object, $1.claim?.description ?? "") }
    }
}
