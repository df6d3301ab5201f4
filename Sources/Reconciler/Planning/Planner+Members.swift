import Specs

extension Planner {
    /// What is done about one slot next, or what holds it; nil when there is nothing to do.
    static func memberAction(_ slot: Int, of view: ObjectView) -> Action? {
        decidedAction(slot, of: view).map { afterTraffic($0, view) }
    }

    /// The same, whether anybody's connections are still led to what goes or not.
    static func decidedAction(_ slot: Int, of view: ObjectView) -> Action? {
        gatedNeed(of: slot, view).map { stopgap(for: $0, slot, view) ?? $0 }
    }

    /// Nothing is stopped as long as the kernel leads new connections to it.
    private static func afterTraffic(_ action: Action, _ view: ObjectView) -> Action {
        guard action.verdict == .go, case .stop(let reference, _)? = action.steps.first,
            let container = view.context.observed.containers[reference.id],
            view.context.firewall.traffic.leads(to: container)
        else { return action }
        var action = action
        action.verdict = .waitFor(.firewall)
        return action
    }

    /// The same, without what is done meanwhile where a gate holds it.
    static func gatedNeed(of slot: Int, _ view: ObjectView) -> Action? {
        guard let hold = view.hold, let object = view.object else { return need(of: slot, view).map(view.gated) }
        return held(slot, object, view, by: hold)
    }

    /// What one slot needs next, held or not; nil when its container is as it should be.
    static func need(of slot: Int, _ view: ObjectView) -> Action? {
        if view.id.kind == .scheduledTask, let object = view.object { return taskNeed(of: slot, object, view) }
        guard let drain = view.drain, let object = view.object else { return usualNeed(of: slot, view) }
        return needWhileDraining(of: slot, drain, object, view)
    }

    /// The same on a host that nobody empties.
    static func usualNeed(of slot: Int, _ view: ObjectView) -> Action? {
        let taint = view.evictingTaint
        if taint == nil && view.isSettled(slot) { return nil }
        let all = view.containers(slot)
        guard let object = view.object else { return undeclared(all, slot, view) }
        if let roster = view.roster, taint == nil { return poolNeed(of: slot, object, roster, view) }
        if slot >= object.slots, object.pool == nil {
            return removal(of: all, slot, view, because: .scaledDown(to: object.slots))
        }
        let member = Member(slot: slot, object: object, view: view)
        guard !all.isEmpty else { return member.creation() }
        if let taint { return removal(ofUnclaimed: all, slot, view, because: .tainted(key: taint.key)) }
        guard let keeper = view.keeper(among: all) else {
            let useless = view.useless(among: all)
            if !useless.isEmpty { return removal(of: useless, slot, view, because: .surplus) }
            return member.replacement(of: all)
        }
        let others = all.filter { $0.id != keeper.id }
        if object.strategy.type == .recreate, !others.isEmpty {
            return removal(of: others, slot, view, because: .surplus)
        }
        let kept = others.filter(view.isKeptBeside)
        let repair = member.repair(of: keeper)
        if let kept = kept.max(by: view.isLessUseful), view.isWorkShared, !isBegun(by: repair),
            let healing = healing(of: kept, by: member), repair == nil || healing.verdict == .go
        {
            return healing
        }
        if let repair { return repair }
        if kept.count < others.count {
            return succession(of: keeper, to: others.filter { !view.isKeptBeside($0) }, slot, view)
        }
        if let kept = kept.max(by: view.isLessUseful), let repair = healing(of: kept, by: member) { return repair }
        return kept.isEmpty ? nil : succession(of: keeper, to: kept, slot, view)
    }

    /// What brings a member of an earlier template back to its work; nil where it is at work, or is coming to it.
    private static func healing(of container: ObservedContainer, by member: Member) -> Action? {
        let repair =
            container.status == .running
            ? member.readiness(of: container, ContainerReference(container)) : member.repair(of: container)
        guard let repair, [.start, .unpause, .restart].contains(repair.verb) else { return nil }
        return repair
    }

