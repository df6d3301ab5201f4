import Foundation

/// Waits until a condition holds; false when it still does not after the time given.
///
/// For what another task does by itself; the pauses between two looks are too short to matter. The limit is generous,
/// because tests that compute for long may keep every thread busy.
package func eventually(
    within limit: Duration = .seconds(60), _ condition: () async throws -> Bool
) async rethrows -> Bool {
    let end = ContinuousClock.now + limit
    while ContinuousClock.now < end {
        if try await condition() { return true }
        // A cancelled sleep only shortens the pause.
        try? await Task.sleep(for: .milliseconds(2))
    }
    return try await condition()
}

/// Seeds of generated cases: a fixed corpus, or the one that the environment variable `SEED` names.
package enum Seeds {
    package static func corpus(_ count: Int) -> [UInt64] {
        if let text = ProcessInfo.processInfo.environment["SEED"], let seed = UInt64(text) { return [seed] }
        return (1...UInt64(count)).map { $0 &* 0x9E37_79B9_7F4A_7C15 }
    }
}
