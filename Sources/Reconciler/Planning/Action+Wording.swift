import Specs

extension TrafficMap {
    /// `lead 2 ports to 3 members`.
    fileprivate var wording: String {
        if isEmpty { return "lead no port to members" }
        let members = Set(routes.flatMap(\.members).map(\.address)).count
        return "lead \(routes.count) port\(routes.count == 1 ? "" : "s") to \(members) member\(members == 1 ? "" : "s")"
    }
}

/// Actions as people read them, in plans and over the API alike.
extension Action {
    /// `+` create, `~` change in place, `+/-` replace with the new one first, `-/+` with the old one gone first,
    /// `-` remove; `!` is held or stalled, a blank only looks.
    package var symbol: String {
        switch verdict {
        case .held, .stalled: return "!"
        case .go, .waitFor, .notBefore: break
        }
        switch verb {
        case .create: return "+"
        case .update, .start, .restart, .stop, .pause, .unpause, .rename: return "~"
        case .remove: return "-"
        case .pull, .await: return " "
        case .replace:
            if case .createContainer = steps.first { return "+/-" }
            return "-/+"
        }
    }

    /// The verb, with the thing that it is about where that is not the member itself.
    package var wording: String {
        switch steps.first {
        case .pullImage(let reference): "pull image \(reference)"
        case .createNetwork(let network): "create network \(network.name) (\(network.subnet))"
        case .removeNetwork(let name, _, _): "remove network \(name)"
        case .createVolume(let name, _): "create volume \(name)"
        case .applyFirewall(let intent):
            if case .portsLeadElsewhere = reason {
                intent.traffic.wording
            } else if intent.isEmpty {
                "remove network rules"
            } else {
                "apply network rules of \(intent.bridges.count) object\(intent.bridges.count == 1 ? "" : "s")"
            }
        default: verb.rawValue
        }
    }
}
