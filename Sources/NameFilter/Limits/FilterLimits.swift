/// What bounds the filter's work and memory, and what a container can do with it.
package struct FilterLimits: Hashable, Sendable {
    // MARK: Times of answers

    /// The shortest and the longest that an answer is used, whatever its TTL says.
    package var ttl: ClosedRange<Duration> = .seconds(30) ... .seconds(3600)
    /// The same of answers that there is nothing.
    package var negativeTTL: ClosedRange<Duration> = .seconds(5) ... .seconds(300)
    /// How much longer than the client's TTL addresses stay in the kernel's sets: programs connect a moment after they
    /// resolve, and some do not look at TTLs.
    package var grace = Duration.seconds(120)
    /// How long expired answers may be served while no upstream answers; what is served then has the shortest TTL.
    package var staleFor = Duration.seconds(3600)
    /// How long it is remembered that no upstream answered.
    package var failuresFor = Duration.seconds(1)

    // MARK: Sizes

    /// The most records that are taken from one answer.
    package var recordsPerAnswer = 64
    /// The most aliases between a name and its addresses.
    package var aliases = 8
    /// The most answers that are kept.
    package var cachedAnswers = 20_000
    /// The most addresses that are open for one bridge at a time; the kernel's sets must have room for as many.
    package var grantsPerBridge = 16_384

    // MARK: Rates

    /// Of one client, answered or not; what is beyond is dropped.
    package var queriesPerSecond = 1_000
    /// Of one bridge, that need an upstream resolver.
    package var lookupsPerSecond = 50
    package var burstOfLookups = 500
    /// Names below one wildcard that a bridge asks for the first time: what a tunnel needs and no program does.
    package var newNamesPerMinute = 120
    package var burstOfNewNames = 300
    /// The most bytes below the star of a wildcard.
    package var bytesBelowWildcard = 100
    /// Queries of one bridge, and of all, that wait for an upstream resolver or for the kernel.
    package var waitingPerBridge = 256
    package var waiting = 1_024

    // MARK: Connections

    package var connectionsPerListener = 128
    package var queriesPerConnection = 64
    package var idleConnection = Duration.seconds(10)

    package init() {}

    /// How long an answer is used.
    func lifetime(of answer: VettedAnswer) -> Duration {
        let bounds = answer.isEmpty ? negativeTTL : ttl
        return min(max(.seconds(Int64(answer.ttl)), bounds.lowerBound), bounds.upperBound)
    }
}
