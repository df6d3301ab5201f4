package import Specs

/// What is true of an object, in Kubernetes' condition types.
package struct Condition: Codable, Hashable, Sendable {
    package enum ConditionType: String, CaseIterable, Codable, Hashable, Sendable {
        case ready = "Ready"
        case reconciling = "Reconciling"
        case stalled = "Stalled"
        /// Somebody asked for it to be left alone.
        case paused = "Paused"
        /// It is kept as an earlier revision says.
        case pinned = "Pinned"
        /// Its members are confined as it asks for, as far as the kernel shows.
        case confined = "Confined"
        /// Something that it asks for, and does not insist on, is not to be had on this host.
        case degraded = "Degraded"
        /// Of an Autoscaler: the number can be read and changed.
        case ableToScale = "AbleToScale"
        /// Of an Autoscaler: metrics decide.
        case scalingActive = "ScalingActive"
        /// Of an Autoscaler: bounds or rates keep it from what metrics ask for.
        case scalingLimited = "ScalingLimited"
        /// Of the host: nothing of ours is left of what was to go.
        case drained = "Drained"
        /// Of the host: the engine answers.
        case engineReachable = "EngineReachable"
        /// Of the host: the newest revision of the source could be read and is followed.
        case sourceReady = "SourceReady"
    }

    /// Kubernetes' three values.
    package enum State: String, Codable, Hashable, Sendable, CaseIterable {
        case holds = "True"
        case fails = "False"
        case unknown = "Unknown"
    }

    package var type: ConditionType
    package var state: State
    /// One word in CamelCase, to switch on.
    package var reason: String
    package var message: String
    /// When the state last became another one, as far as this run of the program knows; nil where nobody kept count.
    package var lastTransitionTime: Instant?
    /// The id of the revision that it was decided for; nil before there is one.
    package var observedRevision: String?

    private enum CodingKeys: String, CodingKey {
        case type, reason, message, lastTransitionTime, observedRevision
        case state = "status"
    }

    package init(_ type: ConditionType, _ status: Bool, _ reason: String, _ message: String) {
        self.init(type, status ? .holds : .fails, reason, message)
    }

    package init(_ type: ConditionType, _ state: State, _ reason: String, _ message: String) {
        self.type = type
        self.state = state
        self.reason = reason
        self.message = message
    }

    /// Whether it is known to hold.
    package var status: Bool { state == .holds }

    /// The conditions of one object, from what is left to do for it.
    ///
    /// - Parameter crashLoop: which of its members keeps stopping, though it may run just now.
    static func of(_ actions: [Action], stalls: [Stall], crashLoop: String? = nil) -> [Condition] {
        var stalls = stalls
        var hold: Hold?
        var pending: [Action] = []
        for action in actions {
            switch action.verdict {
            case .stalled(let stall): if !stalls.contains(stall) { stalls.append(stall) }
            case .held(let held): hold = hold ?? held
            case .go, .waitFor, .notBefore: if action.verb != .pull { pending.append(action) }
            }
        }
        if let stall = stalls.first {
            return [
                Condition(.ready, false, stall.code.rawValue, stall.message),
                Condition(.stalled, true, stall.code.rawValue, stall.message),
            ]
        }
        if let crashLoop {
            let reason = Stall.Code.crashLoop.rawValue
            return [Condition(.ready, false, reason, crashLoop), Condition(.reconciling, true, reason, crashLoop)]
        }
        if let first = pending.first {
            let message = "\(first.key): \(first.verb.rawValue): \(first.reason)"
            return [
                Condition(.ready, false, "Progressing", message),
                Condition(.reconciling, true, "Progressing", message),
            ]
        }
        if let hold {
            return [Condition(.ready, false, hold.gate.rawValue, hold.message + hold.untilClause)]
        }
        return [Condition(.ready, true, "Converged", "everything is as git says")]
    }

    /// What people and git asked for one object besides its spec.
    static func asked(of id: ResourceID, pauses: [Pause], desired: DesiredState?) -> [Condition] {
        var conditions = pauses.filter { $0.object == nil || $0.object == id }.map { pause in
            Condition(.paused, true, pause.object == nil ? "HostPaused" : "ObjectPaused", pause.description)
        }
        if let reason = desired?.objects[id]?.pausedInGit {
            conditions.append(Condition(.paused, true, "PausedInGit", reason.isEmpty ? "by git" : "by git: \(reason)"))
        }
        if let desired, let pin = desired.objects[id]?.pin {
            let message = PinnedObject(pin, insteadOf: desired.revision).description
            conditions.append(Condition(.pinned, true, pin.cause.rawValue, message))
        }
        return conditions
    }
}
