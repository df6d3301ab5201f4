import FoundationEssentials
import Reconciler
import Specs
import Testing

@testable import Drivers

/// The engine's streams of logs, cut in every way.
struct OutputReaderTests {
    private static func stamp(_ nanoseconds: Int) -> String {
        "2026-11-22T10:00:00." + String(String(1_000_000_000 + nanoseconds).dropFirst()) + "Z"
    }

    private static func frame(_ channel: UInt8, _ text: String) -> Data { frame(channel, Data(text.utf8)) }

    private static func frame(_ channel: UInt8, _ bytes: Data) -> Data {
        let length = (0..<4).reversed().map { UInt8(bytes.count >> ($0 * 8) & 0xFF) }
        return Data([channel, 0, 0, 0] + length) + bytes
    }

    private static func line(_ stream: OutputLine.Stream, _ nanoseconds: Int, _ text: String) -> OutputLine {
        OutputLine(stream, at: OutputTime(stamp(nanoseconds)), Data(text.utf8))
    }

    /// All lines, with the bytes handed over in these pieces.
    private static func read(_ pieces: [Data], isTerminal: Bool = false) throws -> [OutputLine] {
        var reader = OutputReader(isTerminal: isTerminal)
        var lines: [OutputLine] = []
        for piece in pieces { lines += try reader.lines(adding: piece) }
        return lines + reader.remainder()
    }

    private static let framed =
        frame(1, "\(stamp(1)) Grüße 🐳\n") + frame(2, "\(stamp(2)) oh no\n") + frame(1, "\(stamp(3)) \n")
        + frame(1, "\(stamp(4)) without an end")
    private static let framedLines = [
        line(.output, 1, "Grüße 🐳"), line(.error, 2, "oh no"), line(.output, 3, ""), line(.output, 4, "without an end"),
    ]

    @Test("frames are read whatever two pieces they come in, within heads, times and characters too")
    func everyCut() throws {
        for cut in 0...Self.framed.count {
            let lines = try Self.read([Self.framed.prefix(cut), Self.framed.dropFirst(cut)])
            #expect(lines == Self.framedLines, "cut at \(cut)")
        }
        #expect(try Self.read(Self.framed.map { Data([$0]) }) == Self.framedLines)
    }

    @Test("with a terminal there are no frames, and one stream")
    func terminal() throws {
        let bytes = Data("\(Self.stamp(1)) Grüße 🐳\r\n\(Self.stamp(2)) b\r\n\(Self.stamp(3)) \r\n".utf8)
        let lines = [
            Self.line(.output, 1, "Grüße 🐳\r"), Self.line(.output, 2, "b\r"), Self.line(.output, 3, "\r"),
        ]
        for cut in 0...bytes.count {
            #expect(
                try Self.read([bytes.prefix(cut), bytes.dropFirst(cut)], isTerminal: true) == lines, "cut at \(cut)")
        }
    }

    @Test("the parts of a long line are one line again, without the times of the parts")
    func partialMessages() throws {
        let part = String(repeating: "x", count: 16 << 10)
        let bytes =
            Self.frame(1, "\(Self.stamp(1)) \(part)") + Self.frame(2, "\(Self.stamp(2)) between\n")
            + Self.frame(1, "\(Self.stamp(3)) \(part)") + Self.frame(1, "\(Self.stamp(4)) end\n")
        #expect(
            try Self.read([bytes]) == [Self.line(.error, 2, "between"), Self.line(.output, 1, part + part + "end")])
    }

    @Test("a line without end is handed out in parts that end between characters, and nothing of it is lost")
    func endlessLine() throws {
        let text = String(repeating: "€", count: 200_000)
        let bytes = Self.frame(1, "\(Self.stamp(1)) \(text)\n")
        let pieces = stride(from: 0, to: bytes.count, by: 1_000).map { bytes.dropFirst($0).prefix(1_000) }
        let lines = try Self.read(pieces.map { Data($0) })
        #expect(lines.count > 1)
        #expect(lines.allSatisfy { $0.bytes.count <= LineAssembler.longest + 1_000 })
        #expect(lines.allSatisfy { !String(decoding: $0.bytes, as: UTF8.self).contains("\u{FFFD}") })
        #expect(lines.reduce(Data()) { $0 + $1.bytes } == Data(text.utf8))
        #expect(lines.allSatisfy { $0.time == OutputTime(Self.stamp(1)) })
    }

    @Test("text without times stays text")
    func untimed() throws {
        let lines = try Self.read([
            Self.frame(1, "short\n") + Self.frame(1, String(repeating: "long ", count: 20) + "\n")
        ])
        #expect(
            lines.map { String(decoding: $0.bytes, as: UTF8.self) } == ["short", String(repeating: "long ", count: 20)])
        #expect(lines.allSatisfy { $0.time == nil })
    }

    @Test("what is no frame is refused, and what the engine says in the stream is its error")
    func broken() {
        #expect {
            try Self.read([Data("HTTP/1.1 200 OK and so on".utf8)])
        } throws: {
            ($0 as? DriverError)?.code == .badResponse
        }
        #expect {
            try Self.read([Self.frame(3, "error grabbing logs: EOF")])
        } throws: {
            ($0 as? DriverError)?.message == "error grabbing logs: EOF"
        }
    }

    @Test(
        "times are the engine's own, and nothing else",
        arguments: [
            ("2026-11-22T10:00:00.000000001Z", "1795341600.000000001"), ("2026-11-22T10:00:00Z", nil),
            ("2026-11-22T10:00:00.00000001+01:00", nil), ("xxxx-xx-xxTxx:xx:xx.000000001Z", nil),
        ] as [(String, String?)])
    func times(text: String, since: String?) { #expect(OutputTime(text)?.since == since) }
}

