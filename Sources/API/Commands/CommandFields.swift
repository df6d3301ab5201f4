import Reconciler
import Specs

/// The fields of one request: each is taken out as what it must be.
struct CommandFields {
    /// Enough for a sentence and a link.
    private static let longestReason = 500

    private let names: [String]
    private let fields: [String: String]

    init(_ fields: [String: String?]) {
        names = fields.keys.sorted()
        self.fields = fields.compactMapValues(\.self)
    }

    /// A field that nobody reads may be a mistyped one, and would be left out in silence.
    func allow(_ known: [String]) throws(CommandRefusal) {
        guard let stranger = names.first(where: { !known.contains($0) }) else { return }
        let known = known.isEmpty ? "none" : known.map { "'\($0)'" }.joined(separator: ", ")
        throw invalid("unknown field '\(stranger)'; this command has \(known)")
    }

    /// nil where none is named.
    func object() throws(CommandRefusal) -> ResourceID? {
        guard let text = fields["object"] else { return nil }
        guard let id = ResourceID(text) else {
            throw invalid("'object' is '\(text)' and must be KIND/NAME, such as Workload/web")
        }
        return id
    }

    func requiredObject() throws(CommandRefusal) -> ResourceID {
        guard let id = try object() else { throw invalid("'object' is missing; it is KIND/NAME, such as Workload/web") }
        return id
    }

    /// One line: it is shown in plans, logs and terminals.
    func reason() throws(CommandRefusal) -> String {
        let text = fields["reason"] ?? ""
        if text.allSatisfy(\.isWhitespace) { throw invalid("'reason' is missing; say why, for whoever finds it so") }
        guard PlainText.isOneLine(text), text.utf8.count <= Self.longestReason else {
            throw invalid("'reason' must be one line of up to \(Self.longestReason) characters of plain text")
        }
        return text
    }

    /// nil where nobody says why.
    func optionalReason() throws(CommandRefusal) -> String? { fields["reason"] == nil ? nil : try reason() }

    /// How long it is to hold.
    func duration() throws(CommandRefusal) -> Duration {
        guard let duration = try time("for") else { throw invalid("'for' is missing; it is a time such as 2h") }
        return duration
    }

    /// How long members may take to go by themselves; nil is as long as they need.
    func deadline() throws(CommandRefusal) -> Duration? { try time("deadline") }

    private func time(_ name: String) throws(CommandRefusal) -> Duration? {
        guard let text = fields[name] else { return nil }
        do throws(QuantityError) {
            return try Duration.parse(text)
        } catch {
            throw invalid("'\(name)' is '\(text)' and must be a time such as 2h")
        }
    }

    func flag(_ name: String) throws(CommandRefusal) -> Bool {
        switch fields[name] {
        case nil, "false": return false
        case "true": return true
        case let text?: throw invalid("'\(name)' is '\(text)' and must be true or false")
        }
    }

    func digest() throws(CommandRefusal) -> String {
        guard let text = fields["digest"] else { throw invalid("'digest' is missing; the plan and the status show it") }
        guard text.utf8.count == 8, isHexadecimal(text) else {
            throw invalid("'digest' is '\(text)' and must be the 8 hexadecimal digits that the status shows")
        }
        return text.lowercased()
    }

    /// nil is the one before the revision in force.
    func revision() throws(CommandRefusal) -> String? {
        guard let text = fields["revision"], text != CommandRequest.previous else { return nil }
        guard (7...64).contains(text.utf8.count), isHexadecimal(text) else {
            throw invalid(
                "'revision' is '\(text)' and must be a commit id of 7 to 64 hexadecimal digits, or "
                    + "'\(CommandRequest.previous)'")
        }
        return text.lowercased()
    }

    private func isHexadecimal(_ text: String) -> Bool { text.allSatisfy { $0.isASCII && $0.isHexDigit } }

    private func invalid(_ message: String) -> CommandRefusal { CommandRefusal(.invalid, message) }
}

/// What people write for people: it is shown in tables, logs and terminals.
enum PlainText {
    /// Nothing that ends a line or steers a terminal.
    static func isOneLine(_ text: String) -> Bool {
        text.unicodeScalars.allSatisfy { scalar in
            ![.control, .format, .lineSeparator, .paragraphSeparator].contains(scalar.properties.generalCategory)
        }
    }
}
