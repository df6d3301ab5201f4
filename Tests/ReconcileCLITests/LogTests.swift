import Foundation
import Logging
import Synchronization
import Testing

@testable import ReconcileCLI

@Suite("The log")
struct LogTests {
    private final class Lines: Sendable {
        private let data = Mutex(Data())

        func append(_ more: Data) { data.withLock { $0 += more } }

        var all: [Data] { data.withLock { $0.split(separator: UInt8(ascii: "\n")).map { Data($0) } } }
    }

    private func lines(of handler: LineLogHandler, _ body: (Logger) -> Void) -> [Data] {
        let lines = Lines()
        var handler = handler
        handler.output = { lines.append($0) }
        body(Logger(label: "test") { [handler] _ in handler })
        return lines.all
    }

    private func json(_ body: (Logger) -> Void) throws -> [[String: any Sendable]] {
        try lines(of: .json(LogLevel(.info)), body).map {
            try #require(try JSONSerialization.jsonObject(with: $0) as? [String: any Sendable])
        }
    }

    private func text(_ body: (Logger) -> Void) -> [String] {
        let handler = LineLogHandler(LogLevel(.info)) { Data(($0.text(.plain) + "\n").utf8) }
        return lines(of: handler, body).map { String(decoding: $0, as: UTF8.self) }
    }

    private static let nasty = "two\nlines \"quoted\" \\ \u{0}\u{7f}\u{2028} 🐳"

    @Test("each entry is one line with one JSON object, whatever it holds")
    func oneLineEach() throws {
        let entries = try json { logger in
            logger.info("\(Self.nasty)", metadata: ["event": "a", "path": "\(Self.nasty)"])
            logger.error("plain")
        }
        #expect(entries.count == 2)
        #expect(entries[0]["message"] as? String == Self.nasty)
        #expect(entries[0]["path"] as? String == Self.nasty)
        #expect(entries[0]["event"] as? String == "a")
        #expect(entries[0]["level"] as? String == "info")
        #expect(entries[0]["service"] as? String == "reconcile")
        #expect(entries[1]["level"] as? String == "error")
    }

    @Test("numbers, lists and maps are such in JSON")
    func types() throws {
        let entry = try #require(
            try json { logger in
                logger.info(
                    "typed",
                    metadata: [
                        "duration_ms": .stringConvertible(1234), "ratio": .stringConvertible(0.5),
                        "odd": .stringConvertible(Double.infinity), "yes": .stringConvertible(true),
                        "list": ["x", .stringConvertible(2)], "map": ["a": "b"],
                    ])
            }.first)
        #expect(entry["duration_ms"] as? Int == 1234)
        #expect(entry["ratio"] as? Double == 0.5)
        #expect(entry["odd"] as? String == "inf")
        #expect(entry["yes"] as? Bool == true)
        #expect((entry["list"] as? [any Sendable])?.count == 2)
        #expect(entry["map"] as? [String: String] == ["a": "b"])
    }

    @Test("the level is obeyed, and metadata of the logger is on every line")
    func levels() throws {
        let entries = try json { logger in
            var logger = logger
            logger[metadataKey: "host"] = "host-a"
            logger.debug("not this")
            logger.notice("this", metadata: ["message": "and that"])
        }
        #expect(entries.map { $0["message"] as? String } == ["this: and that"])
        #expect(entries[0]["host"] as? String == "host-a")
        let time = try #require(entries[0]["timestamp"] as? String)
        #expect(time.wholeMatch(of: /[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z/) != nil)
    }

    @Test("users and passwords of addresses are taken out of messages and fields, in both formats")
    func secrets() throws {
        let address = "https://bot:canary@git.example.com/x"
        let body: (Logger) -> Void = { logger in
            logger.error("cannot reach \(address)", metadata: ["message": "at \(address)", "list": ["\(address)"]])
        }
        #expect(!"\(try json(body))".contains("canary"))
        #expect(!"\(text(body))".contains("canary"))
        #expect("\(text(body))".contains("https://***@git.example.com/x"))
    }

    @Test("text is one line for people, and nothing in it steers a terminal")
    func textLines() {
        let lines = text { logger in
            logger.notice(
                "started", metadata: ["event": "daemon.started", "duration_ms": .stringConvertible(7), "why": "a b"])
            logger.error("\(Self.nasty)\u{1B}[2J")
        }
        #expect(lines.count == 2)
        #expect(
            lines[0].wholeMatch(of: /[-0-9T:.]+Z notice   started  duration_ms=7 event=daemon.started why="a b"/)
                != nil,
            "\(lines[0])")
        #expect(!lines[1].unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F || $0.value == 0x2028 })
    }

    @Test(
        "the format is what was configured; left to itself it is text on a terminal",
        arguments: [
            (LogSettings.Format.auto, true, false), (.auto, false, true), (.json, true, true), (.text, false, false),
        ])
    func formats(format: LogSettings.Format, isTerminal: Bool, isJSON: Bool) throws {
        let settings = LogSettings(level: nil, format: format)
        let logger = settings.logger(unlessSaid: .warning, isTerminal: isTerminal)
        #expect(logger.logLevel == .warning)
        let handler = try #require(logger.handler as? LineLogHandler)
        let line = lines(of: handler) { $0.error("x") }
        #expect((line.first?.first == UInt8(ascii: "{")) == isJSON)
    }
}
