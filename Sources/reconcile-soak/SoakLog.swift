import Glibc
import Synchronization

/// What happened and what did not hold, printed as it comes.
final class SoakLog: Sendable {
    private struct State {
        var violations: [String] = []
        var counts: [String: Int] = [:]
    }

    private let state = Mutex(State())
    private let began = ContinuousClock.now

    var violations: [String] { state.withLock { $0.violations } }

    func say(_ text: String) {
        let seconds = (ContinuousClock.now - began).components.seconds
        Self.write("\(seconds)s \(text)")
    }

    /// Counts something for the summary.
    func count(_ what: String, _ number: Int = 1) { state.withLock { $0.counts[what, default: 0] += number } }

    /// - Parameter invariant: its name in docs/simulator.md, such as `S4`.
    func violated(_ invariant: String, _ text: String) {
        let text = "\(invariant): \(text)"
        let isNew = state.withLock { state in
            let isNew = !state.violations.contains(text)
            if isNew { state.violations.append(text) }
            return isNew
        }
        if isNew { say("VIOLATED \(text)") }
    }

    func summarize() {
        let (counts, violations) = state.withLock { ($0.counts, $0.violations) }
        Self.write("---")
        for (what, number) in counts.sorted(by: { $0.key < $1.key }) { Self.write("\(what): \(number)") }
        for violation in violations { Self.write("VIOLATED \(violation)") }
        Self.write(violations.isEmpty ? "all that was checked held" : "violations: \(violations.count)")
    }

    /// At once, so that somebody who watches a file sees it too.
    private static func write(_ line: String) {
        let bytes = Array((line + "\n").utf8)
        // Nothing is left to be said to whoever has closed our output.
        _ = Glibc.write(1, bytes, bytes.count)
    }
}
