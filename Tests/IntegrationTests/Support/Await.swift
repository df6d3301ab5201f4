/// A condition did not come true in time.
struct NotInTime: Error, CustomStringConvertible {
    let what: String
    let deadline: Duration

    var description: String { "not within \(deadline): \(what)" }
}

/// Asks until the answer is there, and returns it.
///
/// - Throws: `NotInTime`, or what the question throws.
@discardableResult
func eventually<Value>(
    _ what: String, within deadline: Duration = .seconds(30), every pause: Duration = .milliseconds(50),
    _ question: () async throws -> Value?
) async throws -> Value {
    let end = ContinuousClock.now + deadline
    while true {
        if let value = try await question() { return value }
        if ContinuousClock.now > end { throw NotInTime(what: what, deadline: deadline) }
        try await Task.sleep(for: pause)
    }
}

/// Asks until the answer is yes.
func eventually(
    _ what: String, within deadline: Duration = .seconds(30), every pause: Duration = .milliseconds(50),
    _ condition: () async throws -> Bool
) async throws {
    let _: Bool = try await eventually(what, within: deadline, every: pause) { try await condition() ? true : nil }
}
