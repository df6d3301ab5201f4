import Logging
import Specs

/// How the loop comes to know the host: full observations on an interval and on demand, and looks at one container that
/// something happened to.
extension ControlLoop {
    // MARK: At everything

    /// Asks for a full observation that begins from now on; all who ask while one is under way share the next one.
    mutating func observe() {
        guard isRunning, !isStopping else { return }
        let ticket = newTicket()
        guard let interest = informer.begin(ticket, covering: interest) else {
            return
        }
        nextObservation = nil
        for key in doubts.keys { doubts[key]?.isBeingLookedAt = true }
        ask(.observe(ticket, interest), for: .observation(images: interest.images))
    }

    private var interest: Interest {
        Interest(owner: host.owner, images: images, firewall: (nextDesired ?? desired)?.firewall)
    }

    /// References that an object names, or will name soon.
    private var images: Set<String> { (desired?.images ?? []).union(nextDesired?.images ?? []) }

    mutating func take(_ ticket: Ticket, _ result: Result<ObservedState, DriverError>) {
        guard case .observation(let images)? = errands.removeValue(forKey: ticket) else { return }
        switch result {
        case .success(let fresh):
            observed(fresh)
            if let nextDesired, nextDesired.images.isSubset(of: images) { putInForce() }
            enqueueChanges()
            if informer.wantsAnother || nextDesired != nil { observe() }
        case .failure(let error):
            couldNotObserve(error)
            // Whoever asks should see what is meant to be; nothing is begun before the engine was seen.
            putInForce()
        }
    }

    private mutating func observed(_ fresh: ObservedState) {
        let wasAway = informer.problem != nil
        let engine = informer.observed.engine.start
        let moved = informer.take(fresh, images: images, now: now.uptime)
        if informer.observed.engine.start != engine { restarts.engineRestarted() }
        noticeMovedTags(moved)
        chains.record(informer.observed.preflight.firewallChains, engine: informer.observed.engine.start)
        gates.chainsWereSeen = chains.wereSeen
        if wasAway {
            logger.notice("engine is back", metadata: ["event": "engine.reachable"])
            // Nothing needs to wait any more for a failure that the engine's absence explains.
            limiter.forgetAll()
            excuseRollouts()
        }
        // What could not be read in full is read again soon.
        observationFailures = fresh.isComplete ? 0 : observationFailures + 1
        scheduleObservation()
        if now.uptime - lastImageRefresh >= settings.imageRefreshInterval {
            informer.forgetRefreshedImages()
            lastImageRefresh = now.uptime
        }
        let isComplete = informer.observed.isComplete
        if isComplete { fullLooks += 1 }
        settleDoubts(by: fresh)
        findLiveSizes()
        noticedAllPools()
        noticedAllTasks()
        for (id, watch) in rollouts where watch.state.isOpen { dirtyRollouts.insert(id) }
        noteIncarnations()
        if isComplete { forgetTheGone() }
    }

    /// Settles what a look that began after the step tells of; the word of an engine that has ended since tells nothing.
    private mutating func settleDoubts(by fresh: ObservedState) {
        guard informer.isCurrent else { return }
        // In order, since the order of a dictionary is another one in each run of the program.
        for (key, doubt) in doubts.sorted(by: { $0.key < $1.key })
        where doubt.isBeingLookedAt && doubt.isSettled(by: fresh) {
            doubts[key] = nil
            for (intent, outcome) in doubt.intents.sorted(by: { $0.key < $1.key }) {
                note(.end(intent: intent, outcome))
            }
            if let lane = doubt.waitingIn { add(key, lane) }
        }
    }

    /// A number that was seen is used up, whoever made the container and whatever becomes of it.
    private mutating func noteIncarnations() {
        for instance in informer.observed.containers.values.map(\.instance).filter(informer.isNews).sorted() {
            noteIncarnation(of: instance)
        }
    }

    mutating func noteIncarnation(of instance: MemberInstance) {
        // The number of a run is that of its attempt, which the task remembers; its slot never comes again.
        if instance.member.object.kind == .scheduledTask { return }
        guard informer.isNews(instance) else { return }
        informer.setIncarnation(instance.incarnation, of: instance.member)
        note(.seen(instance))
    }

    private mutating func forgetTheGone() {
        let gone = informer.forgetProbesOfTheGone()
        if !gone.isEmpty { note(.forgetProbes(gone)) }
        let present = Set(informer.observed.containers.values.map(\.instance))
        // A list may be behind just once, as the first after a start, and what somebody has or had would be anybody's again.
        let absent = Set(phases.keys.filter { !present.contains($0) && claims.claim(of: $0) == nil })
        defer { absentMembers = absent }
        for instance in absent.intersection(absentMembers).sorted() {
            phases[instance] = nil
            formerlyClaimed.remove(instance)
            note(.forget(instance))
        }
        let (desired, observed) = (desired, informer.observed)
        restarts.keep { member in
            member.slot < desired?.objects[member.object]?.slots ?? 0
                || observed.hasContainers(of: member.object, slot: member.slot)
        }
    }

