import DequeModule
import Synchronization

/// The newest entries of the daemon's log, for whoever asks by the API; bounded in bytes.
package final class LogMemory: Sendable {
    /// Bytes, as `LogRecord.footprint` counts them.
    package static let capacity = 4 << 20

    private struct Contents {
        var records: Deque<LogRecord> = []
        var footprint = 0
        /// How many entries there were so far: the number of the newest one.
        var last: UInt64 = 0
    }

    private let capacity: Int
    /// Tells the numbers of one run from those of the next.
    private let run = String(UInt32.random(in: 0x1000_0000...(.max)), radix: 16)
    private let contents = Mutex(Contents())

    package init(capacity: Int = LogMemory.capacity) { self.capacity = capacity }

    package func add(_ record: LogRecord) {
        let size = record.footprint
        contents.withLock { contents in
            contents.last += 1
            contents.records.append(record)
            contents.footprint += size
            while contents.footprint > capacity, let oldest = contents.records.popFirst() {
                contents.footprint -= oldest.footprint
            }
        }
    }

    /// - Parameters:
    ///   - limit: the newest so many of those that match.
    ///   - cursor: only entries after it; one of another run, or none, is the beginning.
    package func page(_ query: LogQuery, limit: Int, after cursor: String? = nil) -> LogPage {
        // The deque is a value: what is looked through changes nothing, and nobody waits.
        let (records, last) = contents.withLock { ($0.records, $0.last) }
        let first = last - UInt64(records.count)
        let after = cursor.flatMap { number($0) }
        let skipped = after.map { $0 > first ? Int(min($0, last) - first) : 0 } ?? 0
        let missed = after.map { $0 < first ? Int(first - $0) : 0 } ?? 0
        let found = records.dropFirst(skipped).filter(query.matches)
        return LogPage(items: Array(found.suffix(limit)), cursor: "\(run)-\(last)", missed: missed)
    }

    private func number(_ cursor: String) -> UInt64? {
        let parts = cursor.split(separator: "-")
        guard parts.count == 2, parts[0] == run else { return nil }
        return UInt64(parts[1])
    }
}
