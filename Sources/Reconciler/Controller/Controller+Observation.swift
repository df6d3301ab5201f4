import Logging
import Specs

extension Controller {
    /// Replaces what is known by one full observation. False when the engine could not be read.
    @discardableResult
    func observeAll() async -> Bool {
        // One at a time: a second caller gets what the first one is about to bring in.
        if resultsDuringObservation != nil { return true }
        resultsDuringObservation = []
        defer { resultsDuringObservation = nil }
        do throws(DriverError) {
            let interest = Interest(owner: host.owner, images: desired?.images ?? [])
            replace(with: try await driver.observe(interest))
            if engineProblem != nil { logger.notice("engine is back", metadata: ["event": "engine.reachable"]) }
            engineProblem = nil
            return true
        } catch {
            if engineProblem?.code != error.code {
                logger.error("engine cannot be observed", metadata: ["event": "engine.unreachable", "message": "\(error)"])
            }
            engineProblem = error
            return false
        }
    }

    private func replace(with fresh: ObservedState) {
        var fresh = fresh
        fresh.storedIncarnations = observed.storedIncarnations
        fresh.refreshedImages = observed.refreshedImages
        observed = fresh
        // Steps of ours that ended meanwhile saw the host later than the observation did.
        for result in resultsDuringObservation ?? [] { observed.record(result) }
        lastObservation = uptime
    }

    func record(_ result: StepResult) {
        observed.record(result)
        resultsDuringObservation?.append(result)
    }

    /// Looks at one container because something happened to it, and at the keys that care.
    func look(at hint: ChangeHint) async {
        let before = observed.containers[hint.containerID]
        do throws(DriverError) {
            let container = try await driver.observe(container: hint.containerID, owner: host.owner)
            record(.container(id: hint.containerID, container))
            guard let mark = (container ?? before)?.mark, before != container else { return }
            if let member = mark.memberID { queue.add(.member(member)) }
            queue.add(.object(mark.object))
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
