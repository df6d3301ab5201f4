package import Specs

/// The plan as JSON, for programs. Fields are only ever added within a format version.
package struct PlanDocument: Codable, Hashable, Sendable {
    package var formatVersion = 1
    package var revision: Revision
    package var summary: Summary
    package var actions: [Entry]
    /// Objects whose HostPool does not select this host.
    package var elsewhere: [String]
    /// Objects that a pin keeps.
    package var pinned: [Pin]
    /// Objects whose number an Autoscaler decides; nil where a program of before wrote the document.
    package var autoscaled: [Autoscaled]?

    /// When tasks run next; nil where a program of before wrote the document.
    package var scheduled: [Scheduled]?
    /// The name of the host that it is for; nil where it is for none in particular, and where the host itself says it.
    package var host: String?
    /// What the host was looked at by; nil where it was looked at right now.
    package var snapshot: SnapshotFacts?
    /// The revision that tells changes from drift; nil where none is known.
    package var base: Revision?
    /// What becomes of members on the way; nil where nobody asked for more than the plan, as of all that follow.
    package var outlooks: [OutlookEntry]?
    package var policies: [PolicyEntry]?
    package var systemCalls: [SystemCallEntry]?
    package var warnings: [Warning]?

    /// The snapshot of a host that a plan was made against.
    package struct SnapshotFacts: Codable, Hashable, Sendable {
        /// By the clock of the host.
        package var takenAt: Instant
        /// When the plan was made.
        package var ageSeconds: Int64
        /// A trusted key has signed it.
        package var isVerified: Bool
        /// The version of the program that wrote it.
        package var program: String

        package init(takenAt: Instant, ageSeconds: Int64, isVerified: Bool, program: String) {
            self.takenAt = takenAt
            self.ageSeconds = ageSeconds
            self.isVerified = isVerified
            self.program = program
        }
    }

    package struct Scheduled: Codable, Hashable, Sendable {
        package var task: String
        /// nil where it never does, or is suspended.
        package var next: Instant?
        package var isSuspended: Bool

        init(_ run: PlannedRun) {
            task = run.task.description
            next = run.next
            isSuspended = run.isSuspended
        }
    }

    package struct Autoscaled: Codable, Hashable, Sendable {
        package var object: String
        package var autoscaler: String
        package var replicas: Int
        package var bounds: ScalingBounds

        init(_ object: AutoscaledObject) {
            self.object = object.object.description
            autoscaler = object.live.autoscaler
            replicas = object.live.size
            bounds = object.live.bounds
        }
    }

    package struct Summary: Codable, Hashable, Sendable {
        package var hasChanges: Bool
        package var changes: Int
        package var held: Int
        package var settled: Int
        package var outdated: Int

        package init(hasChanges: Bool, changes: Int, held: Int, settled: Int, outdated: Int) {
            self.hasChanges = hasChanges
            self.changes = changes
            self.held = held
            self.settled = settled
            self.outdated = outdated
        }
    }

    package struct Entry: Codable, Hashable, Sendable {
        package var key: String
        package var verb: String
        package var symbol: String
        package var description: String
        package var reason: String
        package var actionClass: String
        /// The fields for which the container is replaced; left out of everything but a replacement.
        package var replacedFor: [ReplacedField]?
        package var position: SourcePosition?
        package var held: HeldBy?
        package var stalled: Stall?
        package var waitsFor: String?
        /// nil where no revision is known to compare with, as of all that follow.
        package var origin: Preview.Origin?
        /// Every field that differs; nil for what is not about fields.
        package var changes: [ChangedField]?
        /// Where the revision before declares what this one does not.
        package var lastDeclared: SourcePosition?

        private enum CodingKeys: String, CodingKey {
            case key, verb, symbol, description, reason, replacedFor, position, held, stalled, waitsFor, origin, changes
            case lastDeclared
            case actionClass = "class"
        }

        package init(_ action: Action) {
            key = action.key.description
            verb = action.verb.rawValue
            symbol = action.symbol.filter { $0 != " " }
            description = action.wording
            reason = action.reason.description
            actionClass = action.actionClass.rawValue
            replacedFor = action.replacedFor
            position = action.position
            switch action.verdict {
            case .held(let hold): held = HeldBy(hold)
            case .stalled(let stall): stalled = stall
            case .waitFor(let key): waitsFor = key.description
            case .go, .notBefore: break
            }
        }
    }

    /// One field that differs, with its values where they are known and no secret.
    package struct ChangedField: Codable, Hashable, Sendable {
        package var field: String
        package var from: String?
        package var to: String?
        package var origin: Preview.Origin?
    }

    /// A field that cannot be changed in place.
    package struct ReplacedField: Codable, Hashable, Sendable {
        package var field: String
        /// Why not, where that is not the nature of the field.
        package var because: String?
    }

    /// The gate that holds an action, and what would open it, in words.
    package struct HeldBy: Codable, Hashable, Sendable {
        package var gate: String
        package var message: String
        /// What follows "until"; nil where the message says it.
        package var until: String?
        /// The other gates that hold it too, by name.
        package var also: [String]

        init(_ hold: Hold) {
            gate = hold.gate.rawValue
            message = hold.message
            until = hold.until?.description
            also = hold.also.map(\.gate.rawValue)
        }
    }

    package init(_ plan: Plan, revision: Revision) {
        self.revision = revision
        summary = Summary(
            hasChanges: plan.hasChanges, changes: plan.actions.count { $0.isChange && !$0.isHeld },
            held: plan.held.count, settled: plan.settled, outdated: plan.outdated)
        actions = plan.actions.map(Entry.init)
        elsewhere = plan.elsewhere.map(\.description)
        pinned = plan.pinned.map(\.pin)
        autoscaled = plan.autoscaled.map { Autoscaled($0) }
        scheduled = plan.scheduled.map { Scheduled($0) }
    }
}

extension Action {
    /// The fields for which a container is replaced; nil for everything but a replacement by changes.
    package var replacedFor: [PlanDocument.ReplacedField]? {
        guard verb == .replace, case .changed(let changes) = reason else { return nil }
        return changes.map { PlanDocument.ReplacedField(field: $0.field, because: $0.whyReplaced) }
    }
}
