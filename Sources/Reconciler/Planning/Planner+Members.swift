import Specs

extension Planner {
    /// What is done about one slot next; nil when there is nothing to do, or nothing to say of a held object.
    static func memberAction(_ slot: Int, of view: ObjectView) -> Action? {
        guard let object = view.object, let hold = view.hold else { return need(of: slot, view) }
        return held(slot, object, view, by: hold, present: view.containers[slot] ?? [])
    }

    /// What one slot needs next, held or not; nil when its container is as it should be.
    static func need(of slot: Int, _ view: ObjectView) -> Action? {
        let all = view.containers[slot] ?? []
        guard let object = view.object else { return removal(of: all, slot, view, because: .undeclared) }
        if slot >= object.slots { return removal(of: all, slot, view, because: .scaledDown(to: object.slots)) }
        let member = Member(slot: slot, object: object, view: view)
        guard !all.isEmpty else { return member.creation() }
        guard let keeper = view.keeper(among: all) else { return member.replacement(of: all) }
        let others = all.filter { $0.id != keeper.id }
        if object.strategy.type == .recreate, !others.isEmpty {
            return removal(of: others, slot, view, because: .surplus)
        }
        if let repair = member.repair(of: keeper) { return repair }
        return others.isEmpty ? nil : succession(of: keeper, to: others, slot, view)
    }

    /// The successor is ready, so the others go; without a health check only when it has run for a while.
    private static func succession(
        of keeper: ObservedContainer, to others: [ObservedContainer], _ slot: Int, _ view: ObjectView
    ) -> Action? {
        var action = removal(of: others, slot, view, because: .surplus)
        if keeper.health == .none, action?.verdict == .go,
            let time = view.gates.readyNotBefore[MemberID(view.id, slot)], time > view.now.uptime
        {
            action?.verdict = .notBefore(time)
        }
        return action
    }

    /// Stops and removes containers, oldest first. Named volumes stay.
    private static func removal(
        of containers: [ObservedContainer], _ slot: Int, _ view: ObjectView, because reason: Reason
    ) -> Action? {
        guard !containers.isEmpty else { return nil }
        let verdict: Verdict =
            if let hold = view.destructiveHold { .held(hold) } else { .go }
        return Action(
            .member(MemberID(view.id, slot)), .remove, reason, at: view.object?.origin,
            class: reason == .surplus ? .disruptive : .destructive,
            steps: containers.flatMap { Member.removalSteps(for: $0, view) }, verdict: verdict)
    }

    /// A held object: what would be created says so, what exists is left alone.
    private static func held(
        _ slot: Int, _ object: DesiredObject, _ view: ObjectView, by hold: Hold, present: [ObservedContainer]
    ) -> Action? {
        let isForOthers = hold.gate == .hostNotSelected
        // What is for other hosts is only worth a line where it runs here; what is for us, where it does not.
        guard present.isEmpty != isForOthers else { return nil }
        return Action(
            .member(MemberID(view.id, slot)), isForOthers ? .remove : .create, isForOthers ? .undeclared : .missing,
            at: object.position(of: "spec.hostPool"), class: isForOthers ? .destructive : .safe, steps: [],
            verdict: .held(hold))
    }
}

/// One slot of a declared object on this host.
private struct Member {
    let slot: Int
    let object: DesiredObject
    let view: ObjectView

    var id: MemberID { MemberID(object.id, slot) }

    // MARK: Missing

    func creation() -> Action {
        action(.create, .missing, at: object.origin, class: .safe, steps: creationSteps, verdict: creationVerdict)
    }

    /// Create, start, and look until it is ready. The ids of the later steps are known only after the first.
    private var creationSteps: [Step] {
        let incarnation = view.nextIncarnation(of: slot)
        let mark = OwnershipMark(
            owner: view.settings.owner, object: object.id,
            member: .init(slot: slot, incarnation: incarnation, recreateHash: object.recreateLabel))
        let name = view.name(slot: slot, incarnation: incarnation)
        return [.createContainer(MemberIntent(name: name, mark: mark, container: object.container))]
    }

    private var capacityHold: Hold? {
        if slot < object.slotsWithinCapacity { return nil }
        return Hold(.capacity, "HostPool/\(object.hostPool) holds no more than its containersPerHost")
    }

    private var creationVerdict: Verdict {
        if let capacityHold { return .held(capacityHold) }
        // A container that could not be read would be made a second time.
        if let hold = view.destructiveHold { return .held(hold) }
        // A pull of a tag that may have moved is waited for as well: `Always` admits no container of the old image.
        if !Planner.objectActions(view).isEmpty { return .waitFor(.object(object.id)) }
        let name = view.name(slot: slot, incarnation: view.nextIncarnation(of: slot))
        if let conflict = conflict(over: name) { return .stalled(conflict) }
        if let holder = view.observed.containers.values.first(where: { $0.name == name }) {
            // Ours, of an object that must go first; a kind can change while the name stays.
            return .waitFor(.member(MemberID(holder.mark.object, holder.slot)))
        }
        return view.gates.delay(of: id, at: view.now)
    }

    private func conflict(over name: String) -> Stall? {
        guard let foreign = view.observed.foreignNames[name] else { return nil }
        return Stall(
            .nameConflict, "container '\(name)' (\(foreign.prefix(12))) exists and is not ours; rename or remove it")
    }

    // MARK: Repair in place

