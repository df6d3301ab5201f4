import Reconciler
import Specs

extension Checker {
    mutating func send(_ call: CallFacts, call id: UInt64, by caller: Int) {
        defer { calls[id] = Call(facts: call, run: caller, sent: now) }
        if caller != run { violate(.singleController, "run \(caller) is over, and sends \(words(call))") }
        guard call.verb.isMutating else { return }
        if let container = call.container, checkClaimed(container, of: call) { return }
        if phase == .rest, !isLookBehindTag(call) {
            violate(.quiet, "nothing is left to do, and \(words(call)) is sent")
        }
        if !hasRevision { violate(.failStatic, "\(words(call)) without a revision in force") }
        if !hasObserved { violate(.failStatic, "\(words(call)) before anything was observed") }
        checkIntent(of: call)
        checkTurn(of: call)
        if let container = call.container { checkTarget(container, of: call) }
        switch call.verb {
        case .create:
            checkCreation(call)
            checkStoredSize(call)
            checkRestriction(call)
        case .start:
            checkRestriction(call)
            checkStart(call)
        case .unpause: checkRestriction(call)
        case .stop, .remove:
            checkTraffic(ofStopped: call)
            checkHold(call)
            checkStoredSize(call)
            checkLoss(call)
        case .applyFirewall:
            checkTraffic(of: call)
            checkWindow(ofTraffic: call)
            checkCanaryShares(of: call)
        case .removeNetwork: checkNetworkLoss(call)
        default: break
        }
    }

    /// A tag that may have moved is asked for now and then, for ever.
    private func isLookBehindTag(_ call: CallFacts) -> Bool {
        call.verb == .pull && inForce?.objects.values.contains { $0.followsTag && $0.image == call.subject } == true
    }

    // MARK: The answer

    mutating func answer(_ id: UInt64, _ reply: TraceEvent.Reply) {
        guard let call = calls.removeValue(forKey: id) else { return }
        // A run that is over hears nothing.
        guard call.run == run else { return }
        switch reply {
        case .done(let event, let probed): learn(call.facts, asOf: event, probed: probed)
        case .failed(let disposition, _):
            if disposition == .unknown { doubt(call.facts) }
            countFailure(of: call.facts)
        }
    }

    private mutating func learn(_ call: CallFacts, asOf event: Int, probed: Bool) {
        switch call.verb {
        case .pull: mirror.tell(image: call.subject, asOf: event)
        case .createNetwork, .removeNetwork: mirror.tell(network: call.subject, asOf: event)
        case .createVolume, .applyFirewall: break
        case .create:
            // The reply tells of the container that was made, also where somebody has renamed it meanwhile.
            let made = mirror.containers.values.compactMap(\.now).first {
                $0.member == call.member && $0.incarnation == call.incarnation
            }
            if let made { mirror.tell(made.id, asOf: event) }
        default:
            guard let container = call.container else { return }
            mirror.tell(container, asOf: event)
            if call.verb == .probe, probed { mirror.tell(probed: container) }
        }
    }

    private mutating func countFailure(of call: CallFacts) {
        let attempt = Attempt(verb: call.verb, subject: call.subject)
        var times = failures[attempt, default: []].filter { now - $0 < .seconds(10) }
        times.append(now)
        failures[attempt] = times
        // Many objects may ask for one image, each of them at its own pace.
        let most = limits.failuresInTenSeconds * (call.verb == .pull ? max(1, inForce?.objects.count ?? 0) : 1)
        if times.count > most {
            violate(.quiet, "\(words(call)) failed \(times.count) times within ten seconds")
            failures[attempt] = []
        }
    }

    // MARK: What holds for every call

