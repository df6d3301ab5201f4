import Specs

extension HostStatus {
    /// What is true of the host as a whole, from everything else that the status says.
    package var hostConditions: [Condition] {
        var conditions = [readiness, engineCondition]
        if let source { conditions.append(Self.condition(of: source)) }
        for pause in pauses ?? [] where pause.object == nil {
            conditions.append(Condition(.paused, true, "HostPaused", pause.description))
        }
        return conditions + [DrainReport.condition(of: drains ?? [])].compactMap(\.self)
    }

    private var readiness: Condition {
        guard engine.reachable else {
            return Condition(.ready, .unknown, "EngineUnreachable", "what runs was not seen lately")
        }
        guard revision != nil else { return Condition(.ready, false, "NoRevision", "no revision is in force yet") }
        let unready = objects.filter { object in !object.conditions.contains { $0.type == .ready && $0.status } }
        if unready.isEmpty {
            return Condition(.ready, true, "Converged", "objects that are as git says: \(objects.count)")
        }
        let names = Diagnostic.list(unready.map(\.id.description), word: "and", limit: 4)
        return Condition(.ready, false, "NotConverged", "\(unready.count) of \(objects.count) not ready: \(names)")
    }

    private var engineCondition: Condition {
        engine.reachable
            ? Condition(.engineReachable, true, "Answers", "Docker \(engine.version), API \(engine.apiVersion)")
            : Condition(.engineReachable, false, "Unreachable", engine.message ?? "not observed yet")
    }

    private static func condition(of source: SourceStatus) -> Condition {
        let state: Condition.State =
            switch source.state {
            case .current: .holds
            case .starting: .unknown
            default: .fails
            }
        return Condition(.sourceReady, state, source.state.rawValue, source.message)
    }
}
