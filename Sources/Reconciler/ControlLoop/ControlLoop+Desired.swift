import Logging
import Specs

/// What the host is brought to: revisions, pins, and what people asked for.
extension ControlLoop {
    /// Takes over what the runs before left behind.
    mutating func recall(_ stored: StoredState) {
        phases = stored.phases
        gates.pauses = stored.pauses
        gates.approvals = stored.approvals
        pins = Dictionary(stored.pins.map { ($0.object, $0) }) { _, last in last }
        for revision in stored.pinnedRevisions { remember(revision) }
        if accepted != nil { applyPins() }
    }

    /// What an earlier revision said, as far as this version can read it.
    private mutating func remember(_ earlier: AcceptedRevision) {
        guard let specs = SpecLoader.load(earlier.files, environment: host.environment).specs else { return }
        pinnedRevisions[earlier.revision.id] = DesiredState(specs: specs, revision: earlier.revision, host: host)
    }

    // MARK: Revisions

    mutating func accept(_ state: DesiredState) {
        nextDesired = state
        // Before the loop runs there is nothing to bring up to date.
        if isRunning && !isStopping { observe() } else { putInForce() }
    }

    /// A new revision is what a stalled key was waiting for, and a reason to look behind moving tags again.
    mutating func putInForce() {
        guard let state = nextDesired else { return }
        nextDesired = nil
        if let accepted, accepted.revision != state.revision {
            previous = accepted.revision
            pinnedRevisions[accepted.revision.id] = accepted
        }
        accepted = state
        gates.approvals.removeAll { $0.revision != state.revision.id }
        gates.shares = SolitaryCoordinator.shares(of: state.hostPools, for: host.identity)
        applyPins()
        informer.forgetRefreshedImages()
        limiter.forgetAll()
        stalls = [:]
        lastRepair = [:]
        logger.info(
            "revision in force",
            metadata: [
                "event": "revision.accepted", "revision": "\(state.revision.id)", "objects": "\(state.objects.count)",
            ])
    }

    /// Desired is the accepted revision plus pins; a commit that says something else of an object releases its pin.
    private mutating func applyPins() {
        guard let accepted else { return }
        let (state, released) = accepted.applying(pins: Array(pins.values), revisions: pinnedRevisions)
        desired = state
        for pin in released {
            pins[pin.object] = nil
            note(.unpin(pin.object))
            note(event(.normal, .object(pin.object), "Unpinned", "\(accepted.revision) says something else of it"))
        }
        // Of those that no pin names, only the one before is kept: it is what a rollback goes back to.
        let named = Set(pins.values.compactMap(\.revision?.id))
        pinnedRevisions = pinnedRevisions.filter { named.contains($0.key) || $0.key == previous?.id }
    }

    // MARK: People

    mutating func obey(_ command: Command) {
        switch command {
        case .pause(let pause):
            gates.pauses.removeAll { $0.object == pause.object }
            gates.pauses.append(pause)
            note(.pause(pause))
            note(event(.normal, pause.object.map { .object($0) }, "Paused", "by \(pause.by): \(pause.reason)"))
        case .resume(let object):
            gates.pauses.removeAll { $0.object == object }
            note(.resume(object))
            note(event(.normal, object.map { .object($0) }, "Resumed", "by request"))
        case .approve(let approval):
            gates.approvals.append(approval)
            note(.approve(approval))
            let count = approval.removals.count
            note(event(.normal, nil, "Approved", "by \(approval.by): \(count) removals of \(approval.revision)"))
        case .pin(let pin):
            pins[pin.object] = pin
            note(.pin(pin))
            note(event(.warning, .object(pin.object), pin.cause.rawValue, pin.reason))
            applyPins()
        case .unpin(let object):
            pins[object] = nil
            note(.unpin(object))
            note(event(.normal, .object(object), "Unpinned", "by request"))
            applyPins()
        }
        if informer.isCurrent { enqueueChanges() }
    }
}
