import Reconciler

extension ContainerDetails {
    /// How a running container is confined, against what its label says; nil where nothing was asked for.
    ///
    /// - Parameter engine: the engine's process; nil where it is out of our sight.
    func confinement(on engine: EngineProcess?) -> ObservedConfinement? {
        guard state.status == "running" else { return nil }
        let text = labels[ConfinementExpectation.label]
        guard let expectation = text.flatMap({ ConfinementExpectation(text: $0) }) else {
            return ObservedConfinement(
                unreadable: text, recreateHash: OwnershipMark(labels: labels)?.member?.recreateHash)
        }
        let sight = engine.map { look(on: $0) } ?? .hidden
        var facts = ConfinementFacts(seccomp: hostConfig?.security?.seccomp, runtime: hostConfig?.runtime, sight)
        if case .process = sight { facts.kernelHasAppArmor = KernelSecurity.hasAppArmor }
        return expectation.judged(by: facts)
    }

    private func look(on engine: EngineProcess) -> ConfinementFacts.Sight {
        guard let pid = state.pid, pid > 0 else { return .gone }
        guard let process = ContainerProcess(pid: pid, container: id, on: engine) else { return .hidden }
        return ProcessFiles(folder: process.folder).confinement(ofContainer: id)
    }
}