    /// What brings the container in order without replacing it; nil when nothing is to be done.
    func repair(of container: ObservedContainer) -> Action? {
        let reference = ContainerReference(container)
        switch container.status {
        case .created:
            return heal(.start, .notStarted, [.start(reference)])
        case .exited:
            return heal(.start, .stopped(exitCode: container.exitCode), [.start(reference)])
        case .paused:
            return heal(.unpause, .paused, [.unpause(reference)])
        case .restarting, .removing, .dead:
            return action(.await, .notReadyYet, at: object.origin, class: .safe, steps: [])
        case .running:
            return adjustment(of: container, reference) ?? readiness(of: container, reference)
        }
    }

    private func heal(_ verb: Action.Verb, _ reason: Reason, _ steps: [Step]) -> Action {
        action(
            verb, reason, at: object.origin, class: .safe, steps: steps,
            verdict: view.gates.delay(of: id, at: view.now))
    }

    private func adjustment(of container: ObservedContainer, _ reference: ContainerReference) -> Action? {
        if container.name != container.ownName { return renaming(of: container, reference) }
        let drift = LiveDrift(
            of: container.live, from: object.container.template.resources, on: view.observed.engine)
        guard let first = drift.updating.first else { return nil }
        return action(
            .update, .changed(drift.updating), at: object.position(of: "spec.template.\(first.field)"), class: .safe,
            steps: [.update(reference, drift.target)])
    }

    /// Back to its own name. Where another of ours holds that name, it goes first; and a container that is in the way of
    /// another one steps aside meanwhile, since two whose names were swapped would wait for each other for ever.
    private func renaming(of container: ObservedContainer, _ reference: ContainerReference) -> Action {
        let ours = view.observed.containers.values
        var name = container.ownName
        var verdict = conflict(over: name).map(Verdict.stalled) ?? .go
        if let holder = ours.first(where: { $0.name == name }) {
            if ours.contains(where: { $0.ownName == container.name }) {
                name = freeName(after: name)
            } else {
                verdict = .waitFor(.member(MemberID(holder.mark.object, holder.slot)))
            }
        }
        return action(
            .rename, .renamed(from: container.name), at: object.origin, class: .safe,
            steps: [.rename(reference, to: name)], verdict: verdict)
    }

    private func freeName(after name: String) -> String {
        let taken = Set(view.observed.containers.values.map(\.name)).union(view.observed.foreignNames.keys)
        var number = 1
        while taken.contains("\(name)-aside-\(number)") { number += 1 }
        return "\(name)-aside-\(number)"
    }

    private func readiness(of container: ObservedContainer, _ reference: ContainerReference) -> Action? {
        if container.isReady { return nil }
        if container.health == .unhealthy {
            let stop = Step.stop(reference, timeout: object.container.template.stopTimeout)
            return heal(.restart, .unhealthy, [stop, .start(reference)])
        }
        let probe = object.container.template.healthCheck.map { [Step.probe(reference, $0)] } ?? []
        return action(.await, .notReadyYet, at: object.origin, class: .safe, steps: probe)
    }

    // MARK: Replacement

    /// No container of the slot has the fields that the spec asks for.
    func replacement(of stale: [ObservedContainer]) -> Action {
        let changes = stale.last.map(view.changes(of:)) ?? []
        let first = changes.first?.field ?? "image"
        let removal = stale.flatMap { Member.removalSteps(for: $0, view) }
        // A stale container that Docker is removing, or gave up on, has no fields to name.
        let reason: Reason = changes.isEmpty ? .missing : .changed(changes)
        return action(
            .replace, reason, at: object.position(of: first == "publish" ? "spec.publish" : "spec.template.\(first)"),
            class: .disruptive,
            steps: object.strategy.type == .recreate ? removal + creationSteps : creationSteps + removal,
            verdict: replacementVerdict)
    }

    private var replacementVerdict: Verdict {
        // Asked before whose turn it is: nobody comes free by waiting for one that is held.
        if let hold = view.destructiveHold ?? capacityHold { return .held(hold) }
        switch view.replacementTurn {
        case .slot(let turn) where turn != slot: return .waitFor(.member(MemberID(object.id, turn)))
        case .blocked(let unready): return .waitFor(.member(MemberID(object.id, unready)))
        case .slot, .nobody: return creationVerdict
        }
    }

    // MARK: Words shared by all of them

    /// What takes one container away, from the state that it is in.
    static func removalSteps(for container: ObservedContainer, _ view: ObjectView) -> [Step] {
        let reference = ContainerReference(container)
        // An object that is gone from git leaves its word on the container.
        let timeout = view.object?.container.template.stopTimeout ?? container.stopTimeout ?? .seconds(10)
        return switch container.status {
        case .running, .restarting: [.stop(reference, timeout: timeout), .remove(reference)]
        // Docker refuses to stop a paused container.
        case .paused: [.unpause(reference), .stop(reference, timeout: timeout), .remove(reference)]
        case .created, .exited, .dead: [.remove(reference)]
        case .removing: []
        }
    }

    private func action(
        _ verb: Action.Verb, _ reason: Reason, at position: SourcePosition?, class actionClass: ActionClass,
        steps: [Step], verdict: Verdict = .go
    ) -> Action {
        Action(.member(id), verb, reason, at: position, class: actionClass, steps: steps, verdict: verdict)
    }
}

extension ObservedContainer {
    /// The name that we gave it.
    fileprivate var ownName: String { ObjectView.name(of: mark.object, slot: slot, incarnation: incarnation) }
}

extension Gates {
    /// A member that keeps stopping is started again later and later.
    fileprivate func delay(of member: MemberID, at now: Now) -> Verdict {
        guard let time = restartsNotBefore[member], time > now.uptime else { return .go }
        return .notBefore(time)
    }
}
