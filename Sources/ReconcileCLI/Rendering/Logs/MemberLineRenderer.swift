import Drivers
import Foundation
import Reconciler

/// Lines of several members, each with its member in front: `web-0-1 | text`, and `web-0-1 ! text` from standard error.
struct MemberLineRenderer {
    /// Where a line goes, and what that place bears.
    struct Destination {
        /// Text is made harmless; else bytes are what the container wrote.
        var isTerminal: Bool
        var isColored: Bool
    }

    /// A line is one JSON object.
    var isJSON = false
    /// The time of each line stands before it.
    var hasTimes = false
    /// The member stands in front.
    var hasNames = true
    /// By the stream of the container.
    var destinations: [OutputLine.Stream: Destination] = [:]

    private var width = 0
    /// By container, in the order in which they came.
    private var numbers: [String: Int] = [:]

    /// Of names, one after the other: no red, which is trouble.
    private static let colors = ["36", "33", "32", "35", "34", "96"]

    init(isJSON: Bool = false, hasTimes: Bool = false, hasNames: Bool = true) {
        self.isJSON = isJSON
        self.hasTimes = hasTimes
        self.hasNames = hasNames
    }

    /// Lines from now on are aligned for these.
    mutating func expect(_ members: [LoggedMember]) {
        for member in members { _ = number(of: member) }
    }

    /// One line with its end.
    mutating func bytes(_ member: LoggedMember, _ line: OutputLine) -> Data {
        if isJSON { return json(member, line) }
        let destination = destinations[line.stream] ?? Destination(isTerminal: false, isColored: false)
        var bytes = Data((front(member, line.stream, destination)).utf8)
        if hasTimes, let time = line.time { bytes += Data("\(time) ".utf8) }
        if destination.isTerminal {
            bytes += Data(HarmlessText.line(line.bytes, isColored: destination.isColored).utf8)
        } else {
            bytes += line.bytes
        }
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }

    private mutating func front(
        _ member: LoggedMember, _ stream: OutputLine.Stream, _ destination: Destination
    ) -> String {
        if !hasNames { return "" }
        let color = Self.colors[number(of: member) % Self.colors.count]
        let name = member.name.padding(toLength: width, withPad: " ", startingAt: 0)
        let mark = stream == .output ? "|" : "!"
        if !destination.isColored { return "\(name) \(mark) " }
        return "\u{1B}[\(color)m\(name)\u{1B}[0m \u{1B}[\(stream == .output ? color : "31")m\(mark)\u{1B}[0m "
    }

    private mutating func number(of member: LoggedMember) -> Int {
        if let number = numbers[member.id] { return number }
        width = max(width, member.name.count)
        let number = numbers.count
        numbers[member.id] = number
        return number
    }

    /// For programs; fields are only ever added.
    private struct Document: Encodable {
        var container: String
        var member: String
        var stream: String
        var text: String
        var time: String?
    }

    private func json(_ member: LoggedMember, _ line: OutputLine) -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let document = Document(
            container: member.name, member: member.member.description, stream: line.stream.rawValue,
            text: String(decoding: line.bytes, as: UTF8.self), time: line.time?.description)
        // Texts always encode.
        return HarmlessText.json((try? encoder.encode(document)) ?? Data()) + Data("\n".utf8)
    }
}
