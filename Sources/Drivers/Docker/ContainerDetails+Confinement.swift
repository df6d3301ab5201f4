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
        let sight = engine.map { look(at: state.pid ?? 0, on: $0) } ?? .hidden
        var facts = ConfinementFacts(seccomp: hostConfig?.security?.seccomp, runtime: hostConfig?.runtime, sight)
        if case .process = sight { facts.kernelHasAppArmor = KernelSecurity.hasAppArmor }
        return expectation.judged(by: facts)
    }

    /// As whoever listens on the socket sees it, which is the engine or something before it; or as we do.
    private func look(at pid: Int32, on engine: EngineProcess) -> ConfinementFacts.Sight {
        guard pid > 0 else { return .gone }
        for folder in [engine.path(of: "/proc/\(pid)"), "/proc/\(pid)"] {
            let sight = ProcessFiles(folder: folder).confinement(ofContainer: id)
            if case .process = sight { return sight }
        }
        return .hidden
    }
}
