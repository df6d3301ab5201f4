package import FoundationEssentials
import Specs

/// One line that a container wrote.
package struct OutputLine: Hashable, Sendable {
    package enum Stream: String, Hashable, Sendable {
        case output = "stdout"
        case error = "stderr"
    }

    package var stream: Stream
    /// When the engine had it; nil where it does not say.
    package var time: OutputTime?
    /// As they were written, without the `\n` at the end. Whatever a container writes: no text, or what steers a terminal.
    package var bytes: Data

    package init(_ stream: Stream, at time: OutputTime?, _ bytes: Data) {
        self.stream = stream
        self.time = time
        self.bytes = bytes
    }
}

/// When a line was written, to the nanosecond, in the engine's own spelling: `2026-11-22T10:00:00.000000001Z`.
package struct OutputTime: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// Always of one width and in UTC (`RFC3339NanoFixed` in moby's pkg/jsonmessage), so that the order of texts is that of
    /// times.
    package let description: String
    private let seconds: Int64
    private let nanoseconds: Substring

    /// - Returns: nil for anything else.
    package init?(_ text: String) {
        // Why it is no time is of no interest.
        guard text.utf8.count == 30, text.hasSuffix("Z"), let moment = try? Instant.parse(text) else { return nil }
        description = text
        seconds = moment.secondsSince1970
        nanoseconds = text.dropFirst(20).dropLast()
    }

    /// As the engine takes it: seconds since 1970, and nanoseconds.
    var since: String { "\(seconds).\(nanoseconds)" }

    package static func < (a: Self, b: Self) -> Bool { a.description < b.description }
    package static func == (a: Self, b: Self) -> Bool { a.description == b.description }
    package func hash(into hasher: inout Hasher) { hasher.combine(description) }
}
