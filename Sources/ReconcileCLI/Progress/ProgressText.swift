import Drivers

/// The line that says how far `--once` is.
enum ProgressText {
    /// `7 of 12 members ready, 58 %, about 20 s left; pulling web:2, 31 of 54 MB`, cut where the terminal ends.
    ///
    /// - Parameter width: columns of the terminal; the last one stays empty, or some terminals begin another line.
    static func line(
        _ convergence: Convergence, pulls: [(reference: String, meter: PullMeter)], width: Int
    ) -> String {
        var parts: [String] = []
        if let sight = convergence.newest, let percent = convergence.percent {
            var part = "\(sight.settled) of \(sight.settled + sight.left) done, \(percent) %"
            if let left = convergence.timeLeft { part += ", about \(Self.duration(left)) left" }
            parts.append(part)
        } else {
            parts.append("looking at the host")
        }
        if let first = pulls.first {
            let more = pulls.count > 1 ? " and \(pulls.count - 1) more" : ""
            let received = pulls.reduce(0) { $0 + $1.meter.received }
            let total = pulls.reduce(0) { $0 + $1.meter.total }
            // Layers that wait have no size yet, so that there is no percentage of the whole.
            let bytes = total > 0 ? ", \(megabytes(received)) of \(megabytes(total)) MB known" : ""
            parts.append("pulling \(first.reference)\(more)\(bytes)")
        }
        return String(parts.joined(separator: "; ").onOneLine.prefix(max(0, width - 1)))
    }

    private static func megabytes(_ bytes: Int64) -> Int64 { (bytes + 500_000) / 1_000_000 }

    /// Coarser than it is known: `5 s`, `40 s`, `3 min`, `2 h`.
    private static func duration(_ duration: Duration) -> String {
        let seconds = Int(duration.components.seconds)
        return switch seconds {
        case ..<5: "5 s"
        case ..<60: "\((seconds + 4) / 5 * 5) s"
        case ..<5_400: "\((seconds + 59) / 60) min"
        default: "\((seconds + 3_599) / 3_600) h"
        }
    }
}
