public import ArgumentParser
public import Logging
import Specs

extension Duration {
    /// Go's spelling, as everywhere in the specs: `90s`, `1h30m`.
    ///
    /// - Throws: `ValidationError` that says what would be right.
    static func parse(argument: String) throws -> Duration {
        let expected = "a duration is written like 30s, 5m or 2h"
        do throws(QuantityError) {
            let duration = try parse(argument)
            if duration > .zero { return duration }
        } catch {
            throw ValidationError(expected + (error.problem.map { "; \($0)" } ?? ""))
        }
        throw ValidationError(expected + ", and is more than 0s")
    }
}

extension Logger.Level: @retroactive ExpressibleByArgument {}
