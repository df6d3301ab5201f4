import ArgumentParser
import Reconciler
import Specs

/// What is known of one flow: what the policy says, and what a probe found.
struct FlowAnswer: Encodable {
    enum Probe: String, Hashable, Codable, Sendable {
        case open, refused, unreachable, failed
        /// No answer within two seconds, as a drop looks from the inside.
        case silent

        /// Whether packets pass; nil where it does not tell, as without a route.
        var passes: Bool? {
            switch self {
            case .open, .refused: true
            case .silent: false
            case .unreachable, .failed: nil
            }
        }
    }

    let from: String
    let to: String
    let isAllowed: Bool
    let reason: FlowPrediction.Reason
    /// nil where no rules are needed.
    var isInForce: Bool?
    var probe: Probe?

    init(object: ResourceID, target: FlowAddress, _ prediction: FlowPrediction) {
        from = object.description
        to = target.description
        isAllowed = prediction.isAllowed
        reason = prediction.reason
    }

    var text: String {
        var lines = ["\(from) -> \(to): \(isAllowed ? "allowed" : "blocked"), \(reason.words)"]
        if isInForce == false { lines.append("  the rules are NOT in force on this host") }
        if let probe {
            let agrees = probe.passes.map { $0 == isAllowed } ?? true
            lines.append("  tried: \(probe.rawValue)" + (agrees ? "" : ", which is not what the policy says"))
        }
        return lines.joined(separator: "\n")
    }

    var exitCode: ExitCode {
        if let passes = probe?.passes, passes != isAllowed { return ExitStatus.stalled }
        return isAllowed ? .success : ExitStatus.changes
    }
}

extension FlowPrediction.Reason {
    var words: String {
        switch self {
        case .allowed: "a rule lets it through"
        case .open: "nothing says otherwise"
        case .notAllowed: "no rule lets it through"
        case .alwaysBlocked: "the range is always blocked"
        case .privateRange: "it is a private range, and no rule with 'allowPrivate: true' names it"
        case .guardedPort: "mail and DNS are open only to a rule that names the port itself"
        case .host: "it is an address of this host"
        case .sibling: "it is an address of a sibling"
        case .otherObject: "it is a member of another object, and no rule with a 'selector' names it"
        case .ingress: "it is a member of another object, whose own policy does not let this one in"
        case .notRestricted: "no policy selects the object"
        }
    }
}
