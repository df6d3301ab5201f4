/// A dictionary of bounded size that forgets what was not used for longest, roughly.
///
/// There are two generations: when the younger is full it becomes the older, and what was in the older is forgotten.
/// What is found in the older moves to the younger. Every operation takes constant time, amortised.
struct Generations<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private var young: [Key: Value] = [:]
    private var old: [Key: Value] = [:]
    private let half: Int

    /// - Parameter most: how many values are kept; the last half of them is kept for certain.
    init(most: Int) { half = max(most / 2, 1) }

    var count: Int { young.count + old.count }

    var all: [Key: Value] { old.merging(young) { _, young in young } }

    subscript(key: Key) -> Value? {
        mutating get {
            if let value = young[key] { return value }
            guard let value = old.removeValue(forKey: key) else { return nil }
            insert(value, key)
            return value
        }
        set {
            old[key] = nil
            guard let newValue else { return young[key] = nil }
            insert(newValue, key)
        }
    }

    private mutating func insert(_ value: Value, _ key: Key) {
        if young.count >= half, young[key] == nil {
            old = young
            young = [:]
        }
        young[key] = value
    }
}
