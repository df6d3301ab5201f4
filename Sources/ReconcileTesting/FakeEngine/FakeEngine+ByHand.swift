package import Reconciler
package import Specs

// What people and other programs do to an engine behind our back. Unknown ids and names are ignored.

extension FakeEngine {
    package mutating func removeByHand(_ id: String) {
        if let container = containers[id] { drop(container) }
    }

    /// The container ends, as after `docker stop` or by itself.
    package mutating func stopByHand(_ id: String, exitCode: Int = 137) {
        guard var container = containers[id], container.isActive else { return }
        container.die(code: exitCode, at: nextStart(of: container))
        save(container, "die")
    }

    /// Somebody takes a member's claim folder away. No event tells of it.
    package mutating func removeClaimFolderByHand(_ id: String) {
        guard var container = containers[id] else { return }
        container.hasClaimFolder = false
        save(container)
    }

    package mutating func pauseByHand(_ id: String) {
        guard var container = containers[id], container.status == .running else { return }
        container.status = .paused
        save(container, "pause")
    }

    package mutating func renameByHand(_ id: String, to name: String) {
        guard var container = containers[id] else { return }
        container.name = name
        save(container, "rename")
    }

    package mutating func updateByHand(_ id: String, _ live: LiveSettings) {
        guard var container = containers[id] else { return }
        container.live = live
        save(container, "update")
    }

    /// Docker's own health check has come to a verdict.
    package mutating func setHealth(_ id: String, _ health: ObservedContainer.Health) {
        guard var container = containers[id] else { return }
        container.health = health
        save(container, "health_status")
    }

    /// The kernel shows these controls no more, as after a remount from outside.
    package mutating func loosenByHand(_ id: String, _ controls: Set<Control>) {
        guard var container = containers[id] else { return }
        container.missingControls = controls
        save(container)
    }

    /// What a container uses; updates of its limit to less are refused.
    package mutating func setMemoryInUse(_ id: String, _ bytes: Int64) {
        containers[id]?.kernel.memoryInUse = bytes
        if let container = containers[id] { save(container) }
    }

    /// Somebody writes to the files of the kernel: the engine does not know, and the driver that reads them tells.
    package mutating func editKernelByHand(_ id: String, _ change: (inout LiveSettings, inout KernelFacts) -> Void) {
        guard var container = containers[id] else { return }
        change(&container.live, &container.kernel)
        save(container, "limits")
    }

    /// A running container that carries these labels, by default none. Gives its id.
    @discardableResult
    package mutating func addContainerByHand(
        name: String, labels: [String: String] = [:], publish: [PublishedPort] = [],
        status: ObservedContainer.Status = .running
    ) -> String {
        var container = FakeContainer(
            id: nextID(), name: name, labels: labels, image: "foreign", imageID: "sha256:foreign", network: "bridge",
            publish: publish, hasHealthCheck: false, live: LiveSettings())
        container.status = status
        container.startedAt = nextStart()
        save(container, "create")
        return container.id
    }

    @discardableResult
    package mutating func addNetworkByHand(
        name: String, labels: [String: String] = [:], bridge: String? = nil, subnets: [String] = []
    ) -> String {
        let network = FakeNetwork(id: nextID(), name: name, labels: labels, bridge: bridge, subnets: subnets)
        networks[name] = network
        note(.network(name: name))
        return network.id
    }

    package mutating func removeNetworkByHand(_ name: String) {
        if networks.removeValue(forKey: name) != nil { note(.network(name: name)) }
    }

    package mutating func addImageByHand(_ reference: String, id: String? = nil) {
        images[reference] = ObservedImage(id: id ?? "sha256:" + reference)
        note(.image(reference: reference))
    }

    package mutating func removeImageByHand(_ reference: String) {
        if images.removeValue(forKey: reference) != nil { note(.image(reference: reference)) }
    }

    /// Moves a tag in the registry; the host keeps what it has until the next pull.
    package mutating func publishByHand(_ reference: String, id: String) { registry[reference] = ObservedImage(id: id) }
}
