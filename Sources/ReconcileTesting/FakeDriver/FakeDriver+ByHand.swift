package import Reconciler
package import Specs

// What people and other programs do to the engine behind our back.

extension FakeDriver {
    /// Changes the engine as somebody else would; whoever listens is told what came of it.
    package func byHand<Result: Sendable>(_ change: @Sendable (inout FakeEngine) -> Result) -> Result {
        defer { publishEvents() }
        return change(&engine)
    }

    package func removeByHand(_ id: String) { byHand { $0.removeByHand(id) } }

    package func stopByHand(_ id: String, exitCode: Int = 137) { byHand { $0.stopByHand(id, exitCode: exitCode) } }

    package func pauseByHand(_ id: String) { byHand { $0.pauseByHand(id) } }

    package func renameByHand(_ id: String, to name: String) { byHand { $0.renameByHand(id, to: name) } }

    package func updateByHand(_ id: String, _ live: LiveSettings) { byHand { $0.updateByHand(id, live) } }

    package func setHealth(_ id: String, _ health: ObservedContainer.Health) { byHand { $0.setHealth(id, health) } }

    package func editKernelByHand(
        _ id: String, _ change: @Sendable (inout LiveSettings, inout KernelFacts) -> Void
    ) { byHand { $0.editKernelByHand(id, change) } }

    /// The engine goes on to leave these out of what it is asked for.
    package func ignore(_ controls: Set<Control>) { byHand { $0.ignoredControls = controls } }

    package func loosen(_ id: String, _ controls: Set<Control>) { byHand { $0.loosenByHand(id, controls) } }

    package func setMemoryInUse(_ id: String, _ bytes: Int64) { byHand { $0.setMemoryInUse(id, bytes) } }

    @discardableResult
    package func addContainerByHand(
        name: String, labels: [String: String] = [:], publish: [PublishedPort] = [],
        status: ObservedContainer.Status = .running
    ) -> String {
        byHand { $0.addContainerByHand(name: name, labels: labels, publish: publish, status: status) }
    }

    @discardableResult
    package func addNetworkByHand(
        name: String, labels: [String: String] = [:], bridge: String? = nil, subnets: [String] = []
    ) -> String {
        byHand { $0.addNetworkByHand(name: name, labels: labels, bridge: bridge, subnets: subnets) }
    }

    package func removeNetworkByHand(_ name: String) { byHand { $0.removeNetworkByHand(name) } }

    package func setMissingPaths(_ paths: Set<String>) { byHand { $0.missingPaths = paths } }

    package func addImageByHand(_ reference: String, id: String? = nil) {
        byHand { $0.addImageByHand(reference, id: id) }
    }

    package func removeImageByHand(_ reference: String) { byHand { $0.removeImageByHand(reference) } }

    package func publishByHand(_ reference: String, id: String) { byHand { $0.publishByHand(reference, id: id) } }

    /// While true, whatever needs room on the engine's disk fails.
    package func setDiskFull(_ isFull: Bool) { byHand { $0.isDiskFull = isFull } }
}
