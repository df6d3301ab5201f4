/// A number of members, or a share of them; Kubernetes' IntOrString.
package enum CountOrPercent: Hashable, Sendable, CustomStringConvertible {
    case count(Int)
    case percent(Percentage)

    package var description: String {
        switch self {
        case .count(let count): String(count)
        case .percent(let share): share.description
        }
    }
}

extension CountOrPercent {
    /// The number of so many, a share rounded up.
    package func roundedUp(of total: Int) -> Int {
        switch self {
        case .count(let count): count
        case .percent(let share): share.roundedUp(of: total)
        }
    }

    /// The number of so many, a share rounded down.
    package func roundedDown(of total: Int) -> Int {
        switch self {
        case .count(let count): count
        case .percent(let share): share.roundedDown(of: total)
        }
    }
}

extension ValueType where Value == CountOrPercent {
    /// A count, or a share of up to 100 %.
    package static func countOrPercent(upTo most: Int = 1000) -> ValueType<CountOrPercent> {
        .either(
            .integer(in: 0...most), .percent(in: Percentage(0)...Percentage(100)), isFirst: \.isInteger,
            { .count($0) }, { .percent($0) }, text: { $0.description })
    }
}

extension YAMLNode {
    /// Whether this is an integer without quotes.
    var isInteger: Bool {
        guard case .scalar(let scalar) = content else { return false }
        return switch scalar.value {
        case .integer, .hugeInteger, .leadingZero: true
        default: false
        }
    }
}
