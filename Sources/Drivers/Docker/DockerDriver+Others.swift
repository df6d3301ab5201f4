import Logging
import Reconciler

extension DockerDriver {
    /// A network of this name with the same mark counts as created.
    func createNetwork(_ intent: NetworkIntent) async throws(DriverError) -> StepResult {
        let body = NetworkCreation(
            name: intent.name, options: [NetworkCreation.bridgeOption: intent.bridge], labels: intent.mark.labels,
            addressManagement: .init(ranges: [.init(subnet: intent.subnet)]))
        do throws(DriverError) {
            let created = try await client.createNetwork(body)
            return try await readBack(network: created.id, name: intent.name, owner: intent.mark.owner)
        } catch {
            guard error.code == .nameConflict || error.disposition == .unknown else { throw error }
            return try await adopt(intent, after: error)
        }
    }

    private func adopt(_ intent: NetworkIntent, after error: DriverError) async throws(DriverError) -> StepResult {
        guard let details = try await client.network(intent.name), details.name == intent.name else { throw error }
        let network = ObservedNetwork(details, owner: intent.mark.owner)
        guard network.mark == intent.mark else {
            let message =
                "the name '\(intent.name)' is taken by network '\(details.id)', which is not of '\(intent.mark.object)'"
            throw DriverError(.conflict, .nameConflict, message, at: error.place)
        }
        return .network(name: intent.name, network)
    }

    /// A network that is gone counts as removed; one that carries another mark is refused.
    func removeNetwork(name: String, id: String, owner: String) async throws(DriverError) -> StepResult {
        guard let details = try await client.network(id), details.id == id else { return .network(name: name, nil) }
        guard ObservedNetwork(details, owner: owner).mark != nil else {
            let message = "network '\(name)' carries no mark of owner '\(owner)'"
            throw DriverError(.conflict, .conflict, message, at: "DELETE /networks/\(id)")
        }
        do throws(DriverError) {
            try await client.removeNetwork(id)
        } catch {
            guard error.code == .notFound else { throw error }
        }
        return .network(name: name, nil)
    }

    private func readBack(network id: String, name: String, owner: String) async throws(DriverError) -> StepResult {
        do throws(DriverError) {
            let details = try await client.network(id)
            return .network(name: name, details.map { ObservedNetwork($0, owner: owner) })
        } catch {
            var error = error
            error.disposition = .unknown
            throw error
        }
    }

    /// A volume of this name counts as created, whoever made it: data is never replaced.
    func createVolume(name: String, mark: OwnershipMark) async throws(DriverError) -> StepResult {
        let details = try await client.createVolume(VolumeCreation(name: name, labels: mark.labels))
        return .volume(ObservedVolume(details, owner: mark.owner))
    }

    /// Pulls under way of the same reference share one call.
    func pull(_ reference: String) async throws(DriverError) -> StepResult {
        let image = try await pulls.run(reference) { () async throws(DriverError) in
            let begun = ContinuousClock.now
            notePull("started", of: reference)
            pullBoard?.note(reference, PullMeter())
            defer { pullBoard?.note(reference, nil) }
            do throws(DriverError) {
                let image = try await pullAndLookUp(reference)
                notePull("done", of: reference, ["duration_ms": "\(Int((.now - begun) / .milliseconds(1)))"])
                return image
            } catch {
                notePull("failed", of: reference, ["message": "\(error)", "code": "\(error.code.rawValue)"])
                throw error
            }
        }
        return .image(reference: reference, image)
    }

    private func pullAndLookUp(_ reference: String) async throws(DriverError) -> ObservedImage {
        let parts = ImageReference(reference)
        try await client.pull(
            parts, credentials: credentials.answer(for: parts), progress: { pullBoard?.note(reference, $0) }
        ) { meter in
            notePull("progress", of: reference, ["bytes": "\(meter.received)", "bytes_known": "\(meter.total)"])
        }
        guard let details = try await client.image(reference) else {
            let message = "the image '\(reference)' is not there after its pull"
            throw DriverError(.transient, .pullFailed, message, at: "POST /images/create")
        }
        return ObservedImage(id: details.id)
    }

    private func notePull(_ what: String, of reference: String, _ more: Logger.Metadata = [:]) {
        let metadata: Logger.Metadata = ["event": "image.pull-\(what)", "image": "\(reference)"]
        log.info("pull", metadata: metadata.merging(more) { _, new in new })
    }
}