    private mutating func couldNotObserve(_ error: DriverError) {
        if informer.problem?.code != error.code {
            logger.error("engine cannot be observed", metadata: ["event": "engine.unreachable", "message": "\(error)"])
            note(event(.warning, nil, "EngineUnreachable", error.description))
        }
        informer.fail(error)
        for key in doubts.keys { doubts[key]?.isBeingLookedAt = false }
        observationFailures += 1
        scheduleObservation()
        if case .untilSettled = mode, informer.lastObservation == nil || isHopeless { failure = error }
    }

    /// The engine was away, or could not be read in full, so often in a row that a single run gives up.
    var isHopeless: Bool { observationFailures >= settings.failuresBeforeStall }

    /// On an interval; while the engine is away or cannot be read in full, after pauses that grow up to that interval.
    private mutating func scheduleObservation() {
        let growing = settings.observationRetry * (1 << max(0, min(observationFailures - 1, 10)))
        let pause = observationFailures == 0 ? settings.resyncInterval : min(settings.resyncInterval, growing)
        nextObservation = now.uptime + pause + pause * Double.random(in: 0..<0.1, using: &random)
    }

    mutating func lostStream() {
        logger.warning("event stream lost", metadata: ["event": "engine.stream-lost"])
        informer.void()
        observe()
    }

    /// Another image behind a tag is a new reason for a repair that was made before: no loop.
    mutating func noticeMovedTags(_ references: Set<String>) {
        if references.isEmpty { return }
        let desired = desired
        repairs.forget { key in
            key.object.flatMap { desired?.objects[$0] }.map { references.contains($0.container.template.image) }
                ?? false
        }
    }

    // MARK: At one container

    /// How many containers are looked at by themselves at once.
    private static var mostLooks: Int { 32 }

    /// Looks at one container because something happened to it.
    mutating func look(at hint: ChangeHint) {
        guard isRunning, !isStopping else { return }
        look(at: hint.containerID, turn: nil)
    }

    /// - Parameter turn: the key whose turn ends with the look.
    mutating func look(at id: String, turn: Key?) {
        if let member = informer.observed.containers[id]?.mark.memberID, turn == nil, flights[.member(member)] != nil {
            // The step's answer may be older than what happened, so we look when it has been taken in.
            hintsDuringSteps[.member(member), default: []].insert(id)
            return
        }
        if isStopping { return }
        if looks[id] != nil, turn == nil {
            looks[id] = true
            return
        }
        // Where so much happens at once, one look at everything is cheaper, and no more than one is under way.
        if turn == nil && looks.count >= Self.mostLooks { return observe() }
        if turn == nil { looks[id] = false }
        let ticket = newTicket()
        ask(
            .look(ticket, containers: [id], owner: host.owner),
            for: .look(container: id, began: informer.sequence, turn: turn))
    }

    mutating func looked(_ ticket: Ticket, _ result: Result<[String: ObservedContainer?], DriverError>) {
        switch errands.removeValue(forKey: ticket) {
        case .confirmation(let key, let step, let began)?: confirmed(step, of: key, began: began, result)
        case .look(let id, let began, let turn)?:
            let isStale = takeIn(result, of: id, began: began)
            if let turn {
                addAgain(turn, at: now.uptime + settings.probeInterval)
                end(turn)
            } else if looks.removeValue(forKey: id) == true || isStale {
                look(at: id, turn: nil)
            }
        case .observation?, .step?, .binding?, .farewell?, .measurement?, .judgement?, .order?, nil: break
        }
    }

    /// - Returns: whether a step of ours saw the container later than this look may have.
    private mutating func takeIn(
        _ result: Result<[String: ObservedContainer?], DriverError>, of id: String, began: UInt64
    ) -> Bool {
        switch result {
        case .failure(let error):
            logger.warning("could not look", metadata: ["event": "observe.failed", "message": "\(error)"])
            return false
        case .success(let containers):
            if informer.isOlder(began, than: id) { return true }
            let before = informer.observed.containers[id]
            let container = containers[id] ?? nil
            if before == nil && container == nil { return false }
            informer.record(.container(id: id, container), began: began)
            if let container { noteIncarnation(of: container.instance) }
            guard let mark = (container ?? before)?.mark, informer.observed.containers[id] != before else {
                return false
            }
            if let member = mark.memberID { add(.member(member), .heal) }
            add(.object(mark.object), .resync)
            noticed(mark.object)
            wakeHeldKeys(of: mark.object)
            return false
        }
    }
}
