public import ArgumentParser
public import Logging
import Specs

/// Go's spelling, as everywhere in the specs: `90s`, `1h30m`.
extension Duration: @retroactive ExpressibleByArgument {
    public init?(argument: String) {
        // The parser of arguments has its own words for a value that cannot be read.
        guard let duration = try? Duration.parse(argument), duration > .zero else { return nil }
        self = duration
    }
}

extension Logger.Level: @retroactive ExpressibleByArgument {}