    /// A successor that can be begun now is begun before its predecessor is healed: where that never comes up, only the
    /// successor can help.
    private static func isBegun(by repair: Action?) -> Bool { repair?.verb == .start && repair?.verdict == .go }

    /// As long as its successor may not come, what does the work is kept at it: nil where that is at work, or where the
    /// successor comes now.
    ///
    /// - Parameter action: what is done next, with the verdict of the gates.
    private static func stopgap(for action: Action, _ slot: Int, _ view: ObjectView) -> Action? {
        guard view.hold == nil, action.verb == .replace, !action.isUnderWay, let object = view.object else {
            return nil
        }
        let stale = view.containers(slot)
        guard let container = stale.max(by: view.isLessUseful), !container.isReady,
            !stale.contains(where: view.isRetiring)
        else { return nil }
        let repair = Member(slot: slot, object: object, view: view).repair(of: container).map(view.gated)
        guard let repair, [.start, .unpause, .restart].contains(repair.verb), repair.isUnderWay else { return nil }
        return repair
    }

    /// The successor is available, so the others go.
    private static func succession(
        of keeper: ObservedContainer, to others: [ObservedContainer], _ slot: Int, _ view: ObjectView
    ) -> Action? {
        var action = removal(of: others, slot, view, because: .surplus)
        if action?.verdict == .go, let time = view.unavailableUntil(keeper) { action?.verdict = .notBefore(time) }
        return action
    }

    /// What somebody has stays until the claim is over, whatever became of its pool.
    private static func undeclared(_ all: [ObservedContainer], _ slot: Int, _ view: ObjectView) -> Action? {
        removal(ofUnclaimed: all, slot, view, because: .undeclared)
    }

    static func removal(
        ofUnclaimed all: [ObservedContainer], _ slot: Int, _ view: ObjectView, because reason: Reason
    ) -> Action? {
        let free = all.filter { view.context.gates.phases[$0.instance] != .claimed }
        if !free.isEmpty || all.isEmpty { return removal(of: free, slot, view, because: reason) }
        var action = removal(of: all, slot, view, because: reason)
        let holders = all.compactMap { view.context.gates.holders[$0.instance] }
        let who = holders.first ?? "somebody"
        action?.verdict = .held(Hold(.claimed, "\(who) has it; it goes when its claim is over"))
        action?.steps = []
        return action
    }

    /// Stops and removes containers, oldest first. Named volumes stay.
    static func removal(
        of containers: [ObservedContainer], _ slot: Int, _ view: ObjectView, because reason: Reason
    ) -> Action? {
        guard !containers.isEmpty else { return nil }
        let actionClass: ActionClass =
            switch reason {
            case .surplus, .tainted, .draining, .changed, .tooOld, .noClaimFolder: .disruptive
            // The end of a claim, and a pool that follows its claims, wait for no window.
            case .released, .outOfHistory: .safe
            case .scaledDown where view.object?.pool != nil: .safe
            default: .destructive
            }
        // What is frozen runs for a moment before it stops, and not without its rules.
        let isThawed = containers.contains { $0.status == .paused }
        let position =
            if case .changed(let changes) = reason { view.object?.position(of: Member.path(of: changes)) } else {
                view.object?.origin
            }
        return Action(
            .member(MemberID(view.id, slot)), .remove, reason, at: position, class: actionClass,
            steps: containers.flatMap { Member.removalSteps(for: $0, view, isReleased: reason == .released) },
            verdict: isThawed && view.context.firewall.isAwaited(by: view.id) ? .waitFor(.firewall) : .go)
    }
}

extension Action {
    /// It is begun now, or at a time that is known.
    fileprivate var isUnderWay: Bool {
        switch verdict {
        case .go, .notBefore: true
        case .held, .waitFor, .stalled: false
        }
    }
}

