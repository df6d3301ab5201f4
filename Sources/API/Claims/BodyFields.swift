import Foundation
import HTTPTypes
import NIOCore
import Specs

/// One value of a JSON body before it is known what it must be.
enum BodyValue: Decodable, Hashable, Sendable {
    case null
    case boolean(Bool)
    case number(Double)
    case string(String)
    case array([BodyValue])
    case object([String: BodyValue])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        // Each attempt fails for all other types, which is how the type is found out; texts are most of a body.
        if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .boolean(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode([BodyValue].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: BodyValue].self))
        }
    }
}

/// The fields of a JSON object in a body: each is taken out as what it must be, and null is as good as no field.
///
/// Messages show what was sent, so nothing that may be a secret is taken out by them.
struct BodyFields {
    private let place: String
    private let fields: [String: BodyValue]

    /// - Parameters:
    ///   - names: a field that nobody reads may be a mistyped one, and would be left out in silence.
    ///   - example: a body that would be right.
    init(_ bytes: ByteBuffer, _ names: [String], example: String) throws(Refusal) {
        var value = BodyValue.object([:])
        if bytes.readableBytes > 0 {
            do {
                value = try JSONDecoder().decode(BodyValue.self, from: Data(bytes.readableBytesView))
            } catch {
                // What the decoder says may quote the body.
                throw Refusal(.badRequest, "the body is not JSON; it is such as \(example)")
            }
        }
        guard case .object(let fields) = value else {
            throw Refusal(.badRequest, "the body must be a JSON object, such as \(example)")
        }
        try self.init(fields, in: "", names)
    }

    private init(_ fields: [String: BodyValue], in place: String, _ names: [String]) throws(Refusal) {
        if let stranger = fields.keys.sorted().first(where: { !names.contains($0) }) {
            let hint =
                NearestName.hint(for: stranger, among: names) ?? "there is \(Diagnostic.list(names, word: "and"))"
            throw Refusal(.badRequest, "unknown field \(Diagnostic.quote(place + stranger)); \(hint)")
        }
        self.place = place
        self.fields = fields.filter { $0.value != .null }
    }

    /// An object with fields of its own; nil where there is none.
    func part(_ name: String, _ names: [String]) throws(Refusal) -> BodyFields? {
        guard let members = try members(name) else { return nil }
        return try BodyFields(members, in: place + name + ".", names)
    }

    /// An object with names that the caller has chosen; nil where there is none.
    func members(_ name: String) throws(Refusal) -> [String: BodyValue]? {
        guard let value = fields[name] else { return nil }
        guard case .object(let members) = value else { throw wrong(name, "an object") }
        return members
    }

    func text(_ name: String) throws(Refusal) -> String? {
        guard let value = fields[name] else { return nil }
        guard case .string(let text) = value else { throw wrong(name, "a string") }
        return text
    }

    /// A duration in Go's spelling.
    func duration(_ name: String, in range: ClosedRange<Duration>) throws(Refusal) -> Duration? {
        guard let text = try text(name) else { return nil }
        let right = "a duration of \(range.lowerBound.goText) to \(range.upperBound.goText), such as 90s or 1h30m"
        let duration: Duration
        do throws(QuantityError) {
            duration = try Duration.parse(text)
        } catch {
            throw wrong(name, right + (error.problem.map { ": \($0)" } ?? ""), shown: text)
        }
        guard range.contains(duration) else { throw wrong(name, right, shown: text) }
        return duration
    }

    /// A quantity in the spelling of the specs, or a plain number; at least 1 of its smallest unit.
    func quantity(
        _ name: String, _ right: String, _ parse: (String) throws(QuantityError) -> Int64
    ) throws(Refusal) -> Int64? {
        let text: String
        switch fields[name] {
        case nil: return nil
        case .string(let written): text = written
        case .number(let number): text = Int64(exactly: number).map { String($0) } ?? String(number)
        default: throw wrong(name, right)
        }
        do throws(QuantityError) {
            let amount = try parse(text)
            if amount > 0 { return amount }
            throw QuantityError(problem: "more than none")
        } catch {
            throw wrong(name, right + (error.problem.map { ": \($0)" } ?? ""), shown: text)
        }
    }

    func wrong(_ name: String, _ right: String, shown: String? = nil) -> Refusal {
        let value = shown.map { "is \(Diagnostic.quote($0)) and " } ?? ""
        return Refusal(.badRequest, "'\(place)\(name)' \(value)must be \(right)")
    }
}
