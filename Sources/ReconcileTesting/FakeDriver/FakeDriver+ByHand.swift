package import Reconciler
package import Specs

// What people and other programs do to an engine behind our back. Unknown ids and names are ignored.

extension FakeDriver {
    package func removeByHand(_ id: String) {
        guard let container = containers.removeValue(forKey: id) else { return }
        emit("destroy", container)
    }

    /// The container ends, as after `docker stop` or by itself.
    package func stopByHand(_ id: String, exitCode: Int = 137) {
        if containers[id]?.isActive == true { exit(id, code: exitCode) }
    }

    package func pauseByHand(_ id: String) {
        guard let container = containers[id], container.status == .running else { return }
        containers[id]?.status = .paused
        emit("pause", container)
    }

    package func renameByHand(_ id: String, to name: String) {
        guard let container = containers[id] else { return }
        containers[id]?.name = name
        emit("rename", container)
    }

    package func updateByHand(_ id: String, _ live: LiveSettings) {
        guard let container = containers[id] else { return }
        containers[id]?.live = live
        emit("update", container)
    }

    /// Docker's own health check has come to a verdict.
    package func setHealth(_ id: String, _ health: ObservedContainer.Health) {
        guard let container = containers[id] else { return }
        containers[id]?.health = health
        emit("health_status", container)
    }

    /// What a container uses; updates of its limit to less are refused.
    package func setMemoryInUse(_ id: String, _ bytes: Int64) { containers[id]?.memoryInUse = bytes }

    package func setProbeOutcome(_ outcome: @escaping @Sendable (ContainerReference, HealthCheck) -> Bool) {
        probeOutcome = outcome
    }

    /// A running container that carries these labels, by default none. Gives its id.
    @discardableResult
    package func addContainerByHand(
        name: String, labels: [String: String] = [:], publish: [PublishedPort] = [],
        status: ObservedContainer.Status = .running
    ) -> String {
        var container = FakeContainer(
            id: nextID(), name: name, labels: labels, image: "foreign", imageID: "sha256:foreign", network: "bridge",
            publish: publish,
            hasHealthCheck: false, live: LiveSettings())
        container.status = status
        container.startedAt = nextStart()
        containers[container.id] = container
        emit("create", container)
        return container.id
    }

    @discardableResult
    package func addNetworkByHand(
        name: String, labels: [String: String] = [:], bridge: String? = nil, subnets: [String] = []
    ) -> String {
        let network = FakeNetwork(id: nextID(), name: name, labels: labels, bridge: bridge, subnets: subnets)
        networks[name] = network
        return network.id
    }

    package func removeNetworkByHand(_ name: String) { networks[name] = nil }

    package func setMissingPaths(_ paths: Set<String>) { missingPaths = paths }

    package func addImageByHand(_ reference: String, id: String? = nil) {
        images[reference] = ObservedImage(id: id ?? "sha256:" + reference)
    }

    package func removeImageByHand(_ reference: String) { images[reference] = nil }

    /// Moves a tag in the registry; the host keeps what it has until the next pull.
    package func publishByHand(_ reference: String, id: String) { registry[reference] = ObservedImage(id: id) }
}
