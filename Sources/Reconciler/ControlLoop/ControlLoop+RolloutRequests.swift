import Specs

/// What people ask of rollouts: going back is a pin to an earlier revision, a restart is a mark of its own.
extension ControlLoop {
    func answer(to request: RolloutRequest, by name: String) throws(CommandRefusal) -> CommandAnswer {
        let id = request.object
        guard id.kind == .workload else {
            throw CommandRefusal(.invalid, "\(id) has no rollouts; only Workloads have")
        }
        try find(id)
        guard let accepted, let declared = accepted.objects[id], let object = desired?.objects[id],
            let state = rollouts[id]?.state
        else {
            throw CommandRefusal(.notFound, "no revision in force declares \(id), so there is nothing to roll out")
        }
        switch request.verb {
        case .undo(let revision):
            return try undo(id, to: revision, request.reason, Present(accepted, declared, object, state), by: name)
        case .abort: return try abort(id, request.reason, Present(accepted, declared, object, state), by: name)
        case .restart: return restart(id, object, state, by: name)
        case .promote(let isFull): return try promotion(of: id, state, isFull: isFull, by: name)
        }
    }

    /// How one object stands when somebody asks something of its rollout.
    private struct Present {
        var accepted: DesiredState
        var declared: DesiredObject
        var object: DesiredObject
        var state: RolloutState

        init(_ accepted: DesiredState, _ declared: DesiredObject, _ object: DesiredObject, _ state: RolloutState) {
            (self.accepted, self.declared, self.object, self.state) = (accepted, declared, object, state)
        }
    }

    private func undo(
        _ id: ResourceID, to text: String?, _ reason: String?, _ present: Present, by name: String
    ) throws(CommandRefusal) -> CommandAnswer {
        let target: DesiredState
        if let text {
            target = try earlierRevision(text, than: present.accepted.revision)
        } else if let good = wayBack(of: id, from: present.state), let state = earlierRevisions[good.id] {
            target = state
        } else {
            throw CommandRefusal(
                .notFound,
                "no earlier revision of \(id) with another template is known to be good; name one with --to: "
                    + keptRevisions)
        }
        guard let before = generation(of: id, under: target.revision) else {
            throw CommandRefusal(.notFound, "\(target.revision) declares no \(id)")
        }
        guard before != present.object.generation else {
            throw CommandRefusal(
                .conflict,
                "\(target.revision) has the same template of \(id) as there is now: nothing would be replaced")
        }
        return back(id, to: target.revision, reason ?? "rollout undo by \(name)", present, by: name)
    }

    private func abort(
        _ id: ResourceID, _ reason: String?, _ present: Present, by name: String
    ) throws(CommandRefusal) -> CommandAnswer {
        guard present.state.isOpen else {
            throw CommandRefusal(
                .conflict,
                "no rollout of \(id) is under way: that of \(present.state.revision) is complete; 'rollout undo' goes back"
            )
        }
        // The template is not what is in question.
        if present.state.cause == .restart, present.state.isProven {
            var next = present.state
            next.endRestart(at: now.wall)
            next.takeUp(present.object, after: present.state, on: informer.observed)
            return CommandAnswer(
                command: .restart(id, next, by: name),
                message: "the restart of \(id) ends: members of before it that are left stay")
        }
        guard let good = wayBack(of: id, from: present.state) else {
            throw CommandRefusal(
                .notFound, "there is nothing good to go back to; 'reconcile pause \(id)' stops it where it is")
        }
        return back(id, to: good, reason ?? "rollout aborted by \(name)", present, by: name)
    }

    private func back(
        _ id: ResourceID, to revision: Revision, _ reason: String, _ present: Present, by name: String
    ) -> CommandAnswer {
        let pin = Pin(
            object: id, revision: revision, cause: .requested, reason: reason, rejected: present.declared.meaning,
            since: now.wall)
        return CommandAnswer(
            command: .pin(pin, by: name),
            message: "\(id) goes back to \(revision): it does not follow \(present.accepted.revision) until a commit "
                + "changes what it says or 'reconcile unpin \(id)'")
    }

    private func restart(
        _ id: ResourceID, _ object: DesiredObject, _ state: RolloutState, by name: String
    ) -> CommandAnswer {
        let known = informer.observed.storedIncarnations
        let incarnations = (0..<object.slots).map { known[MemberID(id, $0)] ?? 0 }
        var next = state
        next.restart(RestartMark(incarnations: incarnations, by: name, at: now.wall))
        next.takeUp(object, after: state, on: informer.observed)
        let manner =
            switch object.strategy.type {
            case .recreate: "the old ones first"
            case .blueGreen: "all of them beside the old ones first"
            case .canary: "step by step"
            case .rolling: "within maxSurge and maxUnavailable"
            }
        return CommandAnswer(
            command: .restart(id, next, by: name),
            message: "the \(object.slots) members of \(id) are replaced by new ones of the same template, \(manner)")
    }

    /// New members from now on, by a state that is on the disk.
    mutating func obey(restartOf id: ResourceID, _ state: RolloutState) {
        guard desired?.objects[id] != nil else { return }
        repairs.forget { $0.object == id }
        limiter.forgetAll()
        take(state, of: id)
    }

    private var keptRevisions: String {
        let kept = earlierRevisions.values.map(\.revision.description).sorted()
        return kept.isEmpty ? "none is kept" : "kept are \(kept.joined(separator: ", "))"
    }
}
