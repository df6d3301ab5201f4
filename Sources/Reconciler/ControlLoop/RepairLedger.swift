import Specs

/// Remembers the last repair of each key that no quiet plan has followed yet: the same once more would be a loop.
///
/// A difference is repaired once. If it is there again, somebody works against us or the engine does not keep what it is
/// told, and the key is `NotConverged`. As somebody may also have changed a container by hand before we could see that the
/// repair had held, there is one more attempt after five minutes; after that only a person or a commit helps.
struct RepairLedger: Sendable {
    private struct Entry {
        var step: Step
        var attempts: Int
        var last: Duration
    }

    private static let pause = Duration.seconds(300)
    private static let mostAttempts = 2

    private var entries: [Key: Entry] = [:]

    /// What speaks against a step that repairs again what the last repair of the key should have put right: nil if it may
    /// be taken, or else what the key waits for, in words.
    ///
    /// - Parameters:
    ///   - isLast: nobody waits for another attempt.
    ///   - isReplacement: whether what is taken away is to be made again.
    ///   - isRetiring: whether this container is on its way out already, whatever for: that another one has to be made says
    ///     nothing of whether the host keeps what it is told.
    func objection(
        to step: Step, of key: Key, in observed: ObservedState, at now: Duration, isLast: Bool, isReplacement: Bool,
        isRetiring: (ObservedContainer) -> Bool
    ) -> String? {
        guard let entry = entries[key], Self.isRepetition(of: entry.step, step, in: observed, isReplacement, isRetiring)
        else { return nil }
        if isLast || entry.attempts >= Self.mostAttempts { return "" }
        if now - entry.last >= Self.pause { return nil }
        return "; one more attempt \(Int(Self.pause / .seconds(60))) min after the last one"
    }

    private static func isRepetition(
        of last: Step, _ step: Step, in observed: ObservedState, _ isReplacement: Bool,
        _ isRetiring: (ObservedContainer) -> Bool
    ) -> Bool {
        switch (last, step) {
        case (.createContainer(let old), .createContainer(let new)) where old.container == new.container:
            guard let made = old.mark.memberID else { return false }
            return observed.containers(of: made.object, slot: made.slot).contains {
                $0.mark == old.mark && !isRetiring($0)
            }
        case (.createContainer(let old), .stop(let made, _)), (.createContainer(let old), .remove(let made)):
            // With strategy recreate the same loop begins with the removal of what was just made.
            guard let container = observed.containers[made.id] else { return false }
            return container.mark == old.mark && isReplacement && !isRetiring(container)
        case (.update, .update), (.rename, .rename): return last == step
        default: return false
        }
    }

    /// Notes a repair that was carried out.
    mutating func made(_ step: Step, of key: Key, at now: Duration) {
        // The next attempt of a run is none: it comes because the one before has failed.
        if step.creation?.member.object.kind == .scheduledTask { return }
        let isSame =
            switch (entries[key]?.step, step) {
            case (.createContainer(let old)?, .createContainer(let new)): old.container == new.container
            case (let old, _): old == step
            }
        entries[key] = Entry(step: step, attempts: isSame ? (entries[key]?.attempts ?? 0) + 1 : 1, last: now)
    }

    /// The repair has held.
    mutating func forget(_ key: Key) { entries[key] = nil }

    mutating func forgetAll() { entries = [:] }

    /// Forgets the keys of these objects.
    mutating func forget(where isForgotten: (Key) -> Bool) {
        entries = entries.filter { !isForgotten($0.key) }
    }
}
