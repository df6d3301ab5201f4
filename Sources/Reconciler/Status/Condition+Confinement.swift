extension Condition {
    /// How the members of an object that run are confined; nothing for objects that ask for nothing.
    package static func confinement(of containers: [ObservedContainer]) -> [Condition] {
        let seen = containers.compactMap { container in container.confinement.map { (container.name, $0) } }
        guard !seen.isEmpty else { return [] }
        for (name, confinement) in seen {
            guard let drift = confinement.drifted.first else { continue }
            let message = "\(name): \(drift.control.rawValue): \(drift.detail)"
            return [Condition(.confined, false, ControlState.drifted.rawValue, message)]
        }
        if let starting = seen.first(where: { $0.1.isStarting }) {
            return [Condition(.confined, .unknown, "Starting", "\(starting.0) does not run its program yet")]
        }
        for (name, confinement) in seen {
            guard let missing = confinement.notSupported.first else { continue }
            let message = "\(name): \(missing.control.rawValue): \(missing.detail)"
            let reason = missing.control == .appArmor ? Hold.Gate.kernelLacksAppArmor.rawValue : "NotSupported"
            return [
                Condition(.confined, .unknown, ControlState.notSupported.rawValue, message),
                Condition(.degraded, true, reason, message),
            ]
        }
        let controls = Set(seen.flatMap { $0.1.findings.map(\.control.rawValue) }).sorted()
        let message = "the kernel shows \(controls.joined(separator: ", ")) of \(seen.count) as asked for"
        return [Condition(.confined, true, ControlState.enforced.rawValue, message)]
    }
}
