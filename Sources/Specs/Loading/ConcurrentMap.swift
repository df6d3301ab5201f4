import Dispatch
import Synchronization

extension Array where Element: Sendable {
    /// `map` on all cores, for elements that do not know of each other; the order is kept.
    ///
    /// Elements go in runs, so that small ones do not cost more to hand out than to map.
    package func concurrentMap<Result: Sendable>(_ transform: @Sendable (Element) -> Result) -> [Result] {
        let runs = Swift.min(count, 16)
        guard count > 8 else { return map(transform) }
        let results = Mutex([[Result]](repeating: [], count: runs))
        DispatchQueue.concurrentPerform(iterations: runs) { run in
            let part = self[(count * run / runs)..<(count * (run + 1) / runs)].map(transform)
            results.withLock { $0[run] = part }
        }
        return results.withLock { $0.flatMap(\.self) }
    }
}
