import Foundation

/// Repeated measurements of one thing, in one unit.
struct Samples: Sendable {
    private let sorted: [Double]

    init(_ values: [Double]) { sorted = values.sorted() }

    var count: Int { sorted.count }
    var minimum: Double { sorted.first ?? .nan }
    var maximum: Double { sorted.last ?? .nan }
    var median: Double { percentile(50) }

    /// The smallest value that at least this share of the values does not exceed (nearest rank).
    func percentile(_ percent: Double) -> Double {
        guard !sorted.isEmpty else { return .nan }
        let rank = (percent / 100 * Double(sorted.count)).rounded(.up)
        return sorted[min(max(Int(rank), 1), sorted.count) - 1]
    }
}

extension Duration {
    var milliseconds: Double { self / .milliseconds(1) }
    var seconds: Double { self / .seconds(1) }
}

extension Double {
    /// With a fixed number of decimals.
    func text(_ decimals: Int) -> String { String(format: "%.\(decimals)f", self) }
}

extension Int {
    /// Bytes, for people.
    var mebibytes: String { (Double(self) / 1_048_576).text(1) + " MiB" }
}
