import Foundation
package import Logging

/// One JSON object per line on standard error: `{"event":…,"level":…,"message":…,"service":"reconcile","timestamp":…}`.
package struct JSONLogHandler: LogHandler {
    package var metadata: Logger.Metadata = [:]
    package var logLevel: Logger.Level
    /// Takes each line; a test listens here.
    var output: @Sendable (Data) -> Void = { FileHandle.standardError.write($0) }

    package init(logLevel: Logger.Level) { self.logLevel = logLevel }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        var fields = metadata.merging(event.metadata ?? [:]) { _, new in new }.mapValues(\.description)
        fields["timestamp"] = Date.now.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        fields["level"] = event.level.rawValue
        fields["service"] = "reconcile"
        fields["message"] = fields["message"].map { "\(event.message): \($0)" } ?? event.message.description
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Strings always encode, so there is no error to speak of; a log line is not worth a crash.
        guard let line = try? encoder.encode(fields) else { return }
        output(line + Data("\n".utf8))
    }

    static func logger(_ level: Logger.Level) -> Logger {
        Logger(label: "reconcile") { _ in JSONLogHandler(logLevel: level) }
    }
}