extension Planner {
    /// One slot of a declared object on this host.
    struct Member {
        let slot: Int
        let object: DesiredObject
        let view: ObjectView
        /// Of a run of a task: the number that its container has. All others count on.
        var attempt: Int?

        var id: MemberID { MemberID(object.id, slot) }
        private var observed: ObservedState { view.context.observed }
        private var incarnation: Int { attempt ?? view.nextIncarnation(of: slot) }

        // MARK: Missing

        func creation() -> Action {
            action(.create, .missing, at: object.origin, class: .safe, steps: creationSteps, verdict: creationVerdict)
        }

        /// Create, start, and look until it is ready. The ids of the later steps are known only after the first.
        private var creationSteps: [Step] {
            let incarnation = incarnation
            let mark = OwnershipMark(
                owner: view.settings.owner, object: object.id,
                member: .init(slot: slot, incarnation: incarnation, recreateHash: object.recreateLabel))
            let name = view.name(slot: slot, incarnation: incarnation)
            let network = view.context.observed.networks[object.container.network]
            let nameServer = object.container.asksNameFilter ? network?.gateway : nil
            return [
                .createContainer(
                    MemberIntent(name: name, mark: mark, container: object.container, nameServer: nameServer))
            ]
        }

        private var creationVerdict: Verdict {
            // A pull of a tag that may have moved is waited for as well: `Always` admits no container of the old image.
            if !view.needs.isEmpty { return .waitFor(.object(object.id)) }
            if view.context.firewall.isAwaited(by: object.id) { return .waitFor(.firewall) }
            if let dependency = view.dependency { return .waitFor(dependency) }
            let name = view.name(slot: slot, incarnation: incarnation)
            if let conflict = conflict(over: name) { return .stalled(conflict) }
            if let holder = observed.container(named: name) {
                // Ours, of an object that must go first; a kind can change while the name stays.
                return .waitFor(.member(MemberID(holder.mark.object, holder.slot)))
            }
            return view.context.gates.delay(of: id, at: view.context.now)
        }

        private func conflict(over name: String) -> Stall? {
            guard let foreign = observed.foreignNames[name] else { return nil }
            return Stall(
                .nameConflict, "container '\(name)' (\(foreign.prefix(12))) exists and is not ours; rename or remove it"
            )
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
                verdict: view.context.firewall.isAwaited(by: object.id)
                    ? .waitFor(.firewall) : view.context.gates.delay(of: id, at: view.context.now))
        }

        /// What the engine changes on a container that runs or is frozen: its name and its limits.
        func adjustment(of container: ObservedContainer, _ reference: ContainerReference) -> Action? {
            if container.name != container.ownName, let action = renaming(of: container, reference) { return action }
            let drift = view.drift(of: container, object)
            if let first = drift.updating.first {
                return action(
                    .update, .changed(drift.updating), at: object.position(of: "spec.template.\(first.field)"),
                    class: .safe, steps: [.update(reference, drift.target)])
            }
            guard let hold = drift.blocked, container.isReady else { return nil }
            let place = object.position(of: "spec.template.resources.memory")
            let memory = object.container.template.resources.memory
            let change = FieldChange(
                "resources.memory", from: container.live.memory.map { ByteQuantity(bytes: $0).description },
                to: memory?.description)
            return action(
                .update, .changed([change]), at: place, class: .safe, steps: [], verdict: .held(hold))
        }

