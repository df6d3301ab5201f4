import Specs

/// What has no answer yet, or may have happened.
extension ControlLoop {
    /// Members of which a container is being made or taken away.
    var membersUnderWay: Set<MemberID> {
        if flights.isEmpty && doubts.isEmpty { return [] }
        let atWork = flights.lazy.filter { $0.value.step.changesNumber }.compactMap(\.key.member)
        return Set(atWork).union(doubts.keys.lazy.compactMap(\.member))
    }

    /// Members of which a container is being made.
    var comingMembers: Set<MemberID> {
        if flights.isEmpty && doubts.isEmpty { return [] }
        let creations = flights.values.lazy.compactMap(\.step.creation?.member)
        return Set(creations).union(doubts.values.lazy.compactMap(\.creation?.member))
    }

    /// Runs of tasks whose start is on its way.
    var startingRuns: Set<MemberID> {
        if flights.isEmpty && doubts.isEmpty { return [] }
        let starts = flights.lazy.filter { if case .start = $0.value.step { true } else { false } }.map(\.key)
        let members = Set(starts.compactMap(\.member)).union(doubts.keys.lazy.compactMap(\.member))
        return members.filter { $0.object.kind == .scheduledTask }
    }
}
