package import Specs

/// The gate that holds an action, why, and what would open it.
package struct Hold: Hashable, Codable, Sendable, CustomStringConvertible {
    package enum Gate: String, Hashable, Codable, Sendable {
        case noCoordinator = "NoCoordinator"
        case hostNotSelected = "HostNotSelected"
        /// The object asks for what this version cannot carry out; it must not run without it.
        case notYetEnforced = "NotYetEnforced"
        /// What the newer revision says failed here, and there is no earlier one to keep.
        case quarantined = "Quarantined"
        case paused = "Paused"
        case pruneBudget = "PruneBudget"
        /// The host is being emptied: nothing new is started.
        case draining = "Draining"
        /// It was to go, and was still here at the deadline.
        case drainDeadlineExceeded = "DrainDeadlineExceeded"
        case cordoned = "Cordoned"
        case tainted = "Tainted"
        case capacity = "InsufficientCapacity"
        case antiAffinity = "AntiAffinity"
        /// It depends on an object that cannot become ready here.
        case dependency = "DependencyHeld"
        case lowDisk = "LowDisk"
        case firewallDamaged = "FirewallDamaged"
        /// The host cannot enforce a limit that the object asks for; it must not run without it.
        case notSupported = "NotSupported"
        /// The object asks for more than this host has.
        case ineligible = "Ineligible"
        /// The limit is below what the container uses.
        case memoryInUse = "MemoryInUse"
        /// No filter can be made of its profile and the host's baseline.
        case cannotConfine = "CannotConfine"
        case runtimeMissing = "RuntimeMissing"
        case kernelLacksSeccomp = "KernelLacksSeccomp"
        case kernelLacksAppArmor = "KernelLacksAppArmor"
        case incompleteObservation = "IncompleteObservation"
        /// Somebody has it.
        case claimed = "Claimed"
        case disruptionBudget = "DisruptionBudget"
        /// The rollout has failed; what it has not replaced yet stays.
        case rolloutFailed = "RolloutFailed"
        /// All new members of a blue-green rollout are ready, or those of a step of a canary are available, and a person is to
        /// say that it goes on.
        case awaitsPromotion = "AwaitsPromotion"
        /// An old member of a blue-green rollout stays beside its successor.
        case keptBeside = "KeptBeside"
        /// No more members are new than the step of a canary rollout asks for.
        case canaryStep = "CanaryStep"
        /// The host cannot enforce the network policies that select the object.
        case policyNotSupported = "PolicyNotSupported"
        /// The host cannot lead published ports to several members.
        case publishingNotSupported = "PublishingNotSupported"
        /// No window in which the change may be made is open.
        case window = "MaintenanceWindow"
    }

    package var gate: Gate
    package var message: String
    /// What opens the gate, where that is known and the message does not say it.
    package var until: Until?
    /// What else holds the action, in the order of the gates.
    package var also: [Hold]

    package init(_ gate: Gate, _ message: String, until: Until? = nil, also: [Hold] = []) {
        self.gate = gate
        self.message = message
        self.until = until
        self.also = also
    }

    /// Several holds of one action: the first decides, and the others are kept beside it; nil where there is none.
    init?(_ holds: [Hold]) {
        guard var first = holds.first else { return nil }
        for hold in holds.dropFirst() where hold != first && !first.also.contains(hold) { first.also.append(hold) }
        self = first
    }

    /// What it says of something that is asked for and that this host or this version cannot give: whatever runs
    /// meanwhile runs without it. nil where it only says that nothing may be changed.
    package var lack: Hold? {
        ([self] + also).first { hold in
            switch hold.gate {
            case .notYetEnforced, .notSupported, .ineligible, .cannotConfine, .policyNotSupported,
                .publishingNotSupported:
                true
            default: false
            }
        }
    }

    /// ` (until 'reconcile resume')`; empty where the message says it.
    package var untilClause: String {
        guard gate != .window, let until else { return "" }
        return " (until \(until))"
    }

    /// `Paused: paused by alice (until 'reconcile resume'), also Cordoned`.
    package var description: String {
        let others = also.map(\.gate.rawValue).joined(separator: ", ")
        return "\(gate.rawValue): \(message)\(untilClause)" + (others.isEmpty ? "" : ", also \(others)")
    }
}

/// What opens a gate.
package enum Until: Hashable, Codable, Sendable, CustomStringConvertible {
    /// A moment of the wall clock.
    case time(Instant)
    /// A time since the controller started.
    case uptime(Duration)
    /// A person allows this revision to remove this set.
    case approved(revision: String, digest: String)
    /// A person resumes the object, or the host as a whole.
    case resumed(ResourceID?)
    /// A person ends the drain of the host.
    case uncordoned
    /// Another revision.
    case commit
    /// Another revision, or a person who says what becomes of the rollout.
    case rollout(ResourceID)
    /// So many members of the object are available.
    case ready(Int)
    /// This many bytes are free where the engine keeps its data.
    case diskFree(bytes: Int64)
    /// The container uses no more than this without its file cache.
    case memoryInUse(atMost: Int64)
    /// The engine was started anew.
    case engineRestart
    /// The host was read in full.
    case observed

    /// What follows `until`.
    package var description: String {
        switch self {
        case .time(let moment): "\(moment)"
        case .uptime(let time): "the controller has run for \(Int(time / .seconds(1))) s"
        case .approved(_, let digest): "'reconcile approve \(digest)'"
        case .resumed(nil): "'reconcile resume'"
        case .resumed(let object?): "'reconcile resume \(object)'"
        case .uncordoned: "'reconcile uncordon'"
        case .commit: "a commit changes that"
        case .rollout(let object):
            "a commit, 'reconcile rollout undo \(object)' or 'reconcile rollout restart \(object)'"
        case .ready(1): "1 member is available"
        case .ready(let count): "\(count) members are available"
        case .diskFree(let bytes): "\(ByteQuantity(bytes: bytes).rounded) are free"
        case .memoryInUse(let bytes): "it uses \(ByteQuantity(bytes: bytes).rounded) or less"
        case .engineRestart: "the engine is restarted"
        case .observed: "the host is read in full"
        }
    }
}

extension Hold {
    /// What is asked for and cannot be had must not quietly be left out; nil where nothing of the kind is asked for.
    init?(notYetEnforced demands: [UnenforcedDemand]) {
        guard let first = demands.first else { return nil }
        let more = demands.count > 1 ? " and \(demands.count - 1) more" : ""
        self.init(.notYetEnforced, "not yet enforced: \(first.demand)\(more) (\(first.position))")
    }
}

extension ByteQuantity {
    /// For people: two digits or so, `3.4Gi`.
    package var rounded: String {
        let units = ["", "Ki", "Mi", "Gi", "Ti"]
        var (value, unit) = (Double(bytes), 0)
        while value >= 1024, unit < units.count - 1 {
            value /= 1024
            unit += 1
        }
        let tenths = Int((value * 10).rounded())
        return
            (unit == 0 || tenths % 10 == 0 || value >= 100
            ? "\(Int(value.rounded()))" : "\(tenths / 10).\(tenths % 10)")
            + units[unit]
    }
}
