package import Specs

/// What is true on this host now, object by object: what `reconcile status` prints.
package struct HostStatus: Codable, Hashable, Sendable {
    package var host: String
    package var revision: Revision?
    package var engine: EngineStatus
    package var source: SourceStatus?
    package var objects: [ObjectStatus]
    /// What people asked to be left alone, the host first; nil when a daemon answered that does not tell.
    package var pauses: [Pause]?
    /// Overrides of windows that are in force; nil when a daemon answered that does not tell.
    package var overrides: [WindowOverride]?
    /// What empties this host, that of the host first; nil when a daemon answered that does not tell.
    package var drains: [DrainReport]?
    /// How the pools stand, in the order of their names; nil when a daemon answered that does not tell.
    package var pools: [PoolStatus]?
    /// How the tasks stand, in the order of their names; nil when a daemon answered that does not tell.
    package var tasks: [TaskReport]?
    /// What is true of the host as a whole; nil when a daemon answered that does not tell.
    package var conditions: [Condition]?

    package struct EngineStatus: Codable, Hashable, Sendable {
        package var reachable: Bool
        package var version: String
        package var apiVersion: String
        package var message: String?

        package init(reachable: Bool, version: String, apiVersion: String, message: String? = nil) {
            self.reachable = reachable
            self.version = version
            self.apiVersion = apiVersion
            self.message = message
        }
    }

    /// One object: how many members it should have, has, and has ready, and what stands in the way.
    package struct ObjectStatus: Codable, Hashable, Sendable {
        package var id: ResourceID
        package var desired: Int
        package var present: Int
        package var ready: Int
        package var conditions: [Condition]

        package init(id: ResourceID, desired: Int, present: Int, ready: Int, conditions: [Condition]) {
            self.id = id
            self.desired = desired
            self.present = present
            self.ready = ready
            self.conditions = conditions
        }
    }

    package init(
        host: String, revision: Revision?, engine: EngineStatus, source: SourceStatus?, objects: [ObjectStatus],
        pauses: [Pause]? = nil
    ) {
        self.host = host
        self.revision = revision
        self.engine = engine
        self.source = source
        self.objects = objects
        self.pauses = pauses
    }

    init(
        host: HostSettings, desired: DesiredState?, observed: ObservedState, plan: Plan?, stalls: [Key: Stall],
        pauses: [Pause] = [], crashLoops: [MemberID: Int] = [:], isObserved: Bool, engineProblem: DriverError?,
        pools: [PoolStatus] = []
    ) {
        self.host = host.identity.name
        revision = desired?.revision
        let isReachable = isObserved && engineProblem == nil
        engine = EngineStatus(
            reachable: isReachable, version: observed.engine.version,
            apiVersion: observed.engine.apiVersion, message: engineProblem?.description)
        let actions = Dictionary(grouping: plan?.actions ?? [], by: \.key.object)
        let stalls = Dictionary(grouping: stalls, by: \.key.object)
        let crashLoops = Dictionary(grouping: crashLoops, by: \.key.object).compactMapValues {
            $0.min { $0.key < $1.key }
        }
        // Who waits for rules that nobody can apply waits for a person.
        func stall(of id: ResourceID) -> [(key: Key, value: Stall)] {
            let isAwaited = desired?.firewall.policy(of: id).map { !observed.firewall.isInForce($0) } ?? false
            return (stalls[id] ?? []) + (isAwaited ? stalls[nil] ?? [] : [])
        }
        self.pools = pools
        let sizes = Dictionary(uniqueKeysWithValues: pools.map { ($0.pool, $0.size + $0.claimed) })
        self.pauses = pauses.sorted { ($0.object?.description ?? "") < ($1.object?.description ?? "") }
        let ids = observed.objects.union(desired?.objects.keys.map { $0 } ?? [])
            .subtracting(plan?.elsewhere ?? []).sorted()
        objects = ids.map { id in
            let all = observed.containers(of: id)
            // What has ended is history, and no member that could be ready.
            let containers = id.kind == .scheduledTask ? all.filter(\.isUnderWay) : all
            let state =
                isReachable
                ? Condition.of(
                    actions[id] ?? [], stalls: stall(of: id).sorted { $0.key < $1.key }.map(\.value),
                    crashLoop: crashLoops[id].map {
                        "\($0.key) keeps stopping: it was started \($0.value) times in a row"
                    })
                : [Condition(.ready, .unknown, "EngineUnreachable", "what runs was not seen lately")]
            return ObjectStatus(
                id: id, desired: sizes[id] ?? desired?.objects[id]?.slots ?? 0, present: containers.count,
                ready: containers.count(where: \.isReady),
                conditions: state + (isReachable ? Condition.confinement(of: containers) : [])
                    + Condition.asked(of: id, pauses: pauses, desired: desired))
        }
    }

    /// Has what is scaled show how its autoscaler stands.
    mutating func add(_ autoscalers: [AutoscalerReport]) {
        if autoscalers.isEmpty { return }
        let conditions = Dictionary(autoscalers.map { ($0.target, $0.conditions) }) { first, _ in first }
        for index in objects.indices { objects[index].conditions += conditions[objects[index].id] ?? [] }
    }

    /// Has tasks show how many runs should be under way.
    mutating func add(_ tasks: [TaskReport]) {
        self.tasks = tasks
        let open = Dictionary(tasks.map { ($0.task, $0.open.count { $0.retriesAt == nil }) }) { first, _ in first }
        for index in objects.indices { objects[index].desired = open[objects[index].id] ?? objects[index].desired }
    }

    /// Every object is ready and nothing is left to do.
    package var isConverged: Bool {
        engine.reachable && objects.allSatisfy { $0.conditions.contains { $0.type == .ready && $0.status } }
    }
}

