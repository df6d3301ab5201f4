/// Finds the selectors that select an object without asking each of them.
///
/// A revision may have a policy for every object; to compare each with each would cost the square of its size. Selectors
/// that ask for no value of a label (`{}`, `Exists`, `NotIn`, `DoesNotExist`) are still asked one by one.
struct SelectorIndex {
    private struct Label: Hashable {
        var key: String
        var value: String
    }

    private let selectors: [LabelSelector]
    /// Each selector once, by the label of its own that the fewest others ask for; one of several values by each of them.
    private var byLabel: [Label: [Int]] = [:]
    private var others: [Int] = []

    init(_ selectors: [LabelSelector]) {
        self.selectors = selectors
        var counts: [Label: Int] = [:]
        for (key, value) in selectors.lazy.flatMap(\.matchLabels) {
            counts[Label(key: key, value: value), default: 0] += 1
        }
        for (index, selector) in selectors.enumerated() {
            for label in Self.labels(of: selector, counts) { byLabel[label, default: []].append(index) }
        }
        others = selectors.indices.filter { Self.labels(of: selectors[$0], counts).isEmpty }
    }

    /// An object that is selected has one of these; empty where that is not known.
    private static func labels(of selector: LabelSelector, _ counts: [Label: Int]) -> Set<Label> {
        let asked = selector.matchLabels.map { Label(key: $0.key, value: $0.value) }
        if let rarest = asked.min(by: { counts[$0, default: 0] < counts[$1, default: 0] }) { return [rarest] }
        guard let choice = selector.matchExpressions.first(where: { $0.operator == .in }) else { return [] }
        return Set(choice.values.map { Label(key: choice.key, value: $0) })
    }

    /// The indices of the selectors that select these labels, ascending.
    func selecting(_ labels: [String: String]) -> [Int] {
        guard !selectors.isEmpty else { return [] }
        var found = others
        for (key, value) in labels { found += byLabel[Label(key: key, value: value), default: []] }
        return found.filter { selectors[$0].selects(labels) }.sorted()
    }
}
