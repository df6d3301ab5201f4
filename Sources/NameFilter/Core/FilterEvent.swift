/// Something that a person may want to know.
package enum FilterEvent: Hashable, Sendable {
    /// A name was asked for and not answered. A sample: the same name of the same bridge is told about once in a while.
    case refused(RefusedName)
    case listening(Listener)
    /// It is tried again, less and less often.
    case notListening(Listener, message: String)
    /// Containers wait for addresses that the kernel did not take.
    case setFailed(bridge: String, AddressSetsError)
}

/// A name that containers behind a bridge asked for in vain.
package struct RefusedName: Hashable, Sendable {
    package var bridge: String
    package var name: String
    package var type: RecordType
    /// `notAllowed`, `blockedAddress` or `longName`.
    package var outcome: Outcome
}

/// Names that were refused: how often, for each bridge, and of which of them somebody is told.
struct RefusalLog: Sendable {
    struct Key: Hashable, Sendable {
        var bridge: String
        var name: DomainName
    }

    struct Note: Sendable {
        var outcome: Outcome
        var count = 0
        var isTold = false
    }

    private var notes = Generations<Key, Note>(most: 4_096)
    private var bucket: TokenBucket

    /// Events per second and at once: what a person can read.
    private static let rate = (perSecond: 0.2, burst: 20)

    init(at now: ContinuousClock.Instant) { bucket = TokenBucket(burst: Self.rate.burst, at: now) }

    /// Counts a refusal; gives an event for the first of its kind, as long as there are not too many.
    mutating func note(
        _ question: Question, _ bridge: String, _ outcome: Outcome, at now: ContinuousClock.Instant
    ) -> FilterEvent? {
        let key = Key(bridge: bridge, name: question.name)
        var note = notes[key] ?? Note(outcome: outcome)
        note.count += 1
        note.outcome = outcome
        var event: FilterEvent?
        if !note.isTold, bucket.take(perSecond: Self.rate.perSecond, burst: Self.rate.burst, at: now) {
            note.isTold = true
            event = .refused(
                RefusedName(
                    bridge: bridge, name: question.name.description, type: question.type, outcome: outcome))
        }
        notes[key] = note
        return event
    }

    /// How often each name was refused lately, of one bridge.
    func counts(of bridge: String) -> [DomainName: Int] {
        Dictionary(
            notes.all.lazy.filter { $0.key.bridge == bridge }.map { ($0.key.name, $0.value.count) },
            uniquingKeysWith: +)
    }
}
