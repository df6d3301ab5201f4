import Reconciler
import Specs

/// What a journal keeps, as a value: the rules of `StateChange` without a disk.
struct JournalContents: Sendable {
    let bounds: JournalBounds
    private(set) var accepted: AcceptedRevision?
    /// The revision that was in force before it.
    private var before: Revision?
    /// The files of both, and of those that pins name.
    private var files: [Revision: AcceptedRevision] = [:]
    private var openIntents: [Int64: Intent] = [:]
    private var lastIntent: Int64 = 0
    private(set) var incarnations: [MemberID: Int] = [:]
    private var phases: [MemberInstance: MemberPhase] = [:]
    private(set) var probedStarts: [String: String] = [:]
    private var events: [EventRecord] = []
    private var history: [RevisionRecord] = []
    private var pins: [ResourceID: Pin] = [:]
    private var pauses: [ResourceID?: Pause] = [:]
    private var approvals: [Approval] = []
    private(set) var claims: [ClaimID: Claim] = [:]
    private var scaling: [ResourceID: ScalingState] = [:]
    private var rollouts: [ResourceID: RolloutState] = [:]
    private var tasks: [ResourceID: TaskMemory] = [:]
    /// When each of the files came, counted.
    private var acceptances: [Revision: Int] = [:]
    private var lastAcceptance = 0
    private var overrides: [ResourceID?: WindowOverride] = [:]
    private var drains: [String?: Drain] = [:]
    /// Those that are over, oldest first.
    private var endedClaims: [ClaimID] = []

    init(bounds: JournalBounds) { self.bounds = bounds }

    /// Everything that a start needs.
    var state: StoredState {
        var state = StoredState()
        state.accepted = accepted
        state.earlierRevisions = earlier.compactMap { files[$0] }
            .sorted { acceptances[$0.revision, default: 0] < acceptances[$1.revision, default: 0] }
        state.openIntents = openIntents.values.sorted { $0.id < $1.id }
        state.lastIntent = lastIntent
        state.incarnations = incarnations
        state.phases = phases
        state.probedStarts = probedStarts
        state.pins = pins.values.sorted { $0.object < $1.object }
        let objects = pauses.keys.compactMap(\.self).sorted()
        state.pauses = [pauses[nil]].compactMap(\.self) + objects.compactMap { pauses[$0] }
        state.approvals = approvals
        state.claims = claims.values.sorted { $0.id < $1.id }
        state.scaling = scaling
        state.rollouts = rollouts
        state.tasks = tasks
        state.overrides = overrides.values.sorted { ($0.object?.description ?? "") < ($1.object?.description ?? "") }
        state.drains = drains.values.sorted { ($0.pool ?? "") < ($1.pool ?? "") }
        return state
    }

    /// Oldest first.
    func events(limit: Int) -> [EventRecord] { events.suffix(max(0, min(limit, bounds.events))) }

    /// Oldest first.
    func history(limit: Int) -> [RevisionRecord] { history.suffix(max(0, min(limit, bounds.history))) }

    /// All of the changes or none of them.
    mutating func commit(_ changes: [StateChange]) throws(StateStoreError) {
        // First, because a change that is made cannot be taken back without a copy of everything.
        try check(changes)
        for change in changes { make(change) }
        dropUnneededFiles()
    }

    mutating func loseClaims() {
        (claims, endedClaims) = ([:], [])
        phases = phases.filter { $0.value != .claimed }
    }

    /// Finds the change that does not fit what is there, or what earlier changes of the group make of it.
    private func check(_ changes: [StateChange]) throws(StateStoreError) {
        var last = lastIntent
        var changed: [MemberInstance: MemberPhase] = [:]
        for change in changes {
            switch change {
            case .begin(let intent):
                guard intent.id > last else {
                    throw StateStoreError(.conflict, "intent \(intent.id) is not above the last one, \(last)")
                }
                last = intent.id
            case .transition(let instance, let from, let to):
                let found = changed[instance] ?? phases[instance] ?? .ready
                guard found == from, from.mayBecome(to) else {
                    throw StateStoreError(
                        .conflict,
                        "\(instance) is '\(found.rawValue)', and was to go from '\(from.rawValue)' to '\(to.rawValue)'")
                }
                changed[instance] = to
            case .forget(let instance): changed[instance] = .ready
            default: break
            }
        }
    }

