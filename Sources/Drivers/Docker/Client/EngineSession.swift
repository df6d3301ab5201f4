package import Reconciler
import Synchronization

/// What was agreed with the engine behind the socket: forgotten as soon as it may be another one.
///
/// Shared by all copies of a client.
package final class EngineSession: Sendable {
    private struct State {
        var version: APIVersion?
        /// The engine's headers when the version was agreed on.
        var engine = EngineHeaders()
        var facts: EngineFacts?
    }

    private let state = Mutex(State())
    /// What each container answered last.
    let inspections = RepeatedAnswers<ContainerDetails>()

    package init() {}

    package var version: APIVersion? { state.withLock { $0.version } }

    package var facts: EngineFacts? {
        get { state.withLock { $0.facts } }
        set { state.withLock { $0.facts = newValue } }
    }

    /// The version that both sides speak.
    func agree(on version: APIVersion, with engine: EngineHeaders) {
        state.withLock { $0 = State(version: version, engine: engine) }
    }

    /// The connection was lost, and the engine may come back as another one.
    func forget() { state.withLock { $0 = State() } }

    /// Looks at the headers of an answer: an engine that was upgraded under a kept session shows in them.
    func note(_ engine: EngineHeaders) {
        state.withLock { state in
            if state.version != nil, engine != state.engine { state = State() }
        }
    }
}
