import Logging
import Specs

extension Controller {
    /// One turn of one key: plans it from what is known now and takes at most one step.
    func work(_ key: Key) async {
        await turn(of: key)
        workers[key] = nil
        queue.done(key, now: uptime)
        wakeUp()
    }

    private func turn(of key: Key) async {
        guard let action = nextAction(of: key) else { return settled(key) }
        switch action.verdict {
        case .go: await take(action)
        case .notBefore(let time): delayed(key, until: time, action)
        // These wait for something else than time: a failure of before must not keep them from being queued again.
        case .held: limiter.forget(key)
        case .stalled(let stall): giveUp(key, stall)
        case .waitFor(let other): wait(key, for: other)
        }
    }

    private func giveUp(_ key: Key, _ stall: Stall) {
        limiter.forget(key)
        markStalled(key, stall)
    }

    private func wait(_ key: Key, for other: Key) {
        limiter.forget(key)
        let lane = queue.lane(ofTurn: key) ?? .resync
        waiters[other, default: [:]][key] = lane
        // What it waits for may be news, such as a network that somebody removed. Where nothing can be done about it, as
        // in an object that is held, its turn would end at once and wake this key again: the next look is soon enough.
        if limiter.failures(of: other) == 0 && stalls[other] == nil && nextAction(of: other) != nil { add(other, lane) }
    }

    /// The first action that could go on, or else the first at all.
    private func nextAction(of key: Key) -> Action? {
        let actions = plan(.key(key)).actions
        return actions.first { $0.verdict == .go } ?? actions.first
    }

    /// Nothing is left to do for the key: whoever waited for it may go on.
    private func settled(_ key: Key) {
        limiter.forget(key)
        lastRepair[key] = nil
        stalls[key] = nil
        wakeWaiters(of: key)
    }

    private func wakeWaiters(of key: Key) {
        let waiting = waiters.removeValue(forKey: key) ?? [:]
        for (waiter, lane) in waiting.sorted(by: { $0.key < $1.key }) { add(waiter, lane) }
    }

    private func delayed(_ key: Key, until time: Duration, _ action: Action) {
        if case .untilSettled = mode, case .member(let member) = key,
            restarts.starts(of: member) >= settings.failuresBeforeStall
        {
            return markStalled(
                key, Stall(.crashLoop, "\(action.reason), \(restarts.starts(of: member)) times in a row"))
        }
        addAgain(key, at: time)
    }

    func markStalled(_ key: Key, _ stall: Stall) {
        if stalls.updateValue(stall, forKey: key) == stall { return }
        logger.error(
            "stalled: only a person or a commit can help",
            metadata: [
                "event": "key.stalled", "resource": "\(key)", "reason": "\(stall.code.rawValue)",
                "message": "\(stall.message)",
            ])
    }

    // MARK: One step

    private func take(_ action: Action) async {
        let key = action.key
        guard let step = action.steps.first else { return await waitForDocker(key) }
        if let loop = repeatedRepair(step, of: action) { return giveUp(key, loop) }
        do throws(DriverError) {
            guard try await isStillPlanned(step, of: key) else { return addAgain(key) }
            let begun = uptime
            stepsInFlight[key] = step
            // Its slot is free again at once.
            if step.isPull { wakeUp() }
            defer { stepsInFlight[key] = nil }
            let result = try await driver.apply(step)
            record(result)
            finished(step, of: action, result, took: uptime - begun)
        } catch {
            await failed(step, of: key, error)
        }
        for id in hintsDuringSteps.removeValue(forKey: key) ?? [] {
            await look(at: ChangeHint(containerID: id, event: "step"))
        }
    }

    /// Docker itself is at work on the container, so there is nothing to do but to look at it again soon.
    private func waitForDocker(_ key: Key) async {
        if case .member(let member) = key {
            for container in observed.containers(of: member.object) where container.slot == member.slot {
                await look(at: ChangeHint(containerID: container.id, event: "wait"))
            }
        }
        addAgain(key, at: uptime + settings.probeInterval)
    }

    /// Before something is taken away the host is asked once more whether it is still as it was when we decided.
    private func isStillPlanned(_ step: Step, of key: Key) async throws(DriverError) -> Bool {
        guard let reference = step.takesAway else { return true }
        // All of the slot: what takes over must still be running too.
        let slot = reference.member.slot
        for known in observed.containers(of: reference.member.object) where known.slot == slot {
            let fresh = try await driver.observe(container: known.id, owner: host.owner)
            record(.container(id: known.id, fresh))
        }
        let next = nextAction(of: key)
        return next?.verdict == .go && next?.steps.first == step
    }

