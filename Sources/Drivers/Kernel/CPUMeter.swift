/// Turns a count of CPU time into a rate.
///
/// Whoever asks again within a second hears the rate of before: of a span that is next to nothing a rate says nothing.
struct CPUMeter: Sendable {
    static let shortest = Duration.seconds(1)

    private var last: (nanoseconds: Int64, at: Duration)?
    private var rate: MemberUsage.Rate?

    /// Since the look that was at least a second ago; nil at the first, and where the count began anew.
    mutating func rate(nanoseconds: Int64, at now: Duration) -> MemberUsage.Rate? {
        if let last {
            let span = now - last.at
            if span < Self.shortest, nanoseconds >= last.nanoseconds { return rate }
            rate =
                nanoseconds < last.nanoseconds
                ? nil
                : MemberUsage.Rate(
                    nanoCPUs: Int64(Double(nanoseconds - last.nanoseconds) / (span / .seconds(1))),
                    seconds: span.components.seconds + 1)
        }
        last = (nanoseconds, now)
        return rate
    }
}
