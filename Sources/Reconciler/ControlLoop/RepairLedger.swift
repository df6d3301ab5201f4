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

    /// Whether the step repairs again what the last repair of the key should have put right.
    ///
    /// - Parameter isReplaced: whether the action takes this container away to make another one like it.
    func isRepetition(_ step: Step, of key: Key, in observed: ObservedState, isReplaced: (ObservedContainer) -> Bool)
        -> Bool
    {
        guard let last = entries[key]?.step else { return false }
        switch (last, step) {
        case (.createContainer(let old), .createContainer(let new)) where old.container == new.container:
            guard let made = old.mark.memberID else { return false }
            return observed.containers(of: made.object, slot: made.slot).contains { $0.mark == old.mark }
        case (.createContainer(let old), .stop(let made, _)), (.createContainer(let old), .remove(let made)):
            // With strategy recreate the same loop begins with the removal of what was just made.
            guard let container = observed.containers[made.id] else { return false }
            return container.mark == old.mark && isReplaced(container)
        case (.update, .update), (.rename, .rename): return last == step
        default: return false
        }
    }

    /// Whether the key may be repaired once more.
    func mayRepeat(_ key: Key, at now: Duration) -> Bool {
        guard let entry = entries[key] else { return true }
        return entry.attempts < Self.mostAttempts && now - entry.last >= Self.pause
    }

    /// What the key waits for, in words.
    func outlook(of key: Key) -> String {
        guard let entry = entries[key], entry.attempts < Self.mostAttempts else { return "" }
        return "; one more attempt \(Int(Self.pause / .seconds(60))) min after the last one"
    }

    /// Notes a repair that was carried out.
    mutating func made(_ step: Step, of key: Key, at now: Duration) {
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
