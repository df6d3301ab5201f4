import Specs

/// Decides what is to be done: states in, plan out. It cannot wait, throw, read a clock or roll dice.
///
/// Dry-run prints this plan, `--once` and the daemon carry it out. An object's own actions (image, network, volumes)
/// come first, then its members by slot:
///
///     object   pull image -> create network -> create volumes            (members wait for these)
///     member   create -> start -> probe until ready                      (missing)
///              start | unpause | rename | update | restart               (repair in place)
///              create next -> start -> probe -> stop old -> remove old   (replace, or the old one first)
///              stop -> remove                                            (scaled down, undeclared, surplus)
package enum Planner {
    /// What to plan: the whole host, or only what one key of the work queue is about.
    package enum Scope: Hashable, Sendable {
        case everything
        case key(Key)
    }

    package static func plan(
        desired: DesiredState, observed: ObservedState, gates: Gates, now: Now, scope: Scope = .everything
    ) -> Plan {
        let context = PlanContext(desired, observed, gates, now)
        var plan = Plan()
        switch scope {
        case .everything:
            if let action = context.firewall.action() { plan.actions.append(action) }
            for id in observed.objects.union(desired.objects.keys).sorted() { plan.add(context.view(id)) }
            plan.actions += desired.declarations.compactMap(heldDeclaration)
        case .key(.firewall):
            plan.actions = context.firewall.action().map { [$0] } ?? []
        case .key(.object(let id)):
            plan.actions = objectActions(context.view(id))
        case .key(.member(let member)):
            let view = context.view(member.object)
            if view.has(member.slot) { plan.add(memberAction(member.slot, of: view), member.slot, of: view) }
        }
        return plan
    }

    /// What is to be done about one key, from what its object's view shows; nil is for what is of the whole host.
    static func actions(of key: Key, in context: PlanContext, _ view: ObjectView?) -> [Action] {
        guard let view else { return context.firewall.action().map { [$0] } ?? [] }
        guard let member = key.member else { return objectActions(view) }
        guard view.has(member.slot) else { return [] }
        return memberAction(member.slot, of: view).map { [$0] } ?? []
    }

    /// What says something about other objects, or about times to come, and nothing carries out yet.
    private static func heldDeclaration(_ declaration: HeldDeclaration) -> Action? {
        guard let hold = Hold(notYetEnforced: declaration.demands) else { return nil }
        return Action(
            .object(declaration.id), .create, .notCarriedOut, at: declaration.origin, class: .safe, steps: [],
            verdict: .held(hold))
    }

    /// What members need before they can be created, and the network once nobody needs it any more; or what holds it.
    static func objectActions(_ view: ObjectView) -> [Action] { view.needs.map(view.gated) }

    /// The same as if there were no gates of single actions.
    static func objectNeeds(_ view: ObjectView) -> [Action] {
        guard let object = view.object else { return unusedNetwork(of: view) }
        if let hold = view.hold { return heldTask(object, by: hold) }
        let image = imageAction(for: object, view)
        let rest = networkAction(for: object, view) + volumeActions(for: object, view)
        // A look for a newer image may fail for long, and network and volumes need not wait for it.
        return image.first?.verb == .pull ? rest + image : image + rest
    }

    /// A task has no member of which a plan could say that it is held.
    private static func heldTask(_ object: DesiredObject, by hold: Hold) -> [Action] {
        if object.task == nil || hold.gate == .hostNotSelected { return [] }
        return [
            Action(
                .object(object.id), .create, .missing, at: object.origin, class: .safe, steps: [], verdict: .held(hold))
        ]
    }

    private static func imageAction(for object: DesiredObject, _ view: ObjectView) -> [Action] {
        let template = object.container.template
        let isPresent = view.context.observed.images[template.image] != nil
        let isFresh = template.pullPolicy != .always || view.context.observed.refreshedImages.contains(template.image)
        if isPresent && isFresh { return [] }
        if !mayHaveMembers(object, view) { return [] }
        var action = Action(
            .object(view.id), isPresent ? .pull : .create, isPresent ? .tagMayHaveMoved : .missing,
            at: object.position(of: "spec.template.image"), class: .safe,
            steps: [.pullImage(reference: template.image)])
        if template.pullPolicy == .never {
            action.verdict = .stalled(
                Stall(.imageMissing, "image '\(template.image)' is not on this host and pullPolicy is Never"))
        }
        return [action]
    }

    /// Whether a container of it may have to be made at any moment.
    private static func mayHaveMembers(_ object: DesiredObject, _ view: ObjectView) -> Bool {
        // A run begins when it is due, and whoever waits for a cold start is served, not when the image has come.
        if object.slots > 0 || object.task != nil || object.pool?.claim.coldStart == true { return true }
        // A pool follows its claims: what its spec calls for may be none.
        return view.roster.map { !$0.newSlots.isEmpty } ?? false
    }

    private static func networkAction(for object: DesiredObject, _ view: ObjectView) -> [Action] {
        let name = object.container.network
        let mark = OwnershipMark(owner: view.settings.owner, object: view.id)
        if let network = view.context.observed.networks[name] {
            if network.mark == mark { return [] }
            if let other = network.mark, other.owner == mark.owner {
                // Ours, of an object that must go first; a kind can change while the name stays.
                return [networkAction(object, steps: [], .waitFor(.object(other.object)))]
            }
            let stall = Stall(.nameConflict, "network '\(name)' (\(network.id.prefix(12))) exists and is not ours")
            return [networkAction(object, steps: [], .stalled(stall))]
        }
        let bridge = RecreateHash.bridgeName(owner: view.settings.owner, object: view.id)
        guard let subnet = view.context.subnets[view.id] else {
            let range = view.settings.networkRange.range
            return [
                networkAction(object, steps: [], .stalled(Stall(.networkRangeExhausted, "no free subnet in \(range)")))
            ]
        }
        let intent = NetworkIntent(name: name, mark: mark, bridge: bridge, subnet: subnet.description)
        // A bridge that comes up before its rules would be open.
        let verdict: Verdict = view.context.firewall.isAwaited(by: view.id) ? .waitFor(.firewall) : .go
        return [networkAction(object, steps: [.createNetwork(intent)], verdict)]
    }

    private static func networkAction(_ object: DesiredObject, steps: [Step], _ verdict: Verdict) -> Action {
        Action(.object(object.id), .create, .missing, at: object.origin, class: .safe, steps: steps, verdict: verdict)
    }

    private static func volumeActions(for object: DesiredObject, _ view: ObjectView) -> [Action] {
        object.container.template.mounts.compactMap { mount in
            guard case .volume(let name) = mount.source, view.context.observed.volumes[name] == nil else { return nil }
            let mark = OwnershipMark(owner: view.settings.owner, object: view.id)
            return Action(
                .object(view.id), .create, .missing, at: object.position(of: "spec.template.mounts"), class: .safe,
                steps: [.createVolume(name: name, mark: mark)])
        }
    }

    private static func unusedNetwork(of view: ObjectView) -> [Action] {
        view.context.observed.networks.of(view.id, owner: view.settings.owner).map { network in
            let step = Step.removeNetwork(name: network.name, id: network.id, owner: view.settings.owner)
            let verdict: Verdict =
                if let last = view.slots.last { .waitFor(.member(MemberID(view.id, last))) } else { .go }
            return Action(
                .object(view.id), .remove, .unused, at: nil, class: .destructive, steps: [step], verdict: verdict)
        }
    }
}

extension Plan {
    /// All of one object: what it needs as a whole, then its members by slot.
    fileprivate mutating func add(_ view: ObjectView) {
        if view.isElsewhere {
            elsewhere.append(view.id)
            return
        }
        if let live = view.object?.liveSize { autoscaled.append(AutoscaledObject(object: view.id, live: live)) }
        if let task = view.object?.task, view.hold == nil {
            scheduled.append(PlannedRun(view.id, task, now: view.context.now.wall))
        }
        if let pin = view.object?.pin { pinned.append(PinnedObject(pin, insteadOf: view.context.desired.revision)) }
        actions += Planner.objectActions(view)
        for slot in view.slots { add(Planner.memberAction(slot, of: view), slot, of: view) }
    }

    /// A member without an action is settled, unless its turn has not come.
    fileprivate mutating func add(_ action: Action?, _ slot: Int, of view: ObjectView) {
        if let action {
            actions.append(action)
        } else if view.roster?.isOutdated(slot, in: view) == true {
            outdated += 1
        } else {
            settled += 1
        }
    }
}