        /// Back to its own name. Where another of ours holds that name, it goes first; and a container that is in the way of
        /// another one steps aside meanwhile, since two whose names were swapped would wait for each other for ever.
        ///
        /// nil where another one of the same slot holds the name: it goes as soon as this one is ready, and nothing that
        /// waits for its own slot ever goes on.
        private func renaming(of container: ObservedContainer, _ reference: ContainerReference) -> Action? {
            var name = container.ownName
            var verdict = conflict(over: name).map(Verdict.stalled) ?? .go
            if let holder = observed.container(named: name) {
                if holder.mark.memberID == id { return nil }
                if observed.hasContainer(whoseOwnNameIs: container.name) {
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
            var number = 1
            while observed.isTaken("\(name)-aside-\(number)") { number += 1 }
            return "\(name)-aside-\(number)"
        }

        func readiness(of container: ObservedContainer, _ reference: ContainerReference) -> Action? {
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
            let removal = stale.flatMap { Member.removalSteps(for: $0, view) }
            // A stale container that Docker is removing, or gave up on, has no fields to name.
            let unnamed: Reason = stale.contains(where: view.isRetiring) ? .retiring : .missing
            let reason = changes.isEmpty ? unnamed : .changed(changes)
            let manner = view.turns.granted[slot] ?? usualManner
            return action(
                .replace, reason, at: object.position(of: Self.path(of: changes)), class: .disruptive,
                steps: manner == .oldFirst ? removal + creationSteps : creationSteps + removal,
                verdict: view.turns.granted[slot] == nil ? view.turns.verdict(of: object.id) : creationVerdict)
        }

        /// Where the spec says the first of these fields.
        static func path(of changes: [FieldChange]) -> String {
            let field = changes.first?.field ?? "image"
            if field == "publish" { return "spec.publish" }
            return field.hasPrefix(Confinement.fieldPrefix) ? "spec.template.securityProfile" : "spec.template.\(field)"
        }

        private var usualManner: ReplacementTurns.Manner {
            object.strategy.hasSurge ? .newFirst : .oldFirst
        }

        // MARK: Words shared by all of them

        /// What takes one container away, from the state that it is in.
        ///
        /// - Parameter isReleased: its claim is over; it had its farewell in the hook `beforeRelease`.
        static func removalSteps(
            for container: ObservedContainer, _ view: ObjectView, isReleased: Bool = false
        ) -> [Step] {
            let reference = ContainerReference(container)
            // An object that is gone from git leaves its word on the container.
            let declared = view.object?.container.template.stopTimeout ?? container.stopTimeout ?? .seconds(10)
            let timeout = isReleased ? .zero : declared
            return switch container.status {
            case .running, .restarting: [.stop(reference, timeout: timeout), .remove(reference)]
            // Docker refuses to stop a paused container.
            case .paused: [.unpause(reference), .stop(reference, timeout: timeout), .remove(reference)]
            case .created, .exited, .dead: [.remove(reference)]
            case .removing: []
            }
        }

        func action(
            _ verb: Action.Verb, _ reason: Reason, at position: SourcePosition?, class actionClass: ActionClass,
            steps: [Step], verdict: Verdict = .go
        ) -> Action {
            Action(.member(id), verb, reason, at: position, class: actionClass, steps: steps, verdict: verdict)
        }
    }
}

extension ObservedContainer {
    /// The name that we gave it.
    fileprivate var ownName: String { ObjectView.name(of: self.mark.object, slot: slot, incarnation: incarnation) }
}

extension ObservedState {
    /// Whether a container has this name, ours or not.
    fileprivate func isTaken(_ name: String) -> Bool { container(named: name) != nil || foreignNames[name] != nil }

    /// Whether a container of ours was given this name by us, whatever it is called now.
    fileprivate func hasContainer(whoseOwnNameIs name: String) -> Bool {
        let parts = name.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count > 2, let slot = Int(parts[parts.count - 2]), let incarnation = Int(parts[parts.count - 1])
        else { return false }
        let object = parts.dropLast(2).joined(separator: "-")
        return ResourceKind.allCases.contains { kind in
            containers(of: ResourceID(kind, object), slot: slot).contains { $0.incarnation == incarnation }
        }
    }
}

extension Gates {
    /// A member that keeps stopping is started again later and later.
    fileprivate func delay(of member: MemberID, at now: Now) -> Verdict {
        guard let time = restartsNotBefore[member], time > now.uptime else { return .go }
        return .notBefore(time)
    }
}
