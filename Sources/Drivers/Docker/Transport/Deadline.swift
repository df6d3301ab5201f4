/// Thrown when work took longer than it may.
struct DeadlineExceeded: Error {
    var limit: Duration
}

/// Cancels the work at the deadline and throws `DeadlineExceeded`; other errors pass through.
///
/// AsyncHTTPClient's own timeout ends with the head of the answer; a body that never comes needs this one.
func withDeadline<Value: Sendable>(
    _ limit: Duration, _ work: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    try await withThrowingTaskGroup(of: Value.self) { group in
        group.addTask { try await work() }
        group.addTask {
            try await Task.sleep(for: limit)
            throw DeadlineExceeded(limit: limit)
        }
        defer { group.cancelAll() }
        // The group has two tasks, so that there is always a first one.
        guard let first = try await group.next() else { throw CancellationError() }
        return first
    }
}

/// Transforms the items side by side, at most `limit` at a time; the results keep the order of the items.
func concurrentMap<Item: Sendable, Value: Sendable>(
    _ items: [Item], limit: Int, _ transform: @escaping @Sendable (Item) async -> Value
) async -> [Value] {
    await withTaskGroup(of: (index: Int, value: Value).self) { group in
        var results = [Value?](repeating: nil, count: items.count)
        var next = items.startIndex
        func startNext() {
            guard next < items.endIndex else { return }
            let index = next
            next += 1
            group.addTask { (index, await transform(items[index])) }
        }
        for _ in 0..<limit { startNext() }
        for await result in group {
            results[result.index] = result.value
            startNext()
        }
        return results.compactMap(\.self)
    }
}

extension Result {
    /// The outcome of work as a value, so that several can run side by side without losing the type of their error.
    init(of work: () async throws(Failure) -> Success) async {
        do throws(Failure) {
            self = .success(try await work())
        } catch {
            self = .failure(error)
        }
    }
}
