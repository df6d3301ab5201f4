import Dispatch

extension Array where Element: Sendable {
    /// `map` on all cores, for elements that do not know of each other; the order is kept.
    ///
    /// Elements go in runs, so that small ones do not cost more to hand out than to map.
    package func concurrentMap<Result: Sendable>(_ transform: @Sendable (Element) -> Result) -> [Result] {
        guard count > 8 else { return map(transform) }
        let runs = Swift.min(count, 16)
        return [Result](unsafeUninitializedCapacity: count) { results, initialized in
            // Each run fills places of its own, and all of them have ended when this goes on.
            nonisolated(unsafe) let results = results
            DispatchQueue.concurrentPerform(iterations: runs) { run in
                for index in (count * run / runs)..<(count * (run + 1) / runs) {
                    results.initializeElement(at: index, to: transform(self[index]))
                }
            }
            initialized = count
        }
    }
}
