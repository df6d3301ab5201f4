import Specs

/// Nothing is started on a host that cannot confine it as it was asked for.
///
/// What runs already is left alone: nothing would become safer by an end that nothing can follow.
struct ConfinementGate: Gate {
    func hold(on action: Action, of view: ObjectView) -> Hold? {
        guard let confinement = view.object?.container.confinement, Self.starts(action) else { return nil }
        return Hold(Self.holds(confinement, view.context.observed.engine))
    }

    private static func starts(_ action: Action) -> Bool {
        action.startsMember || action.verb == .start || action.verb == .restart
    }

    private static func holds(_ confinement: Confinement, _ engine: EngineFacts) -> [Hold] {
        var holds: [Hold] = []
        if let runtime = confinement.runtime, !engine.runtimes.isEmpty, !engine.runtimes.contains(runtime) {
            let message =
                "the engine has no runtime '\(runtime)', only \(engine.runtimes.joined(separator: ", ")); add it under "
                + "'runtimes' of /etc/docker/daemon.json"
            holds.append(Hold(.runtimeMissing, message))
        }
        if engine.hasSeccomp == false {
            holds.append(Hold(.kernelLacksSeccomp, "the engine says that its kernel has no seccomp"))
        }
        if let appArmor = confinement.appArmor, appArmor.isRequired, engine.hasAppArmor == false {
            let message =
                "the profile '\(appArmor.name)' is required and the kernel of this host has no AppArmor; use another "
                + "host, or 'required: false'"
            holds.append(Hold(.kernelLacksAppArmor, message))
        }
        return holds
    }
}
