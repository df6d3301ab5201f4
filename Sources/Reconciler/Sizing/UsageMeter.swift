package import Specs
import Synchronization

/// Remembers what containers use, object by object, for recommendations; gone with the program.
///
/// About 4 KiB of each object, and no more than 2,000 objects: what was not seen for longest is forgotten first.
package final class UsageMeter: Sendable {
    private static let mostObjects = 2_000

    private let histories = Mutex<[ResourceID: UsageHistory]>([:])

    package init() {}

    package func take(_ samples: [UsageSample], at now: Duration) {
        if samples.isEmpty { return }
        histories.withLock { histories in
            for sample in samples { histories[sample.object, default: UsageHistory()].add(sample, at: now) }
            let present = Dictionary(grouping: samples, by: \.object).mapValues { Set($0.map(\.container)) }
            for (object, containers) in present { histories[object]?.forget(allBut: containers) }
            while histories.count > Self.mostObjects {
                let oldest = histories.min { ($0.value.lastSample, $0.key) < ($1.value.lastSample, $1.key) }
                guard let oldest else { break }
                histories[oldest.key] = nil
            }
        }
    }

    /// What is known of each object.
    package var summaries: [ResourceID: UsageSummary] { histories.withLock { $0.compactMapValues(\.summary) } }
}
