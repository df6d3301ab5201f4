package import API
import Foundation
package import Logging

/// Writes the log on standard error, one line an entry: JSON for programs, or text for people.
package struct LineLogHandler: LogHandler {
    package var metadata: Logger.Metadata = [:]
    private let shared: LogLevel
    /// Of a logger that has a level for itself.
    private var own: Logger.Level?
    /// Takes each line; a test listens here.
    var output: @Sendable (Data) -> Void = { FileHandle.standardError.write($0) }
    /// Keeps the newest entries for the API.
    private let memory: LogMemory?
    private let format: @Sendable (LogEntry) -> Data?

    /// - Parameter format: makes a line of an entry, with its line break; nil drops it.
    init(_ level: LogLevel, keeping memory: LogMemory? = nil, format: @escaping @Sendable (LogEntry) -> Data?) {
        shared = level
        self.memory = memory
        self.format = format
    }

    /// `{"event":…,"level":…,"message":…,"service":"reconcile","timestamp":…}`
    package static func json(_ level: LogLevel, keeping memory: LogMemory? = nil) -> Self {
        Self(level, keeping: memory) { $0.json }
    }

    package var logLevel: Logger.Level {
        get { own ?? shared.value }
        set { own = newValue }
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        let entry = LogEntry(
            time: .now, level: event.level, text: event.message.description,
            fields: metadata.merging(event.metadata ?? [:]) { _, new in new })
        memory?.add(entry.record)
        if let line = format(entry) { output(line) }
    }
}

extension LogSettings {
    /// The log of the program.
    ///
    /// - Parameters:
    ///   - level: what is logged when nobody said it.
    ///   - line: what is drawn below it; nil is nothing.
    ///   - isTerminal: whether standard error is one.
    func logger(
        unlessSaid level: Logger.Level, above line: StatusLine? = nil, isTerminal: Bool = isatty(STDERR_FILENO) == 1
    ) -> Logger {
        logger(LogLevel(self.level ?? level), above: line, isTerminal: isTerminal)
    }

    /// The log of the program, with a level that can change.
    ///
    /// - Parameters:
    ///   - memory: keeps the newest entries; nil keeps none.
    ///   - line: what is drawn below it; nil is nothing.
    func logger(
        _ level: LogLevel, keeping memory: LogMemory? = nil, above line: StatusLine? = nil,
        isTerminal: Bool = isatty(STDERR_FILENO) == 1
    ) -> Logger {
        var handler: LineLogHandler
        switch format {
        case .auto where isTerminal, .text:
            let style = Style(isColored: isTerminal && ColorChoice.auto.isOn(for: STDERR_FILENO))
            handler = LineLogHandler(level, keeping: memory) { Data(($0.text(style) + "\n").utf8) }
        case .auto, .json: handler = .json(level, keeping: memory)
        }
        if let line { handler.output = { line.write($0) } }
        return Logger(label: "reconcile") { [handler] _ in handler }
    }
}
