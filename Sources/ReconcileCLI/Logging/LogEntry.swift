import API
import Foundation
import GitSource
import Logging

/// One entry of the log, before it is a line.
struct LogEntry: Sendable {
    let time: Date
    let level: Logger.Level
    /// The constant message, and what the field `message` adds to it.
    let message: String
    /// Without `message`, sorted by key.
    let fields: [(key: String, value: Value)]

    /// Of a field; text never holds the user and password of an address.
    typealias Value = LogValue

    init(time: Date, level: Logger.Level, text: String, fields: Logger.Metadata) {
        self.time = time
        self.level = level
        let whole = fields["message"].map { "\(text): \($0)" } ?? text
        message = Redaction.hidingUsers(in: whole)
        self.fields = fields.filter { $0.key != "message" }.sorted { $0.key < $1.key }.map {
            ($0.key, Value($0.value))
        }
    }

    /// What a daemon has kept, or what stands in an archive.
    init(_ record: LogRecord) {
        time = record.time
        level = record.level
        message = record.message
        fields = record.fields.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }

    /// As it is kept.
    var record: LogRecord {
        LogRecord(time: time, level: level, message: message, fields: members)
    }

    private var members: [String: Value] { Dictionary(fields.map { ($0.key, $0.value) }) { first, _ in first } }

    private var timestamp: String { LogRecord.stamp(time) }
}

extension LogEntry.Value {
    init(_ value: Logger.MetadataValue) {
        switch value {
        case .string(let text): self = .text(Redaction.hidingUsers(in: text))
        case .stringConvertible(let value):
            switch value {
            case let value as Bool: self = .boolean(value)
            case let value as any BinaryInteger: self = Int64(exactly: value).map { .integer($0) } ?? .text("\(value)")
            // JSON has no words for infinities.
            case let value as Double where value.isFinite: self = .number(value)
            default: self = .text(Redaction.hidingUsers(in: value.description))
            }
        case .array(let values): self = .list(values.map { LogEntry.Value($0) })
        case .dictionary(let values): self = .map(values.mapValues { LogEntry.Value($0) })
        }
    }
}

// MARK: JSON

extension LogEntry {
    /// One JSON object with sorted keys and a line break.
    var json: Data? {
        var members = members
        members["timestamp"] = .text(timestamp)
        members["level"] = .text(level.rawValue)
        members["service"] = .text("reconcile")
        members["message"] = .text(message)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        // Text and finite numbers always encode, so there is no error to speak of; a log line is not worth a crash.
        return (try? encoder.encode(members)).map { $0 + Data("\n".utf8) }
    }
}

extension LogRecord {
    /// Reads one line of the log as it is written in JSON; nil for anything else.
    init?(jsonLine: some Sequence<UInt8>) {
        guard let members = try? JSONDecoder().decode([String: LogValue].self, from: Data(jsonLine)),
            case .text(let stamp) = members["timestamp"], let time = try? Self.timeFormat.parse(stamp),
            case .text(let name) = members["level"], let level = Logger.Level(rawValue: name),
            case .text(let message) = members["message"]
        else {
            // What is no entry of the log is counted by whoever asks.
            return nil
        }
        let own: Set = ["timestamp", "level", "service", "message"]
        self.init(time: time, level: level, message: message, fields: members.filter { !own.contains($0.key) })
    }
}

// MARK: Text

extension LogEntry {
    /// `2026-11-21T16:40:00.123Z notice   started  event=daemon.started host=web-1`, on one line whatever it holds.
    func text(_ style: Style) -> String {
        let name = level.rawValue.padding(toLength: 8, withPad: " ", startingAt: 0)
        let pairs = fields.map { "\($0.key)=\($0.value.word)" }.joined(separator: " ")
        let line = "\(timestamp) \(style(name, level.role)) \(Self.shown(message))"
        return pairs.isEmpty ? line : line + "  " + style(pairs, .frame)
    }

    /// What would steer a terminal or break the line is shown as its number.
    fileprivate static func shown(_ text: String) -> String {
        var shown = ""
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator:
                shown += "\\u{\(String(scalar.value, radix: 16))}"
            default: shown.unicodeScalars.append(scalar)
            }
        }
        return shown
    }
}

extension LogEntry.Value {
    /// In quotes where blanks would end it.
    fileprivate var word: String {
        switch self {
        case .text(let text):
            let shown = LogEntry.shown(text)
            return shown.isEmpty || shown.contains(where: { $0 == " " || $0 == "\"" || $0 == "=" })
                ? "\"\(shown.replacing("\"", with: "\\\""))\"" : shown
        case .integer(let value): return String(value)
        case .number(let value): return String(value)
        case .boolean(let value): return String(value)
        case .list(let values): return "[" + values.map(\.word).joined(separator: ",") + "]"
        case .map(let values):
            return "{" + values.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.word)" }.joined(separator: ",")
                + "}"
        }
    }
}

extension Logger.Level {
    fileprivate var role: Style.Role {
        switch self {
        case .trace, .debug: .frame
        case .info, .notice: .info
        case .warning: .warning
        case .error, .critical: .error
        }
    }
}
