import ReconcileTesting
import Reconciler
import Specs

/// The plan of a host that may decide alone.
func plan(_ desired: DesiredState, _ observed: ObservedState, gates: Gates? = nil, uptime: Duration = .zero) -> Plan {
    Planner.plan(
        desired: desired, observed: observed, gates: gates ?? desired.solitaryGates, now: Now(uptime: uptime))
}

extension Plan {
    /// One line per action, such as `Workload/web/0 start: stopped with exit code 1 [start web-0-1]`.
    var lines: [String] { actions.map(\.line) }
}

extension Action {
    var line: String {
        "\(key) \(verb.rawValue): \(reason) [\(steps.map(\.line).joined(separator: ", "))]\(verdict.line)"
    }
}

extension Verdict {
    fileprivate var line: String {
        switch self {
        case .go: ""
        case .waitFor(let key): " after \(key)"
        case .notBefore(let time): " not before \(time)"
        case .held(let hold): " held: \(hold.gate.rawValue)"
        case .stalled(let stall): " stalled: \(stall.code.rawValue)"
        }
    }
}

extension Step {
    fileprivate var line: String {
        switch self {
        case .pullImage(let reference): "\(name) \(reference)"
        case .createNetwork(let network): "\(name) \(network.name)"
        case .removeNetwork(let network, _, _): "\(name) \(network)"
        case .createVolume(let volume, _): "\(name) \(volume)"
        case .createContainer(let intent): "\(name) \(intent.name)"
        case .rename(let reference, let wanted): "\(name) \(reference.name) \(wanted)"
        case .start(let reference), .probe(let reference, _), .update(let reference, _), .pause(let reference),
            .unpause(let reference), .stop(let reference, _), .remove(let reference):
            "\(name) \(reference.name)"
        case .applyFirewall: name
        }
    }
}
