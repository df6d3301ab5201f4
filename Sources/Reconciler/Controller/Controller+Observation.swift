import Logging
import Specs

extension Controller {
    /// Replaces what is known by one full observation. False when the engine could not be read.
    ///
    /// One at a time, and never one that began before it was asked for, since that may have missed why somebody asks:
    /// all who ask while one is under way share the next one.
    ///
    /// - Parameter images: of a revision that is about to be put in force, beside those of the one that is.
    @discardableResult
    func observeAll(alsoFor images: Set<String> = []) async -> Bool {
        imagesToObserve.formUnion(images)
        if let latest = observation, !latest.hasBegun { return await latest.task.value }
        let earlier = observation?.task
        let task = Task {
            _ = await earlier?.value
            return await observe()
        }
        observation = (task, hasBegun: false)
        return await task.value
    }

    private func observe() async -> Bool {
        // There is no later one than this: another is only asked for when this one has begun.
        observation?.hasBegun = true
        let interest = Interest(owner: host.owner, images: imagesToObserve.union(desired?.images ?? []))
        imagesToObserve = []
        resultsDuringObservation = []
        defer { resultsDuringObservation = nil }
        do throws(DriverError) {
            replace(with: try await driver.observe(interest), covering: interest)
            if engineProblem != nil { welcomeBack() }
            return true
        } catch {
            if engineProblem?.code != error.code {
                logger.error(
                    "engine cannot be observed", metadata: ["event": "engine.unreachable", "message": "\(error)"])
            }
            engineProblem = error
            return false
        }
    }

    /// Nothing needs to wait any more for a failure that the engine's absence explains.
    private func welcomeBack() {
        logger.notice("engine is back", metadata: ["event": "engine.reachable"])
        engineProblem = nil
        limiter.forgetAll()
    }

    private func replace(with fresh: ObservedState, covering interest: Interest) {
        var fresh = fresh
        // What could not be read may still be there: only a complete look makes it gone.
        if !fresh.isComplete {
            for (id, known) in observed.containers where fresh.containers[id] == nil { fresh.record(known, id: id) }
        }
        // Nor is an image gone that nobody looked for.
        for (reference, image) in observed.images where !interest.images.contains(reference) {
            fresh.images[reference] = image
        }
        fresh.storedIncarnations = observed.storedIncarnations
        fresh.refreshedImages = observed.refreshedImages
        for (reference, image) in fresh.images { noticeMovedTag(reference, image) }
        observed = fresh
        for container in fresh.containers.values { observed.record(recalling(container), id: container.id) }
        // Steps of ours that ended meanwhile saw the host later than the observation did.
        for result in resultsDuringObservation ?? [] { observed.record(result) }
        lastObservation = uptime
        if observed.isComplete { forgetProbes(of: Set(probedStarts.keys).subtracting(observed.containers.keys)) }
    }

    func record(_ result: StepResult) {
        var result = result
        if case .container(let id, let container?) = result { result = .container(id: id, recalling(container)) }
        if case .image(let reference, let image) = result { noticeMovedTag(reference, image) }
        observed.record(result)
        resultsDuringObservation?.append(result)
    }

    /// Another image behind a tag is a new reason for a repair that was made before: no loop.
    private func noticeMovedTag(_ reference: String, _ image: ObservedImage) {
        if observed.images[reference] == image { return }
        lastRepair = lastRepair.filter { desired?.objects[$0.key.object]?.container.template.image != reference }
    }

    // MARK: Probes

    /// Until Docker has a verdict of its own, a success of our probe counts for the run that it was made in.
    private func recalling(_ container: ObservedContainer) -> ObservedContainer {
        var container = container
        container.probed = container.probed || probedStarts[container.id] == container.startedAt
        return container
    }

    /// Survives a restart of the program, which then need not probe again what it knows to be ready.
    func rememberProbe(of container: ObservedContainer) {
        probedStarts[container.id] = container.startedAt
        do throws(StateStoreError) {
            try store.record(probed: container.id, startedAt: container.startedAt)
        } catch {
            logger.error("state store", metadata: ["event": "store.failed", "message": "\(error)"])
        }
    }

    private func forgetProbes(of gone: Set<String>) {
        if gone.isEmpty { return }
        for id in gone { probedStarts[id] = nil }
        do throws(StateStoreError) {
            try store.forget(probed: gone)
        } catch {
            logger.error("state store", metadata: ["event": "store.failed", "message": "\(error)"])
        }
    }

    /// Looks at one container because something happened to it, and at the keys that care.
    func look(at hint: ChangeHint) async {
        let before = observed.containers[hint.containerID]
        if let member = before?.mark.memberID, stepsInFlight[.member(member)] != nil {
            // The step's answer may be older than what happened, so we look when it has been taken in.
            hintsDuringSteps[.member(member), default: []].insert(hint.containerID)
            return
        }
        do throws(DriverError) {
            let container = try await driver.observe(container: hint.containerID, owner: host.owner)
            // A step of ours that ended meanwhile saw the container later than this answer may have.
            guard observed.containers[hint.containerID] == before else { return await look(at: hint) }
            record(.container(id: hint.containerID, container))
            guard let mark = (container ?? before)?.mark, before != container else { return }
            if let member = mark.memberID { add(.member(member), .heal) }
            add(.object(mark.object), .resync)
            wakeUp()
        } catch {
            logger.warning("could not look", metadata: ["event": "observe.failed", "message": "\(error)"])
        }
    }
}

extension ObservedState {
    /// Takes in what one step of ours left behind.
    package mutating func record(_ result: StepResult) {
        switch result {
        case .container(let id, let container): record(container, id: id)
        case .network(let name, let network): networks[name] = network
        case .volume(let volume): volumes[volume.name] = volume
        case .image(let reference, let image): images[reference] = image
        }
    }
}
