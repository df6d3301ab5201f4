import Foundation
import Synchronization

/// The last line of a terminal, which is drawn again and again, and never stands in the way of what is written meanwhile.
final class StatusLine: Sendable {
    /// To the first column, and away with what stands there.
    private static let erase = "\r\u{1B}[K"

    private let shown = Mutex("")
    private let output: @Sendable (Data) -> Void

    init(output: @escaping @Sendable (Data) -> Void = { FileHandle.standardError.write($0) }) { self.output = output }

    /// Whether standard error is a terminal that can draw a line again.
    static func isPossible(
        environment: (String) -> String? = { name in getenv(name).map { String(cString: $0) } },
        isTerminal: Bool = isatty(STDERR_FILENO) == 1
    ) -> Bool {
        let kind = environment("TERM") ?? ""
        return isTerminal && !kind.isEmpty && kind != "dumb"
    }

    /// Until it is drawn again: whoever waits for the plan of a large host waits for the plan a twentieth of the time.
    ///
    /// - Parameter question: how long it took to ask what it shows.
    static func pause(after question: Duration) -> Duration { max(.milliseconds(250), question * 20) }

    /// Of the terminal; 80 where it does not say.
    static var width: Int {
        var size = winsize()
        guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }

    /// - Parameter text: one line, no wider than the terminal; empty takes the line away.
    func show(_ text: String) {
        shown.withLock { shown in
            if shown == text { return }
            shown = text
            output(Data((Self.erase + text).utf8))
        }
    }

    /// Writes whole lines above it.
    func write(_ lines: Data) {
        shown.withLock { shown in
            if shown.isEmpty { return output(lines) }
            output(Data(Self.erase.utf8) + lines + Data(shown.utf8))
        }
    }
}