    /// A crash right after the call must leave word of it.
    private mutating func checkIntent(of call: CallFacts) {
        let fitting = openIntents.values.filter {
            !$0.isSent && $0.intent.step == call.step && $0.intent.subject == call.subject
        }
        guard let intent = fitting.map(\.intent).min(by: { $0.id < $1.id }) else {
            return violate(.crash, "no open intent says that \(words(call)) may happen")
        }
        openIntents[intent.id]?.isSent = true
        if let inForce, intent.revision != inForce.id {
            violate(
                .timeTravel, "\(words(call)) is asked for by '\(intent.revision)', and '\(inForce.id)' is in force")
        }
        if call.verb.isDisruptive, storeFailsSince != nil {
            violate(.failStatic, "\(words(call)) while the store cannot be written")
        }
    }

    /// One call per subject at a time, and none while the last one may or may not have happened.
    private mutating func checkTurn(of call: CallFacts) {
        // Images and volumes are shared, and to ask twice for one makes no difference.
        if call.verb == .pull || call.verb == .createVolume { return }
        let subject = subject(of: call)
        if let other = calls.values.first(where: { !$0.isGivenUp && self.subject(of: $0.facts) == subject }),
            !isKnownGone(subject)
        {
            violate(.storm, "\(words(call)) while \(words(other.facts)) is under way")
        }
        if let doubt = unknown[subject], !isKnownGone(subject) {
            violate(.timeTravel, "\(words(call)) without a look since an outcome got lost at \(doubt.since)")
        }
    }

    /// A network that was seen to be gone is gone, whatever its removal still has to answer.
    private func isKnownGone(_ subject: Subject) -> Bool {
        guard case .other(let name) = subject, let network = mirror.networks[name] else { return false }
        return network.told != nil && network.known == nil
    }

    private mutating func checkTarget(_ id: String, of call: CallFacts) {
        guard let track = mirror.containers[id], let facts = track.known ?? track.now else {
            // It is gone, which the engine will say.
            return
        }
        if facts.member == nil {
            violate(.foreign, "\(words(call)), which is not ours")
        } else if facts.member != call.member {
            violate(.foreign, "\(words(call)), which is of another member")
        }
        guard let known = track.known else {
            return violate(.timeTravel, "\(words(call)), of which nothing was seen in this run")
        }
        let isDone =
            switch call.verb {
            case .start: known.status == .running
            case .pause: known.status == .paused
            case .unpause: known.status != .paused
            case .rename: known.name == call.name
            case .stop: known.status != .running && known.status != .paused && known.status != .restarting
            default: false
            }
        if isDone { violate(.idempotence, "\(words(call)) is known to be done already") }
    }

    // MARK: What the engine does

    mutating func changed(_ facts: ContainerFacts, by cause: TraceEvent.Cause) {
        let before = mirror.containers[facts.id]?.now
        if case .call(let id) = cause {
            if (before ?? facts).member == nil { violate(.foreign, "container '\(facts.name)' was changed by us") }
            // Made by a call that nobody waits for any more: nobody could have known.
            if before == nil, calls[id]?.isGivenUp ?? true, let member = facts.member { lateMembers.insert(member) }
        }
        noteRun(facts, before, by: cause)
        mirror.record(facts)
    }

    mutating func gone(container id: String, by cause: TraceEvent.Cause) {
        if case .call = cause, let before = mirror.containers[id]?.now, before.member == nil {
            violate(.foreign, "container '\(before.name)' was removed by us")
        }
        // What a late call makes of its name is another container.
        if let before = mirror.containers[id]?.now, let member = before.member {
            let instance = MemberInstance(member, before.incarnation)
            retirements[instance] = nil
            beginnings.forget(instance)
        }
        mirror.recordGone(container: id)
    }

    mutating func changed(_ facts: NetworkFacts, by cause: TraceEvent.Cause) {
        if case .call = cause, facts.object == nil { violate(.foreign, "network '\(facts.name)' was changed by us") }
        mirror.record(facts)
    }

    mutating func gone(network name: String, by cause: TraceEvent.Cause) {
        if case .call = cause, mirror.networks[name]?.now?.object == nil {
            violate(.foreign, "network '\(name)' was removed by us")
        }
        mirror.recordGone(network: name)
    }

    func words(_ call: CallFacts) -> String { "\(call.step) '\(call.subject)'" }
}
