package import Specs

/// Ordered actions: what would be done, why, and what holds it back. Planning again after applying gives an empty plan.
package struct Plan: Hashable, Sendable {
    package var actions: [Action]
    /// Members that are as they should be.
    package var settled: Int
    /// Members of pools that are not as they should be, and that are replaced when it is their turn or their claim is over.
    package var outdated = 0
    /// Objects whose HostPool does not select this host, and of which nothing is here.
    package var elsewhere: [ResourceID]
    /// Objects that are not as the revision says, but as an earlier one did; in a plan of everything.
    package var pinned: [PinnedObject]
    /// Objects whose number an Autoscaler decides; in a plan of everything.
    package var autoscaled: [AutoscaledObject] = []
    /// When tasks run next; in a plan of everything.
    package var scheduled: [PlannedRun] = []

    package init(
        actions: [Action] = [], settled: Int = 0, elsewhere: [ResourceID] = [],
        pinned: [PinnedObject] = []
    ) {
        self.actions = actions
        self.settled = settled
        self.elsewhere = elsewhere
        self.pinned = pinned
    }

    /// Something would be done now or later without anybody's help. Held actions are no change.
    package var hasChanges: Bool { actions.contains { $0.isChange && !$0.isHeld } }
    package var held: [Action] { actions.filter(\.isHeld) }
}

/// An object with the number that an Autoscaler gives it.
package struct AutoscaledObject: Hashable, Sendable {
    package var object: ResourceID
    package var live: LiveSize

    package init(object: ResourceID, live: LiveSize) {
        self.object = object
        self.live = live
    }
}

/// An object that a pin keeps, with what keeps it.
package struct PinnedObject: Hashable, Sendable, CustomStringConvertible {
    package var pin: Pin
    /// The revision in force, whose word does not hold for the object.
    package var revision: Revision

    package init(_ pin: Pin, insteadOf revision: Revision) {
        self.pin = pin
        self.revision = revision
    }

    /// `pinned to 1a2b3c4 (Quarantined: web:2 did not become ready), not what 9f8e7d6 says`.
    package var description: String {
        let place = pin.revision.map { "pinned to \($0)" } ?? "left as it is"
        let because = pin.reason.isEmpty ? pin.cause.rawValue : "\(pin.cause.rawValue): \(pin.reason)"
        return "\(place) (\(because)), not what \(revision) says"
    }
}

/// One change to one key: the steps that are left of it, and whether the first may be taken now.
package struct Action: Hashable, Sendable {
    package enum Verb: String, Hashable, Codable, Sendable {
        case create, update, replace, remove
        /// Bring back what stopped, was paused or was renamed.
        case start, restart, unpause, rename
        /// End a run of a task, and keep its container.
        case stop
        /// Freeze what waits for a claim.
        case pause
        /// Look whether a moved tag leads to another image; no change by itself.
        case pull
        /// Nothing to do but to wait until the container is ready; no change by itself.
        case await
    }

    package var key: Key
    package var verb: Verb
    package var reason: Reason
    package var position: SourcePosition?
    package var actionClass: ActionClass
    /// In order; a worker takes the first and plans again.
    package var steps: [Step]
    package var verdict: Verdict

    package init(
        _ key: Key, _ verb: Verb, _ reason: Reason, at position: SourcePosition?, class actionClass: ActionClass,
        steps: [Step], verdict: Verdict = .go
    ) {
        self.key = key
        self.verb = verb
        self.reason = reason
        self.position = position
        self.actionClass = actionClass
        self.steps = steps
        self.verdict = verdict
    }

    package var isHeld: Bool {
        if case .held = verdict { true } else { false }
    }

    package var isStalled: Bool {
        if case .stalled = verdict { true } else { false }
    }

    /// False for what only looks or waits.
    package var isChange: Bool { verb != .pull && verb != .await }
}

package enum ActionClass: String, Hashable, Comparable, Codable, Sendable {
    /// Start, heal, scale up, live resize.
    case safe
    /// Replace or restart for a change of spec.
    case disruptive
    /// Scale down and prune.
    case destructive

    package static func < (a: Self, b: Self) -> Bool {
        func rank(_ value: Self) -> Int {
            switch value {
            case .safe: 0
            case .disruptive: 1
            case .destructive: 2
            }
        }
        return rank(a) < rank(b)
    }
}

/// Whether the first step of an action may be taken now.
package enum Verdict: Hashable, Sendable {
    case go
    /// Not its turn: it goes on when that key is done.
    case waitFor(Key)
    /// Not before this time since the controller started.
    case notBefore(Duration)
    /// A gate holds it until something outside changes.
    case held(Hold)
    /// Only a person or a commit can help.
    case stalled(Stall)
}

/// Why nothing more can be done without help.
package struct Stall: Hashable, Codable, Sendable, CustomStringConvertible {
    package enum Code: String, Hashable, Codable, Sendable {
        case nameConflict = "NameConflict"
        case imageMissing = "ImageMissing"
        case networkRangeExhausted = "NetworkRangeExhausted"
        case notConverged = "NotConverged"
        /// The engine refused a step, and would again.
        case refused = "Refused"
        case crashLoop = "CrashLoop"
        /// No member of a pool has become ready for as long as a rollout may make no progress.
        case warmPoolNotProgressing = "WarmPoolNotProgressing"
        /// A rollout has made no progress for as long as it may, and has failed.
        case progressDeadlineExceeded = "ProgressDeadlineExceeded"
        /// What a canary is judged by was bad too often.
        case analysisFailed = "AnalysisFailed"
    }

    package var code: Code
    package var message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { "\(code.rawValue): \(message)" }
}
