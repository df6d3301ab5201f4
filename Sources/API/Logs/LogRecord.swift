package import Foundation
package import Logging
package import Specs

/// What a field of the log may be.
package indirect enum LogValue: Hashable, Sendable {
    case text(String)
    case integer(Int64)
    case number(Double)
    case boolean(Bool)
    case list([LogValue])
    case map([String: LogValue])
}

/// One entry of the daemon's log.
package struct LogRecord: Hashable, Sendable {
    /// To the millisecond.
    package var time: Date
    package var level: Logger.Level
    package var message: String
    /// Among them `event`, which programs tell entries apart by.
    package var fields: [String: LogValue]

    package init(time: Date, level: Logger.Level, message: String, fields: [String: LogValue]) {
        self.time = time
        self.level = level
        self.message = message
        self.fields = fields
    }

    package var event: String? {
        if case .text(let event) = fields["event"] { return event }
        return nil
    }

    /// What it takes in memory, in bytes, roughly: its texts, and what surrounds them.
    package var footprint: Int {
        fields.reduce(128 + message.utf8.count) { $0 + 64 + $1.key.utf8.count + $1.value.footprint }
    }

    /// RFC 3339 with milliseconds, in UTC.
    package static let timeFormat = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

    /// The format cuts off what is less than a millisecond, and a time that was read may lie just below the one that was
    /// written: rounded, it is written as it stood.
    package static func stamp(_ time: Date) -> String { time.addingTimeInterval(0.0005).formatted(timeFormat) }
}

extension LogValue {
    fileprivate var footprint: Int {
        switch self {
        case .text(let text): text.utf8.count
        case .integer, .number, .boolean: 0
        case .list(let values): values.reduce(0) { $0 + 32 + $1.footprint }
        case .map(let values): values.reduce(0) { $0 + 64 + $1.key.utf8.count + $1.value.footprint }
        }
    }

    /// Whether the text occurs in it, in upper or lower case as it is.
    fileprivate func contains(_ text: String) -> Bool {
        switch self {
        case .text(let own): own.contains(text)
        case .integer(let value): String(value).contains(text)
        case .number(let value): String(value).contains(text)
        case .boolean(let value): String(value).contains(text)
        case .list(let values): values.contains { $0.contains(text) }
        case .map(let values): values.contains { $0.key.contains(text) || $0.value.contains(text) }
        }
    }
}

extension LogValue: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let value = try? container.decode(Bool.self) {
            self = .boolean(value)
        } else if let value = try? container.decode(Int64.self) {
            self = .integer(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let values = try? container.decode([LogValue].self) {
            self = .list(values)
        } else {
            self = .map(try container.decode([String: LogValue].self))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .text(let text): try container.encode(text)
        case .integer(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .boolean(let value): try container.encode(value)
        case .list(let values): try container.encode(values)
        case .map(let values): try container.encode(values)
        }
    }
}

extension LogRecord: Codable {
    private enum CodingKeys: String, CodingKey { case timestamp, level, message, fields }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        time = try Self.timeFormat.parse(try container.decode(String.self, forKey: .timestamp))
        level = try container.decode(Logger.Level.self, forKey: .level)
        message = try container.decode(String.self, forKey: .message)
        fields = try container.decode([String: LogValue].self, forKey: .fields)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(Self.stamp(time), forKey: .timestamp)
        try container.encode(level, forKey: .level)
        try container.encode(message, forKey: .message)
        try container.encode(fields, forKey: .fields)
    }
}

/// Which entries of the log are wanted.
package struct LogQuery: Hashable, Sendable {
    package var since: Instant?
    /// Up to the end of this second.
    package var until: Instant?
    /// This level, and more severe ones.
    package var level: Logger.Level?
    package var event: String?
    /// Occurs in the message, or in a field; upper and lower case count.
    package var text: String?

    package init() {}

    package func matches(_ record: LogRecord) -> Bool {
        if let level, record.level < level { return false }
        if let event, record.event != event { return false }
        if let since, record.time.timeIntervalSince1970 < Double(since.secondsSince1970) { return false }
        if let until, record.time.timeIntervalSince1970 >= Double(until.secondsSince1970) + 1 { return false }
        guard let text else { return true }
        return record.message.contains(text) || record.fields.values.contains { $0.contains(text) }
    }
}

/// `GET /v1/logs`, oldest first.
package struct LogPage: Codable, Hashable, Sendable {
    package var items: [LogRecord]
    /// After the newest entry there is: for whoever asks again.
    package var cursor: String
    /// Entries after the cursor that was asked with which are not kept any more.
    package var missed: Int
}
