import Reconciler
import Specs

/// The commands of the API by name.
enum CommandVerb: String, CaseIterable, Sendable {
    case pause, resume, approve, pin, unpin
    case windowOverride = "override"
    case endOverride = "end-override"
    case drain, uncordon
    case rolloutUndo = "rollout-undo"
    case rolloutRestart = "rollout-restart"
    case rolloutPromote = "rollout-promote"
    case rolloutAbort = "rollout-abort"
    case taskRun = "task-run"

    var path: String { "/v1/\(rawValue)" }

    /// All that its body may say.
    var fieldNames: [String] {
        switch self {
        case .pause: ["object", "reason"]
        case .resume, .unpin, .endOverride, .rolloutRestart, .taskRun: ["object"]
        case .rolloutPromote: ["object", "full"]
        case .rolloutUndo: ["object", "revision", "reason"]
        case .rolloutAbort: ["object", "reason"]
        case .windowOverride: ["object", "for", "reason"]
        case .approve: ["digest"]
        case .pin: ["object", "revision", "reason"]
        case .drain: ["deadline", "force", "reason"]
        case .uncordon: []
        }
    }

    /// What its body must say.
    var requiredFields: [String] {
        switch self {
        case .pause, .drain: ["reason"]
        case .resume, .endOverride, .uncordon: []
        case .windowOverride: ["for", "reason"]
        case .approve: ["digest"]
        case .pin: ["object", "reason"]
        case .unpin, .rolloutUndo, .rolloutRestart, .rolloutPromote, .rolloutAbort, .taskRun: ["object"]
        }
    }
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
        case .override: .windowOverride
        case .endOverride: .endOverride
        case .drain: .drain
        case .uncordon: .uncordon
        case .runTask: .taskRun
        case .rollout(let request):
            switch request.verb {
            case .undo: .rolloutUndo
            case .restart: .rolloutRestart
            case .promote: .rolloutPromote
            case .abort: .rolloutAbort
            }
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
        case .override(let object, let duration, let reason):
            ["object": object?.description, "for": duration.goText, "reason": reason].compactMapValues(\.self)
        case .endOverride(let object): ["object": object?.description].compactMapValues(\.self)
        case .drain(let deadline, let force, let reason):
            ["deadline": deadline?.goText, "force": force ? "true" : nil, "reason": reason].compactMapValues(\.self)
        case .uncordon: [:]
        case .runTask(let task): ["object": task.description]
        case .rollout(let request):
            [
                "object": request.object.description, "revision": request.revision, "reason": request.reason,
                "full": request.verb == .promote(isFull: true) ? "true" : nil,
            ].compactMapValues(\.self)
        }
    }

    /// - Parameter fields: nil is as good as none.
    /// - Throws: `CommandRefusal` that names the field and what would be right.
    init(_ verb: CommandVerb, fields: [String: String?]) throws(CommandRefusal) {
        let fields = CommandFields(fields)
        try fields.allow(verb.fieldNames)
        switch verb {
        case .pause:
            self = .pause(try fields.object(), reason: try fields.reason())
        case .resume:
            self = .resume(try fields.object())
        case .approve:
            self = .approve(digest: try fields.digest())
        case .pin:
            self = .pin(
                try fields.requiredObject(), revision: try fields.revision(), reason: try fields.reason())
        case .unpin:
            self = .unpin(try fields.requiredObject())
        case .windowOverride:
            self = .override(try fields.object(), for: try fields.duration(), reason: try fields.reason())
        case .endOverride:
            self = .endOverride(try fields.object())
        case .drain:
            self = .drain(deadline: try fields.deadline(), force: try fields.flag("force"), reason: try fields.reason())
        case .uncordon:
            self = .uncordon
        case .rolloutUndo:
            self = .rollout(
                RolloutRequest(
                    .undo(to: try fields.revision()), of: try fields.requiredObject(),
                    reason: try fields.optionalReason()))
        case .taskRun: self = .runTask(try fields.requiredObject())
        case .rolloutRestart: self = .rollout(RolloutRequest(.restart, of: try fields.requiredObject()))
        case .rolloutPromote:
            self = .rollout(
                RolloutRequest(.promote(isFull: try fields.flag("full")), of: try fields.requiredObject()))
        case .rolloutAbort:
            self = .rollout(
                RolloutRequest(.abort, of: try fields.requiredObject(), reason: try fields.optionalReason()))
        }
    }

    /// The revision before the one in force.
    static let previous = "previous"
}

extension RolloutRequest {
    /// The revision that an undo names.
    fileprivate var revision: String? {
        if case .undo(let revision) = verb { revision } else { nil }
    }
}
