import Specs

/// Why something could not be measured or told, in a few words.
struct MetricFailure: Error, Hashable, Sendable {
    /// The most of it that is shown: it goes to conditions, events, logs and terminals.
    static let mostCharacters = 200

    let message: String

    /// - Parameter message: may hold words of a program or server that nobody here wrote: it is cut, and what ends a line or
    ///   steers a terminal becomes a space.
    init(_ message: String) {
        var text = String.UnicodeScalarView()
        for scalar in message.unicodeScalars.prefix(Self.mostCharacters) {
            text.append(Self.isPlain(scalar) ? scalar : " ")
        }
        if message.unicodeScalars.count > Self.mostCharacters { text.append("…") }
        self.message = String(text)
    }

    private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned: false
        default: true
        }
    }

    /// What the body comes to, or that it did not answer when the time is up. It is cancelled then, and whatever it began is over
    /// when this returns.
    static func within<Value: Sendable>(
        _ timeout: Duration, _ body: @escaping @Sendable () async -> Result<Value, MetricFailure>
    ) async throws(MetricFailure) -> Value {
        let ending = await withTaskGroup(of: Result<Value, MetricFailure>?.self) { group in
            group.addTask { await .some(body()) }
            group.addTask {
                // A cancelled sleep only means that the answer was faster.
                try? await Task.sleep(for: timeout)
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
        guard let ending else { throw MetricFailure("it did not answer within \(timeout.goText)") }
        return try ending.get()
    }
}