    private func finished(_ step: Step, of action: Action, _ result: StepResult, took: Duration) {
        let key = action.key
        stalls[key] = nil
        if case .probe = step, case .container(_, let container) = result {
            guard let container, container.isReady else {
                return addAgain(key, at: uptime + pauseBetweenProbes(of: key))
            }
            rememberProbe(of: container)
        }
        if case .probe = step {} else { stepsTaken += 1 }
        limiter.forget(key)
        remember(step, of: key, result)
        addAgain(key)
        // A network that waits for its last member is looked at again when a member goes.
        if case .remove = step { add(.object(key.object), queue.lane(ofTurn: key) ?? .prune) }
        logger.info(
            "step done",
            metadata: [
                "event": "step.done", "resource": "\(key)", "step": "\(step.name)", "reason": "\(action.reason)",
                "duration_ms": "\(Int(took / .milliseconds(1)))", "revision": "\(desired?.revision.id ?? "none")",
            ])
    }

    /// A tenth of the time since the start: what is slow to come up is asked less and less often, and is found ready
    /// hardly later for it.
    private func pauseBetweenProbes(of key: Key) -> Duration {
        guard case .member(let member) = key else { return settings.probeInterval }
        let age = uptime - (restarts.lastStart(of: member) ?? .zero)
        return max(settings.probeInterval, min(age / 10, settings.longestProbeInterval))
    }

    private func remember(_ step: Step, of key: Key, _ result: StepResult) {
        switch step {
        case .createContainer(let intent):
            lastRepair[key] = step
            if case .member(let member) = key { restarts.forget(member) }
            guard let member = intent.mark.memberID, let incarnation = intent.mark.member?.incarnation else { return }
            observed.storedIncarnations[member] = incarnation
            do throws(StateStoreError) {
                try store.record(incarnation: incarnation, of: member)
            } catch {
                // The container is there and carries the number itself, so only history is lost.
                logger.error("state store", metadata: ["event": "store.failed", "message": "\(error)"])
            }
        case .update, .rename: lastRepair[key] = step
        case .start(let reference): restarts.started(reference.member, at: uptime)
        case .pullImage(let reference): observed.refreshedImages.insert(reference)
        default: break
        }
    }

    /// The same repair twice without a quiet plan in between means that the host does not keep what it is told.
    private func repeatedRepair(_ step: Step, of action: Action) -> Stall? {
        guard let last = lastRepair[action.key] else { return nil }
        switch (last, step) {
        case (.createContainer(let old), .createContainer(let new)) where old.container == new.container:
            guard observed.containers.values.contains(where: { $0.mark == old.mark }) else { return nil }
        case (.createContainer(let old), .stop(let made, _)), (.createContainer(let old), .remove(let made)):
            // With strategy recreate the same loop begins with the removal of what was just made.
            guard action.verb == .replace, observed.containers[made.id]?.mark == old.mark else { return nil }
        case (.update, .update) where last == step: break
        case (.rename, .rename) where last == step: break
        default: return nil
        }
        return Stall(.notConverged, "still differs after a repair: \(action.reason)")
    }

    // MARK: Failure

    private func failed(_ step: Step, of key: Key, _ error: DriverError) async {
        let retries = limiter.failures(of: key) + 1
        logger.warning(
            "step failed",
            metadata: [
                "event": "step.failed", "resource": "\(key)", "step": "\(step.name)", "message": "\(error)",
                "code": "\(error.code.rawValue)", "disposition": "\(error.disposition.rawValue)",
                "failures": "\(retries)",
            ])
        let delay = limiter.delay(for: key, now: uptime)
        var disposition = error.disposition
        // The image went away after we looked, so a look plans the pull.
        if error.code == .imageNotFound, case .createContainer = step { disposition = .conflict }
        switch disposition {
        case .terminal: markStalled(key, Stall(.refused, error.description))
        case .conflict, .unknown: await lookAgain(at: key)
        case .transient: break
        }
        if case .untilSettled = mode {
            if disposition == .terminal { return }
            if retries >= settings.failuresBeforeStall { return markStalled(key, Stall(.refused, error.description)) }
        }
        let wait = disposition == .terminal ? max(delay, settings.resyncInterval) : delay
        addAgain(key, at: uptime + wait)
    }

    /// Looks at everything: a conflict may come from something that carries no mark of ours.
    private func lookAgain(at key: Key) async {
        if await observeAll() { return }
        logger.warning("could not look again", metadata: ["event": "observe.failed", "resource": "\(key)"])
    }
}

extension Step {
    /// The container that the step takes away or interrupts, if it does.
    var takesAway: ContainerReference? {
        switch self {
        case .stop(let reference, _), .remove(let reference): reference
        default: nil
        }
    }

    var isPull: Bool {
        if case .pullImage = self { true } else { false }
    }

    /// A short name for logs.
    package var name: String {
        switch self {
        case .pullImage: "pull-image"
        case .createNetwork: "create-network"
        case .removeNetwork: "remove-network"
        case .createVolume: "create-volume"
        case .createContainer: "create-container"
        case .start: "start"
        case .probe: "probe"
        case .update: "update"
        case .unpause: "unpause"
        case .rename: "rename"
        case .stop: "stop"
        case .remove: "remove"
        }
    }
}
