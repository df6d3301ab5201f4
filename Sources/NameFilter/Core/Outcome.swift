/// What became of a query.
package enum Outcome: String, CaseIterable, Hashable, Sendable {
    /// An answer with records, of which everything was in place.
    case cached
    /// An answer with records, for which an upstream resolver or the kernel was waited for.
    case resolved
    /// The name, or the type of record, does not exist.
    case negative
    /// No rule allows the name.
    case notAllowed
    /// The name is allowed, questions of this type are not passed on.
    case typeNotPassed
    /// All addresses are in blocked ranges: the mark of DNS rebinding.
    case blockedAddress
    /// The name is longer than any below a wildcard should be.
    case longName
    /// No message.
    case malformed
    /// ANY, transfers of zones, other classes, operations other than queries.
    case unserved
    /// From an address that is not of the bridge.
    case foreignClient
    /// The client asks too much.
    case rateLimited
    /// The bridge asks for too many names that are not known, or too many new ones below a wildcard.
    case lookupsLimited
    /// Too many queries wait already.
    case overloaded
    /// No upstream resolver gave a usable answer.
    case upstreamFailed
    /// The bridge has as many open addresses as it may have.
    case setFull
    /// The kernel's sets did not take the addresses.
    case setFailed
}

/// What the filter did so far, and what it holds.
package struct FilterFigures: Hashable, Sendable {
    package var outcomes: [Outcome: Int] = [:]
    package var queriesOverUDP = 0
    package var queriesOverTCP = 0
    /// Queries to upstream resolvers by what became of them.
    package var exchanges: [UpstreamOutcome: Int] = [:]
    /// Answers without records that a stale answer took the place of.
    package var staleAnswers = 0
    /// How long queries took that had to wait and were answered: counts by bucket, one more than there are bounds.
    package var durations = Array(repeating: 0, count: Self.bounds.count + 1)
    package var durationSum = Duration.zero
    package var cachedAnswers = 0
    package var openAddresses = 0

    /// Upper bounds of the buckets, in seconds.
    package static let bounds: [Double] = [0.001, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5]

    package init() {}

    mutating func observe(_ duration: Duration) {
        let seconds = duration / .seconds(1)
        durations[Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count] += 1
        durationSum += duration
    }
}

/// What became of a query to an upstream resolver.
package enum UpstreamOutcome: String, CaseIterable, Hashable, Sendable {
    case answered
    /// The answer did not fit into a datagram and was asked for again over TCP.
    case truncated
    /// Answers came that were not to the question; it was asked again over TCP.
    case suspicious
    /// What came is no message, or aliases in a circle.
    case unusable
    /// A code other than "no error" and "no such name".
    case refused
    case timedOut
    case unreachable
}