/// How the source of the specs is doing.
package struct SourceStatus: Codable, Hashable, Sendable {
    package enum State: String, Codable, Hashable, Sendable {
        case current = "Current"
        case failing = "FetchFailed"
        case rejected = "InvalidSpecs"
        case historyRewritten = "HistoryRewritten"
        case emptyRevision = "EmptyRevision"
        /// Signatures are asked for, and there is none.
        case signatureMissing = "SignatureMissing"
        /// It does not fit what it is on, or is not a signature at all.
        case signatureInvalid = "SignatureInvalid"
        case signatureExpired = "SignatureExpired"
        /// Its digest is one that can be forged.
        case signatureTooWeak = "SignatureTooWeak"
        /// It was made for something other than git.
        case wrongNamespace = "SignatureWrongNamespace"
        case keyUnknown = "KeyUnknown"
        /// The key is known, and not for this.
        case keyNotAllowed = "KeyNotAllowed"
        case keyExpired = "KeyExpired"
        case keyNotYetValid = "KeyNotYetValid"
        case keyRevoked = "KeyRevoked"
        /// A signed tag is asked for, and the reference is a branch, a commit or a tag that cannot be signed.
        case tagMissing = "TagMissing"
        /// A signed tag under a name, or on a commit, that is not the one in it.
        case tagMismatch = "TagMismatch"
        case commitTooOld = "CommitTooOld"
        case starting = "Starting"
    }

    package var state: State
    package var message: String
    /// The commit that was refused or held, if one was.
    package var candidate: String?
    /// What is wrong with the refused revision, or worth a word about the one in force.
    package var diagnostics: [Diagnostic]
    /// Who signed the revision in force; nil where nobody asked for signatures, and where they are in doubt.
    package var signers: [String]?

    package init(
        _ state: State, _ message: String = "", candidate: String? = nil, diagnostics: [Diagnostic] = [],
        signers: [String]? = nil
    ) {
        self.state = state
        self.message = message
        self.candidate = candidate
        self.diagnostics = diagnostics
        self.signers = signers
    }
}
