import API
import Drivers
import Foundation
import Logging
import Reconciler
import Specs
import Testing

@testable import ReconcileCLI

/// Lines of containers and of the controller, as they are shown.
struct LogRenderingTests {
    private static func member(_ slot: Int) -> LoggedMember {
        LoggedMember(
            id: "id\(slot)", name: "web-\(slot)-1", member: MemberID(ResourceID(.workload, "web"), slot),
            incarnation: 1)
    }

    private static let time = OutputTime("2026-11-22T10:00:00.000000001Z")

    private static func text(
        _ renderer: inout MemberLineRenderer, _ slot: Int, _ stream: OutputLine.Stream, _ bytes: [UInt8]
    ) -> String {
        String(decoding: renderer.bytes(member(slot), OutputLine(stream, at: time, Data(bytes))), as: UTF8.self)
    }

    @Test("names are aligned, and the two streams told apart")
    func alignment() {
        var renderer = MemberLineRenderer()
        renderer.expect([Self.member(0), Self.member(10)])
        #expect(Self.text(&renderer, 0, .output, Array("a".utf8)) == "web-0-1  | a\n")
        #expect(Self.text(&renderer, 10, .error, Array("b".utf8)) == "web-10-1 ! b\n")
        renderer.hasTimes = true
        #expect(Self.text(&renderer, 10, .output, []) == "web-10-1 | 2026-11-22T10:00:00.000000001Z \n")
        renderer.hasNames = false
        #expect(Self.text(&renderer, 0, .output, [97]) == "2026-11-22T10:00:00.000000001Z a\n")
    }

    @Test("each member has a colour of its own, and none has colours where there are none")
    func colors() {
        var renderer = MemberLineRenderer()
        renderer.destinations[.output] = .init(isTerminal: true, isColored: true)
        renderer.destinations[.error] = .init(isTerminal: true, isColored: false)
        let first = Self.text(&renderer, 0, .output, [97])
        let second = Self.text(&renderer, 1, .output, [97])
        #expect(first == "\u{1B}[36mweb-0-1\u{1B}[0m \u{1B}[36m|\u{1B}[0m a\n")
        #expect(second == "\u{1B}[33mweb-1-1\u{1B}[0m \u{1B}[33m|\u{1B}[0m a\n")
        #expect(Self.text(&renderer, 0, .error, [97]) == "web-0-1 ! a\n")
    }

    @Test("what is no terminal gets the very bytes")
    func rawBytes() {
        var renderer = MemberLineRenderer(hasNames: false)
        let bytes: [UInt8] = [0x1B, 0x5B, 0x32, 0x4A, 0xFF, 0x0D, 0x00]
        let line = renderer.bytes(Self.member(0), OutputLine(.output, at: nil, Data(bytes)))
        #expect(line == Data(bytes + [0x0A]))
    }

    @Test("JSON has one object a line")
    func json() {
        var renderer = MemberLineRenderer(isJSON: true)
        #expect(
            Self.text(&renderer, 0, .error, Array("a \"b\"".utf8))
                == #"{"container":"web-0-1","member":"Workload/web/0","stream":"stderr","text":"a \"b\"","#
                + #""time":"2026-11-22T10:00:00.000000001Z"}"# + "\n")
        let steering = Self.text(&renderer, 0, .output, Array("\u{9B}2J\u{7F}\u{202E}é🐳".utf8))
        #expect(steering.contains(#""text":"\u009b2J\u007f\u202eé🐳""#), "\(steering)")
    }

    @Test(
        "nothing that a container writes steers a terminal",
        arguments: [
            ("plain\ttext 🐳 é", "plain\ttext 🐳 é", "plain\ttext 🐳 é"),
            ("\u{1B}[31mred\u{1B}[0m", "\u{1B}[31mred\u{1B}[0m\u{1B}[0m", "red"),
            ("\u{1B}[1;38;5;208mx", "\u{1B}[1;38;5;208mx\u{1B}[0m", "x"),
            ("\u{1B}[2J", "\\u{1b}[2J", "\\u{1b}[2J"), ("\u{1B}[31", "\\u{1b}[31", "\\u{1b}[31"),
            ("\u{1B}]0;title\u{7}", "\\u{1b}]0;title\\u{7}", "\\u{1b}]0;title\\u{7}"),
            ("\u{9B}2J", "\\u{9b}2J", "\\u{9b}2J"), ("a\rb\r", "a\\u{d}b", "a\\u{d}b"),
            ("\u{202E}evil", "\\u{202e}evil", "\\u{202e}evil"), ("\u{1B}[?25l", "\\u{1b}[?25l", "\\u{1b}[?25l"),
            ("a\u{2028}b", "a\\u{2028}b", "a\\u{2028}b"), ("", "", ""),
        ])
    func harmless(text: String, colored: String, plain: String) {
        #expect(HarmlessText.line(Array(text.utf8), isColored: true) == colored)
        #expect(HarmlessText.line(Array(text.utf8), isColored: false) == plain)
    }

    @Test("bytes that are no text are shown as numbers, whatever stands around them")
    func notText() {
        #expect(HarmlessText.line([0x61, 0xFF, 0xC3, 0x28, 0xE2, 0x82], isColored: false) == "a\\xFF\\xC3(\\xE2\\x82")
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<2_000 {
            let bytes = (0..<Int.random(in: 0...40, using: &generator)).map { _ in
                [UInt8(0x1B), 0x5B, 0x6D, .random(in: 0...255, using: &generator)].randomElement(using: &generator) ?? 0
            }
            let shown = HarmlessText.line(bytes, isColored: false)
            #expect(
                !shown.unicodeScalars.contains { $0 != "\t" && $0.properties.generalCategory == .control }, "\(bytes)")
            // By scalars: a mark that combines with the 'm' before it makes another character of it.
            let colors = /\u{1B}\[[0-9;]*m/.matchingSemantics(.unicodeScalar)
            let colored = HarmlessText.line(bytes, isColored: true).replacing(colors, with: "")
            #expect(
                !colored.unicodeScalars.contains { $0 != "\t" && $0.properties.generalCategory == .control }, "\(bytes)"
            )
        }
    }

    @Test("a time that was read is written as it stood")
    func stamps() throws {
        for millisecond in 0..<1_000 {
            let stamp = "2026-11-21T16:40:00.\(String(1_000 + millisecond).dropFirst())Z"
            #expect(LogRecord.stamp(try LogRecord.timeFormat.parse(stamp)) == stamp)
        }
    }

    @Test("a line of the log is read back as the entry that it was written of")
    func entries() throws {
        let record = LogRecord(
            time: Date(timeIntervalSince1970: 1.25), level: .warning, message: "two \"words\"",
            fields: ["event": .text("a.b"), "n": .integer(3), "ratio": .number(0.5), "list": .list([.boolean(true)])])
        let line = try #require(LogEntry(record).json)
        #expect(LogRecord(jsonLine: line) == record)
        #expect(LogEntry(record).record == record)
        for other in ["", "text", "{}", "[1]", #"{"timestamp":"x","level":"info","message":"m"}"#] {
            #expect(LogRecord(jsonLine: Data(other.utf8)) == nil)
        }
    }
}
