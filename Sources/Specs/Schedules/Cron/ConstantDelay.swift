/// A schedule that only counts from its last run: robfig/cron's `@every 5m`.
///
/// The spec language does not take it, because it has no memory of a restart. Intervals that need no clock are made of it.
package struct ConstantDelay: Hashable, Sendable, CustomStringConvertible {
    /// Whole seconds, 1 or more.
    package let seconds: Int64

    /// Fractions of a second are dropped, and less than a second is a second.
    package init(_ delay: Duration) { seconds = max(1, delay.components.seconds) }

    package func next(after instant: Instant) -> Instant { instant.advanced(bySeconds: seconds) }

    /// `@every 1h30m`
    package var description: String { "@every \(Duration.seconds(seconds).goText)" }

    /// Reads `@every` and a duration in Go's spelling.
    package static func parse(_ text: String) throws(InvalidText) -> ConstantDelay {
        try InvalidText.check(text, "the interval", example: "@every 5m")
        guard text.hasPrefix("@every ") else {
            throw InvalidText("\(Diagnostic.quote(text)) is not an interval", hint: "such as '@every 5m'")
        }
        do throws(QuantityError) {
            return ConstantDelay(try Duration.parse(String(text.dropFirst("@every ".count))))
        } catch {
            throw InvalidText("\(Diagnostic.quote(text)) does not say how long", hint: error.problem)
        }
    }
}
