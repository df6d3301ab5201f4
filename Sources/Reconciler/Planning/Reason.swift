package import Specs

/// Why an action exists, in words for a person.
package enum Reason: Hashable, Sendable, CustomStringConvertible {
    /// Not on this host.
    case missing
    /// These fields of the spec are not what the container has.
    case changed([FieldChange])
    /// Created, never started.
    case notStarted
    case stopped(exitCode: Int)
    case paused
    case unhealthy
    case renamed(from: String)
    case notReadyYet
    /// Another container fills its slot already.
    case surplus
    /// Its removal had begun before it was wanted again.
    case retiring
    /// Its claim is over: what was handed out is never handed out again.
    case released
    /// It has waited for a claim for longer than the pool lets it.
    case tooOld
    /// Its claim folder is not what we would write to any more, so nobody can claim it.
    case noClaimFolder
    /// It is ready, and waits for a claim.
    case idle
    /// The object asks for fewer members now.
    case scaledDown(to: Int)
    /// Ours, no longer declared.
    case undeclared
    /// Its HostPool does not select this host.
    case notSelected
    /// A taint of the host says that it must not run here.
    case tainted(key: String)
    /// The host is being emptied.
    case draining
    /// A run of a task is over before its end.
    case runEnds(TaskResult.Failure)
    /// A run of a task that is over and is kept no more.
    case outOfHistory
    /// The pull policy asks to look for a newer image behind the tag.
    case tagMayHaveMoved
    /// Declared, and this version has no part that makes it true.
    case notCarriedOut
    /// It runs, and something that the spec asks for cannot be enforced on it.
    case notEnforced
    /// A network or volume of an object that is gone.
    case unused
    /// The rules of these objects are not in the kernel as they should be; of none where there are rules too many.
    case policyNotInForce(of: [ResourceID])
    /// Ports of these objects do not lead to the members that are ready, or lead to others; of none where what is in the
    /// kernel is not known, or is of objects that are gone.
    case portsLeadElsewhere(of: [ResourceID])

    package var description: String {
        switch self {
        case .missing: "not on this host"
        case .changed(let changes): changes.map(\.description).joined(separator: ", ")
        case .notStarted: "created but never started"
        case .stopped(let code): "stopped with exit code \(code)"
        case .paused: "paused by someone else"
        case .unhealthy: "unhealthy"
        case .renamed(let name): "renamed to '\(name)' by someone else"
        case .notReadyYet: "not ready yet"
        case .surplus: "another container fills its slot"
        case .retiring: "its removal had begun already"
        case .released: "its claim is over"
        case .tooOld: "unclaimed for longer than idle.maxAge"
        case .noClaimFolder: "its claim folder is gone"
        case .idle: "ready, and unclaimed"
        case .scaledDown(let count): "scaled down to \(count)"
        case .undeclared: "ours, no longer declared"
        case .notSelected: "its HostPool does not select this host"
        case .tainted(let key): "taint '\(key)' is not tolerated"
        case .draining: "the host is drained"
        case .runEnds(.deadlineExceeded): "longer under way than activeDeadline"
        case .runEnds(.replaced): "the next run is due"
        case .runEnds(let failure): failure.words
        case .outOfHistory: "older than history keeps"
        case .tagMayHaveMoved: "pullPolicy Always: the tag may have moved"
        case .notCarriedOut: "not carried out by this version"
        case .notEnforced: "runs without something that its spec asks for"
        case .unused: "no longer used"
        case .policyNotInForce(let objects):
            objects.isEmpty
                ? "rules of ours that no policy asks for" : "rules not in force: " + Self.names(objects)
        case .portsLeadElsewhere(let objects):
            objects.isEmpty
                ? "ports lead where nobody asks for"
                : "ports do not lead to the ready members of " + Self.names(objects)
        }
    }

    private static func names(_ objects: [ResourceID]) -> String {
        objects.prefix(3).map(\.description).joined(separator: ", ")
            + (objects.count > 3 ? " and \(objects.count - 3) more" : "")
    }

    /// The time of a run is over, or its place is wanted.
    var endsRun: Bool { if case .runEnds = self { true } else { false } }
}

/// One field that differs, with both values where they are known and no secret.
package struct FieldChange: Hashable, Sendable, CustomStringConvertible {
    package var field: String
    package var from: String?
    package var to: String?
    /// Why only a replacement can make the change, where that is not the nature of the field.
    package var whyReplaced: String?

    package init(_ field: String, from: String? = nil, to: String? = nil, whyReplaced: String? = nil) {
        self.field = field
        self.from = from
        self.to = to
        self.whyReplaced = whyReplaced
    }

    package var description: String {
        guard let to else { return field }
        return "\(field) \(from ?? "none") -> \(to)"
    }
}