/// Who is followed, by what the engine says.
struct FollowedMembersTests {
    private static func member(_ slot: Int, _ incarnation: Int = 1) -> LoggedMember {
        LoggedMember(
            id: "id\(slot)-\(incarnation)", name: "web-\(slot)-\(incarnation)",
            member: MemberID(ResourceID(.workload, "web"), slot), incarnation: incarnation)
    }

    private static let position = LogPosition(time: OutputTime("2026-11-22T10:00:00.000000001Z"), count: 2)
    private static let window = LogWindow(tail: 5, follows: true)
    private static let whole = LogWindow(follows: true)

    @Test("members that are there go on where they were read to, and one that comes later is read from its beginning")
    func joining() {
        var roster = FollowedMembers(window: Self.window, positions: [Self.member(0).id: Self.position])
        #expect(
            roster.starts(among: [Self.member(0), Self.member(1)]) == [
                .init(member: Self.member(0), window: Self.window, position: Self.position),
                .init(member: Self.member(1), window: Self.window, position: LogPosition()),
            ])
        #expect(roster.starts(among: [Self.member(0), Self.member(1)]).isEmpty)
        #expect(
            roster.starts(among: [Self.member(0), Self.member(1), Self.member(0, 2)]) == [
                .init(member: Self.member(0, 2), window: Self.whole, position: LogPosition())
            ])
    }

    @Test("one that has ended is left alone until it starts again, and one whose stream broke goes on at once")
    func ending() {
        var roster = FollowedMembers(window: Self.window, positions: [:])
        let again = FollowedMembers.Start(member: Self.member(0), window: Self.window, position: Self.position)
        _ = roster.starts(among: [Self.member(0)])
        roster.noteEnd(of: Self.member(0).id, at: Self.position, isBroken: false)
        #expect(roster.starts(among: [Self.member(0)]).isEmpty)
        roster.noteStart(of: Self.member(0).id)
        #expect(roster.starts(among: [Self.member(0)]) == [again])
        roster.noteEnd(of: Self.member(0).id, at: Self.position, isBroken: true)
        #expect(roster.starts(among: [Self.member(0)]) == [again])
        // The end of the run before is heard after the start of the next.
        roster.noteStart(of: Self.member(0).id)
        roster.noteEnd(of: Self.member(0).id, at: Self.position, isBroken: false)
        #expect(roster.starts(among: [Self.member(0)]) == [again])
        roster.noteEnd(of: Self.member(0).id, at: Self.position, isBroken: false)
        roster.noteStart(of: nil)
        #expect(roster.starts(among: [Self.member(0)]) == [again])
    }

    @Test("one whose log cannot be read is given up, and one that is gone is forgotten")
    func leaving() {
        var roster = FollowedMembers(window: Self.window, positions: [:])
        _ = roster.starts(among: [Self.member(0), Self.member(1)])
        roster.noteEnd(of: Self.member(0).id, at: LogPosition(), isBroken: true)
        roster.giveUp(Self.member(0).id)
        #expect(roster.starts(among: [Self.member(0), Self.member(1)]).isEmpty)
        roster.noteEnd(of: Self.member(1).id, at: Self.position, isBroken: false)
        #expect(roster.starts(among: []).isEmpty)
        // Only a container that is another one has the same id.
        #expect(roster.starts(among: [Self.member(1)]).map(\.position) == [LogPosition()])
    }
}
