/// How many claims came within the last minute, second by second.
struct ArrivalRate: Hashable, Sendable {
    /// Shorter than this a rate says nothing.
    private static let shortest: Int64 = 15
    private static let longest: Int64 = 60

    private var counts = [Int](repeating: 0, count: Int(longest))
    /// The second that the newest count is of.
    private var last: Int64 = 0

    mutating func arrived(at now: Duration) {
        advance(to: now)
        counts[Int(last % Self.longest)] += 1
    }

    /// Claims a second, within the last minute or since the start of the program; nil before that is long enough.
    mutating func perSecond(at now: Duration) -> Double? {
        advance(to: now)
        guard last >= Self.shortest else { return nil }
        return Double(counts.reduce(0, +)) / Double(min(last, Self.longest))
    }

    private mutating func advance(to now: Duration) {
        let second = max(last, now.components.seconds)
        for passed in 0..<min(second - last, Self.longest) { counts[Int((second - passed) % Self.longest)] = 0 }
        last = second
    }
}