    private mutating func make(_ change: StateChange) {
        switch change {
        case .accept(let revision): accept(revision)
        case .begin(let intent):
            openIntents[intent.id] = intent
            lastIntent = intent.id
        case .end(let intent, _): openIntents[intent] = nil
        case .seen(let instance): raise(instance.member, to: instance.incarnation)
        case .transition(let instance, _, let phase): phases[instance] = phase
        case .forget(let instance): phases[instance] = nil
        case .claim(let claim): replace(claim)
        case .scaled(let object, let state): scaling[object] = state
        case .forgetScaling(let object): scaling[object] = nil
        case .rollout(let object, let state): rollouts[object] = state
        case .forgetRollout(let object): rollouts[object] = nil
        case .task(let object, let memory): tasks[object] = memory
        case .forgetTask(let object): tasks[object] = nil
        case .override(let override): overrides[override.object] = override
        case .endOverride(let object): overrides[object] = nil
        case .drain(let drain): drains[drain.pool] = drain
        case .endDrain(let pool): drains[pool] = nil
        case .probed(let container, let start): probedStarts[container] = start
        case .forgetProbes(let containers): for container in containers { probedStarts[container] = nil }
        case .event(let event): insert(event)
        case .history(let record): replace(record)
        case .pin(let pin): pins[pin.object] = pin
        case .unpin(let object): pins[object] = nil
        case .pause(let pause): pauses[pause.object] = pause
        case .resume(let object): pauses[object] = nil
        case .approve(let approval): replace(approval)
        }
    }
}

extension JournalContents {
    mutating func accept(_ revision: AcceptedRevision?) {
        if let accepted, accepted.revision != revision?.revision { before = accepted.revision }
        accepted = revision
        guard let revision else { return }
        files[revision.revision] = revision
        lastAcceptance += 1
        acceptances[revision.revision] = lastAcceptance
    }

    /// Revisions besides the one in force that somebody may go back to.
    private var earlier: Set<Revision> {
        var needed = Set(pins.values.compactMap(\.revision) + [before].compactMap(\.self))
        needed.formUnion(rollouts.values.filter(\.isOpen).compactMap(\.lastGood))
        let undoable = Set(rollouts.values.filter { !$0.isOpen }.compactMap(\.lastGood)).filter { files[$0] != nil }
        let newest = undoable.sorted { acceptances[$0] ?? 0 > acceptances[$1] ?? 0 }.prefix(bounds.undoRevisions)
        return needed.union(newest)
    }

    /// A lower number than the stored one changes nothing.
    mutating func raise(_ member: MemberID, to incarnation: Int) {
        incarnations[member] = max(incarnation, incarnations[member] ?? incarnation)
    }

    private mutating func dropUnneededFiles() {
        // The usual case by far: one revision and no pins.
        guard files.count > 1 || accepted == nil else { return }
        var needed = earlier
        if let accepted { needed.insert(accepted.revision) }
        files = files.filter { needed.contains($0.key) }
    }

    /// An id is over once: it keeps its place among those that are.
    private mutating func replace(_ claim: Claim) {
        let wasOver = claims.updateValue(claim, forKey: claim.id)?.isOpen == false
        if claim.isOpen || wasOver { return }
        endedClaims.append(claim.id)
        if endedClaims.count > bounds.endedClaims { claims[endedClaims.removeFirst()] = nil }
    }

    private mutating func insert(_ event: EventRecord) {
        events.append(event)
        // Rarely, so that an insert costs the same however many are kept.
        if events.count > 2 * bounds.events + 256 { events.removeFirst(events.count - bounds.events) }
    }

    private mutating func replace(_ record: RevisionRecord) {
        var record = record
        if let index = history.lastIndex(where: { $0.revision == record.revision }) {
            record.commit = record.commit ?? history[index].commit
            history.remove(at: index)
        }
        history.append(record)
        if history.count > bounds.history { history.removeFirst(history.count - bounds.history) }
    }

    private mutating func replace(_ approval: Approval) {
        approvals.removeAll { $0.revision == approval.revision && $0.removals == approval.removals }
        approvals.append(approval)
        if approvals.count > bounds.approvals { approvals.removeFirst(approvals.count - bounds.approvals) }
    }
}
