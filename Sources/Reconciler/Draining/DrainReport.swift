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
    /// Whether a drain takes away what there is of an object. Of an undeclared one nobody can say whose it was: it goes with
    /// the whole host.
    func isGoing(_ id: ResourceID, by drain: Drain) -> Bool {
        guard let object = desired?.objects[id] else { return drain.pool == nil }
        return (drain.pool == nil || drain.pool == object.hostPool) && !object.isExemptFromDrains
    }

    /// Whether nothing is left that a drain is to take away, nor on its way; nil where that is not known for sure.
    func isEmptied(by drain: Drain) -> Bool? {
        // By objects, of which there are few: this is asked for every input.
        if informer.observed.objectsWithContainers.contains(where: { !containersToGo(of: $0, by: drain).isEmpty }) {
            return false
        }
        let isComing = membersUnderWay.contains { isGoing($0.object, by: drain) }
        return informer.observed.isComplete && !isComing ? true : nil
    }

    /// How many containers of ours a drain is to take away.
    func countToGo(for drain: Drain) -> Int {
        informer.observed.objectsWithContainers.reduce(0) { $0 + containersToGo(of: $1, by: drain).count }
    }

    /// Those of one object. A run that has ended does nothing, and its logs may be what somebody looks for.
    func containersToGo(of id: ResourceID, by drain: Drain) -> [ObservedContainer] {
        guard isGoing(id, by: drain) else { return [] }
        let all = informer.observed.containers(of: id)
        return desired?.objects[id]?.task == nil ? all : all.filter(\.isUnderWay)
    }

    /// How the drains stand, that of the host first.
    ///
    /// - Parameter plan: of everything.
    func drainReports(_ plan: Plan?) -> [DrainReport] {
        if gates.drains.isEmpty { return [] }
        let holds = holds(in: plan)
        return gates.drains.map { drainReport(of: $0, holds) }
    }

    /// What holds members.
    func holds(in plan: Plan?) -> [MemberID: Hold] {
        var holds: [MemberID: Hold] = [:]
        for action in plan?.actions ?? [] {
            if case .member(let member) = action.key, case .held(let hold) = action.verdict { holds[member] = hold }
        }
        return holds
    }

    func drainReport(of drain: Drain, _ holds: [MemberID: Hold]) -> DrainReport {
        let objects = informer.observed.objectsWithContainers.filter { isGoing($0, by: drain) }.sorted()
        return DrainReport(
            drain, left: countToGo(for: drain), blockers: objects.flatMap { blockers(of: $0, holds) })
    }

    /// Members that the same gate holds are one line; each claim is one of its own.
    private func blockers(of object: ResourceID, _ holds: [MemberID: Hold]) -> [DrainReport.Blocker] {
        var claimed: [DrainReport.Blocker] = []
        var byGate: [Hold.Gate: DrainReport.Blocker] = [:]
        for container in informer.observed.containers(of: object) {
            guard let hold = holds[container.instance.member] else { continue }
            var blocker = DrainReport.Blocker(
                object: object, gate: hold.gate, message: hold.message + hold.untilClause, members: 1)
            if phases[container.instance] == .claimed, let claim = claims.claim(of: container.instance) {
                (blocker.claim, blocker.holder) = (claim.id, claim.holder)
                claimed.append(blocker)
            } else if byGate[hold.gate] != nil {
                byGate[hold.gate]?.members += 1
            } else {
                byGate[hold.gate] = blocker
            }
        }
        if let object = desired?.objects[object], let budget = object.disruptionBudget {
            byGate[.disruptionBudget]?.needed = budget.minimum(of: object.slots)
            byGate[.disruptionBudget]?.healthy = view(of: object.id)?.availableSlots
        }
        return byGate.values.sorted { $0.gate.rawValue < $1.gate.rawValue }
            + claimed.sorted { ($0.claim?.description ?? "") < ($1.claim?.description ?? "") }
    }
}
