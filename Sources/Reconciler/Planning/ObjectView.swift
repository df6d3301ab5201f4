import Specs

/// One object with everything that planning it needs: what it should be, what there is of it, and whose turn it is.
///
/// A reference within one call of the planner, so that what is asked often is found once. Nothing in here looks at the
/// containers of other objects, and planning one slot looks at the others only where turns or budgets do.
final class ObjectView {
    let id: ResourceID
    let context: PlanContext
    /// nil when the object is no longer declared.
    let object: DesiredObject?
    /// Why the whole object is held; nothing of it is created or removed meanwhile.
    let hold: Hold?
    /// Who may be replaced now, and what the others wait for.
    lazy var turns = makeTurns()
    lazy var pause = pauseHold()
    /// What people and the rollout itself have asked for besides the spec.
    lazy var order = context.gates.rollouts[id]
    /// What a person had replaced without a change in git.
    private lazy var restart = order?.restart
    /// How far the switch of a blue-green rollout is; nil where the strategy is another one.
    lazy var blueGreen = findBlueGreen()
    /// How far the steps of a canary rollout are; nil where there are none, and none were given up.
    lazy var canary = findCanary()
    lazy var canaryStep = findCanaryStep()
    lazy var availableSlots = countAvailableSlots()
    lazy var slotsThatGo = findSlotsThatGo()
    lazy var dependency = unreadyDependency()
    /// What the object needs as a whole before members can be created.
    lazy var needs = Planner.objectNeeds(self)
    /// Of a task: what its containers show of its attempts.
    lazy var attempts = findAttempts()
    /// Who is in it, for a pool; nil for everything else.
    lazy var roster: PoolRoster? = makeRoster()
    var windowsByClass: [ActionClass: WindowSet] = [:]
    private var fieldsByLabel: [String: [String]] = [:]
    private var lastLabel: (label: String, fields: [String])?
    /// Its containers by slot, and all of the host by id: asked for at every turn, and thus without the way over the context.
    private let members: ContainerIndex.Members
    private let containersByID: [String: ObservedContainer]
    /// What keeps all of those waiting whose turn it is; nil while one of them can go on.
    lazy var holdOfTurns: Hold? = {
        var first: Hold?
        for slot in turns.ahead {
            guard case .held(let hold)? = Planner.memberAction(slot, of: self)?.verdict else { return nil }
            first = first ?? hold
        }
        return first
    }()

    init(_ id: ResourceID, in context: PlanContext) {
        self.id = id
        self.context = context
        object = context.desired.objects[id]
        members = context.observed.members(of: id)
        containersByID = context.observed.containers
        hold = object.flatMap(context.objectHold)
    }

    var settings: HostSettings { context.desired.host }
    lazy var pool: HostPool? = object.flatMap { context.desired.hostPools[$0.hostPool]?.spec }

    /// The object is for other hosts, and nothing of it is here.
    var isElsewhere: Bool { hold?.gate == .hostNotSelected && members.isEmpty }

    /// Slots that should exist or do exist, in order.
    var slots: [Int] {
        if let taskSlots { return taskSlots.union(members.slots).sorted() }
        if let roster { return (roster.newSlots + members.slots).sorted() }
        let declared = object?.slots ?? 0
        return Array(0..<declared) + members.slots.filter { $0 >= declared }
    }

    /// Whether the slot should exist or does.
    func has(_ slot: Int) -> Bool {
        if !members.isEmpty(slot) { return true }
        if let taskSlots { return taskSlots.contains(slot) }
        if let roster { return roster.newSlots.contains(slot) }
        return slot < (object?.slots ?? 0)
    }

    /// Of a task: the times of which something is to be; nil for everything else.
    private var taskSlots: Set<Int>? { object?.task.map { _ in context.gates.tasks[id]?.slots ?? [] } }

    /// The containers of one slot, by incarnation.
    func containers(_ slot: Int) -> [ObservedContainer] { members.ids(of: slot).compactMap { containersByID[$0] } }

    /// All of its containers, by slot.
    lazy var allContainers = members.slots.flatMap(containers)

    private func makeRoster() -> PoolRoster? {
        guard let pool = object?.pool, hold == nil else { return nil }
        let demand =
            context.gates.pools[id]
            ?? PoolDemand(
                pool, object?.liveSize, claimed: allContainers.count { context.gates.phases[$0.instance] == .claimed },
                unclaimed: allContainers.count { context.gates.phases[$0.instance] == nil })
        return PoolRoster(of: self, pool, demand)
    }

    /// The container of a slot that has just one.
    func onlyContainer(_ slot: Int) -> ObservedContainer? {
        members.onlyID(of: slot).flatMap { containersByID[$0] }
    }

    /// What empties the host of it; nil where nothing does.
    lazy var drain: Drain? = object.flatMap(context.drain)

    /// A taint that takes away what runs here, and that the object does not tolerate.
    lazy var evictingTaint: Taint? = object.flatMap { object in
        pool?.taints.first { $0.effect == .noExecute && !object.tolerates($0) }
    }

    /// Whether the slot has the one container that it should have, ready and in no way different: the usual case by
    /// far, decided without making anything.
    func isSettled(_ slot: Int) -> Bool {
        guard let object, let container = onlyContainer(slot), container.isReady, !isRetiring(container) else {
            return false
        }
        if let pool = object.pool {
            guard pool.idle.mode != .pause, roster?.roles[container.id] == .current else { return false }
        } else if slot >= object.slots {
            return false
        }
        return isAsAsked(container, object)
            && container.name == name(slot: slot, incarnation: container.incarnation)
    }

