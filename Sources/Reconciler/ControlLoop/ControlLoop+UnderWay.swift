import Specs

/// What has no answer yet, or may have happened.
extension ControlLoop {
    /// Members of which a container is being made or taken away.
    var membersUnderWay: Set<MemberID> {
        if flights.isEmpty && doubts.isEmpty { return [] }
        let keys = flights.filter { $0.value.step.changesNumber }.map(\.key) + doubts.keys
        return Set(keys.compactMap { if case .member(let member) = $0 { member } else { nil } })
    }

    /// Members of which a container is being made.
    var comingMembers: Set<MemberID> {
        if flights.isEmpty && doubts.isEmpty { return [] }
        let creations = flights.values.compactMap(\.step.creation) + doubts.values.compactMap(\.creation)
        return Set(creations.map(\.member))
    }

    /// Runs of tasks whose start is on its way.
    var startingRuns: Set<MemberID> {
        if flights.isEmpty && doubts.isEmpty { return [] }
        let keys = flights.filter { if case .start = $0.value.step { true } else { false } }.map(\.key) + doubts.keys
        return Set(
            keys.compactMap { key in
                guard case .member(let member) = key, member.object.kind == .scheduledTask else { return nil }
                return member
            })
    }
}
