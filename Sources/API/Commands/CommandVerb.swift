import Reconciler
import Specs

/// The commands of the API by name.
enum CommandVerb: String, CaseIterable, Sendable {
    case pause, resume, approve, pin, unpin

    var path: String { "/v1/\(rawValue)" }
}

/// Requests as a verb and the fields of a JSON object: there, and back again.
extension CommandRequest {
    var verb: CommandVerb {
        switch self {
        case .pause: .pause
        case .resume: .resume
        case .approve: .approve
        case .pin: .pin
        case .unpin: .unpin
        }
    }

    /// What the verb does not say; the inverse of `init(_:fields:)`.
    var fields: [String: String] {
        switch self {
        case .pause(let object, let reason): ["object": object?.description, "reason": reason].compactMapValues(\.self)
        case .resume(let object): ["object": object?.description].compactMapValues(\.self)
        case .approve(let digest): ["digest": digest]
        case .pin(let object, let revision, let reason):
            ["object": object.description, "revision": revision ?? Self.previous, "reason": reason]
        case .unpin(let object): ["object": object.description]
        }
    }

    /// - Throws: `CommandRefusal` that names the field and what would be right.
    init(_ verb: CommandVerb, fields: [String: String]) throws(CommandRefusal) {
        let fields = CommandFields(fields)
        switch verb {
        case .pause:
            try fields.allow(["object", "reason"])
            self = .pause(try fields.object(), reason: try fields.reason())
        case .resume:
            try fields.allow(["object"])
            self = .resume(try fields.object())
        case .approve:
            try fields.allow(["digest"])
            self = .approve(digest: try fields.digest())
        case .pin:
            try fields.allow(["object", "revision", "reason"])
            self = .pin(
                try fields.requiredObject(), revision: try fields.revision(), reason: try fields.reason())
        case .unpin:
            try fields.allow(["object"])
            self = .unpin(try fields.requiredObject())
        }
    }

    /// The revision before the one in force.
    static let previous = "previous"
}