    /// Whether nothing about the container differs from the spec that could be changed: the usual case, decided without
    /// making anything. What confines it is not part of it.
    private func isAsAsked(_ container: ObservedContainer, _ object: DesiredObject) -> Bool {
        container.member.recreateHash == object.recreateLabel && !isBeforeRestart(container)
            && LiveDrift.isNone(container, from: object.container.template, on: context.observed.engine)
            && (object.container.template.pullPolicy != .always
                || context.observed.images[object.container.template.image]?.id ?? container.imageID
                    == container.imageID)
    }

    /// Whether only a replacement could make the container what the spec asks for.
    func isOutdated(_ container: ObservedContainer) -> Bool {
        if let object, container.confinement?.holds ?? true, isAsAsked(container, object) { return false }
        return !changes(of: container).isEmpty
    }

    /// Whether an earlier template made the container, or a person asked for another one since.
    func isOfEarlierTemplate(_ container: ObservedContainer) -> Bool {
        guard let object else { return false }
        return isBeforeRestart(container) || !changedFields(since: container.member.recreateHash, object).isEmpty
    }

    /// Whether a person asked for another container in its place after it had come.
    private func isBeforeRestart(_ container: ObservedContainer) -> Bool {
        restart?.covers(container.instance) ?? false
    }

    /// The container of a slot that is what the spec asks for: the most useful one if there are several.
    func keeper(among all: [ObservedContainer]) -> ObservedContainer? {
        let fitting = all.filter {
            !isRetiring($0) && changes(of: $0).isEmpty && $0.status != .removing && $0.status != .dead
        }
        // On the way back those that do the work still are what is asked for.
        if let blueGreen, blueGreen.stage == .beside,
            let kept = fitting.filter({ servesBefore($0, blueGreen) }).max(by: isLessUseful)
        {
            return kept
        }
        return fitting.max(by: isLessUseful)
    }

    /// The order in which containers of a slot are kept, the last one longest.
    func isLessUseful(_ one: ObservedContainer, _ other: ObservedContainer) -> Bool {
        (usefulness(one), one.incarnation) < (usefulness(other), other.incarnation)
    }

    /// Taken away once, it is never counted on again, even if git wants it back.
    func isRetiring(_ container: ObservedContainer) -> Bool {
        !context.gates.phases.isEmpty && context.gates.phases[container.instance] == .retiring
    }

    func usefulness(_ container: ObservedContainer) -> Int {
        if container.isReady { return 3 }
        return switch container.status {
        case .running, .paused, .restarting: 2
        case .created: 1
        case .exited, .dead, .removing: 0
        }
    }

    /// The fields of a container that only a replacement can change.
    func changes(of container: ObservedContainer) -> [FieldChange] {
        guard let object else { return [] }
        let template = object.container.template
        var changes = immutableChanges(of: container, object)
        if changes.isEmpty, template.pullPolicy == .always, let image = context.observed.images[template.image],
            image.id != container.imageID
        {
            changes.append(FieldChange("image", from: Self.short(container.imageID), to: Self.short(image.id)))
        }
        if isBeforeRestart(container) { changes.append(FieldChange(RolloutOrder.restartField)) }
        return changes + drift(of: container, object).replacing + Self.confinementChanges(of: container)
    }

    /// How the container's limits differ from the spec. With a strategy that brings up the successor first, one that uses
    /// more than its new limit is replaced; where the old one would go first, that would only be a kill by another name.
    func drift(of container: ObservedContainer, _ object: DesiredObject) -> LiveDrift {
        LiveDrift(
            of: container, from: object.container.template, on: context.observed.engine,
            replacesForMemory: object.strategy.hasSurge)
    }

    /// What confines a running container and is not as it was asked for: only a new one can be trusted again.
    private static func confinementChanges(of container: ObservedContainer) -> [FieldChange] {
        guard let confinement = container.confinement, !confinement.holds else { return [] }
        return confinement.drifted.map { finding in
            FieldChange(
                Confinement.fieldPrefix + finding.control.rawValue, from: finding.detail,
                to: ControlState.enforced.rawValue)
        }
    }

    private func immutableChanges(of container: ObservedContainer, _ object: DesiredObject) -> [FieldChange] {
        // The usual case by far, and this is asked for every member whenever one of them is planned.
        if container.member.recreateHash == object.recreateLabel { return [] }
        return changedFields(since: container.member.recreateHash, object).map { field in
            guard field == "image" else { return FieldChange(field) }
            return FieldChange(field, from: container.image, to: object.container.template.image)
        }
    }

    /// Reads each label once: all members of an earlier revision have the same.
    private func changedFields(since label: String, _ object: DesiredObject) -> [String] {
        if let lastLabel, lastLabel.label == label { return lastLabel.fields }
        let fields = fieldsByLabel[label] ?? RecreateHash(label: label).changes(to: object.recreateHash)
        fieldsByLabel[label] = fields
        lastLabel = (label, fields)
        return fields
    }

    private static func short(_ imageID: String) -> String { String(imageID.prefix("sha256:".count + 12)) }

    func name(slot: Int, incarnation: Int) -> String { Self.name(of: id, slot: slot, incarnation: incarnation) }

    static func name(of id: ResourceID, slot: Int, incarnation: Int) -> String { "\(id.name)-\(slot)-\(incarnation)" }

    /// One more than the highest that was ever seen for this slot.
    func nextIncarnation(of slot: Int) -> Int {
        let present = containers(slot)
        let seen = present.map(\.incarnation).max() ?? 0
        var next = max(seen, context.observed.storedIncarnations[MemberID(id, slot)] ?? 0) + 1
        // Somebody may have given this very name to a container of the slot.
        while present.contains(where: { $0.name == name(slot: slot, incarnation: next) }) {
            next += 1
        }
        return next
    }
}
