package import Specs

/// One step that is about to be taken, written down before its first call.
///
/// An intent without an outcome is a step that may have happened: after a crash its key is looked at before anything
/// else is done to it.
package struct Intent: Hashable, Codable, Sendable {
    /// The format of what is stored. A version that finds another one keeps the intent and holds its key.
    package static let format = 1

    /// Counts up within one state store, never reused.
    package var id: Int64
    package var key: Key
    /// The step in short, as `Step.name` gives it: `create-container`.
    package var step: String
    /// What the step is about: the name of a container, network or volume, or an image reference.
    package var subject: String
    /// The incarnation that a create makes; nil for every other step.
    package var incarnation: Int?
    /// The id of the revision that asked for it.
    package var revision: String
    /// The sequence number of the newest fact that the decision rests on.
    package var observation: UInt64
    /// The start of the engine that it was decided for, as `EngineFacts.start` says it.
    package var engine: String
    /// When it was written, by the wall clock; for people only.
    package var begun: Instant

    package init(
        id: Int64, key: Key, step: String, subject: String, incarnation: Int? = nil, revision: String,
        observation: UInt64, engine: String, begun: Instant
    ) {
        self.id = id
        self.key = key
        self.step = step
        self.subject = subject
        self.incarnation = incarnation
        self.revision = revision
        self.observation = observation
        self.engine = engine
        self.begun = begun
    }
}

extension Intent {
    /// What the step was to make; nil for every step but a create.
    var creation: MemberInstance? {
        guard case .member(let member) = key, let incarnation else { return nil }
        return MemberInstance(member, incarnation)
    }

    /// The network that the step was to make or remove.
    var network: String? { ["create-network", "remove-network"].contains(step) ? subject : nil }
}

/// An intent that this version cannot read: a newer one began it.
package struct UnknownIntent: Hashable, Sendable {
    package var id: Int64
    package var format: Int
    /// The key as text, such as `Workload/web/3`; its kind may be unknown as well.
    package var key: String

    package init(id: Int64, format: Int, key: String) {
        self.id = id
        self.format = format
        self.key = key
    }
}

/// How a step ended.
package enum StepOutcome: Hashable, Codable, Sendable {
    case done
    /// Nothing happened; the same step is tried again after the key's backoff.
    case retry(String)
    /// The host is not as it was when the step was decided on: look, then plan anew.
    case observeAgain(String)
    /// The call may or may not have happened: look before anything else.
    case unknown(String)
    /// Only a person or a commit can help.
    case stalled(String)

    /// Whether the answer says what became of the step.
    package var isKnown: Bool {
        if case .unknown = self { false } else { true }
    }

    /// One word for logs, events and metrics.
    package var name: String {
        switch self {
        case .done: "done"
        case .retry: "retry"
        case .observeAgain: "observe-again"
        case .unknown: "unknown"
        case .stalled: "stalled"
        }
    }

    /// Why it is not done; nil when it is.
    package var message: String? {
        switch self {
        case .done: nil
        case .retry(let message), .observeAgain(let message), .unknown(let message), .stalled(let message): message
        }
    }
}
