package import Reconciler

/// What goes wrong with one step.
package enum StepFault: Hashable, Sendable {
    /// The engine refuses; nothing happens.
    case refuse(DriverError)
    /// The connection breaks before the request arrives: nothing happens, and nobody can tell.
    case loseRequest
    /// The step happens, and the connection breaks before the answer.
    case loseReply
}

/// What goes wrong with one whole observation.
package enum ObservationFault: Hashable, Sendable {
    case refuse(DriverError)
    /// Everything is there, but it says that something may be missing.
    case incomplete
}

/// A fault that waits for its step.
struct PlannedFault: Sendable {
    var fault: StepFault
    var applies: @Sendable (Step) -> Bool
}

extension FakeDriver {
    /// Makes the next step that fits go wrong. Faults are used up one by one, in the order of these calls.
    package func failNext(_ fault: StepFault, where applies: @escaping @Sendable (Step) -> Bool = { _ in true }) {
        faults.append(PlannedFault(fault: fault, applies: applies))
    }

    package func failNextObservation(_ fault: ObservationFault) { observationFaults.append(fault) }

    /// Faults that no step has met yet.
    package var pendingFaults: Int { faults.count + observationFaults.count }

    package func clearFaults() {
        faults = []
        observationFaults = []
    }

    /// Runs before every call; nil stands for a read. A test holds calls up here, or advances its clock.
    package func setLatency(_ latency: (@Sendable (Step?) async -> Void)?) { self.latency = latency }

    /// The engine is gone: its containers have ended, its event streams as well, and every call fails.
    package func crashEngine() {
        engine.crash()
        endListeners()
    }

    /// The engine is away without its containers (live-restore): every call fails until it is back.
    package func stopEngine() {
        engine.stop()
        endListeners()
    }

    package func startEngine() { engine.start() }

    func takeFault(for step: Step) -> StepFault? {
        guard let index = faults.firstIndex(where: { $0.applies(step) }) else { return nil }
        return faults.remove(at: index).fault
    }
}
