package import Specs

/// What may hold actions back besides the specs and the host themselves, handed in as a value.
package struct Gates: Sendable {
    /// What this host was granted of each HostPool. A pool without an entry grants nothing.
    package var shares: [String: Share]
    /// When a member that keeps stopping may be started again, in time since the controller started.
    package var restartsNotBefore: [MemberID: Duration]
    /// When a member without a health check has run long enough to take over from another.
    package var readyNotBefore: [MemberID: Duration]
    /// Since when containers are ready without interruption, by id, of objects that ask for `minHealthyTime`. One that
    /// is not in here was ready before anybody counted.
    package var readySince: [String: Duration] = [:]
    /// What rollouts came to, and what people asked of them.
    package var rollouts: [ResourceID: RolloutOrder] = [:]
    /// What people asked to be left alone; annotations in git are in the desired state.
    package var pauses: [Pause]
    /// Removals that people allowed.
    package var approvals: [Approval]
    /// Containers that are not `ready` in the journal; one that retires is no longer available.
    package var phases: [MemberInstance: MemberPhase]
    /// What is asked of pools now; one without an entry is asked for what its spec says.
    package var pools: [ResourceID: PoolDemand] = [:]
    /// What becomes of the runs of tasks; nothing is done about one without an entry.
    package var tasks: [ResourceID: TaskOrder] = [:]
    /// Members of which a container is being made or taken away at this moment, or may be: nobody has heard how it ended.
    package var underWay: Set<MemberID>
    /// Those of them of which a container is being made, or may have been.
    package var coming: Set<MemberID> = []
    /// Runs of tasks whose container is there, and whose start is on its way or may have happened.
    package var startingRuns: Set<MemberID> = []
    /// Docker's chains in the firewall were seen since the engine started: only then are missing ones damage.
    package var chainsWereSeen: Bool
    /// What people said about windows in an emergency; those that are over have no effect.
    package var windowOverrides: [WindowOverride] = []
    /// What empties this host, or pools of it; that of the host first.
    package var drains: [Drain] = []
    /// Who has which member, in words.
    package var holders: [MemberInstance: String] = [:]
    /// Where ports will lead when the rules that are being put in force are; nil where none are.
    package var trafficUnderWay: TrafficMap?
    /// Rules may have been put in force, and nobody has looked since.
    package var isTrafficInDoubt = false
    /// Objects that a person asked to have synced, now.
    package var manualSyncs: Set<ResourceID> = []

    package init(
        shares: [String: Share] = [:], restartsNotBefore: [MemberID: Duration] = [:],
        readyNotBefore: [MemberID: Duration] = [:], pauses: [Pause] = [], approvals: [Approval] = [],
        phases: [MemberInstance: MemberPhase] = [:], underWay: Set<MemberID> = [],
        chainsWereSeen: Bool = false
    ) {
        self.shares = shares
        self.restartsNotBefore = restartsNotBefore
        self.readyNotBefore = readyNotBefore
        self.pauses = pauses
        self.approvals = approvals
        self.phases = phases
        self.underWay = underWay
        self.chainsWereSeen = chainsWereSeen
    }
}

/// What a coordinator grants this host of one HostPool.
package enum Share: Hashable, Sendable {
    /// All slots of every object in the pool; this host also leads.
    case everything
    /// The pool does not select this host.
    case notSelected
    /// The pool spans several hosts and nobody divides it.
    case noCoordinator
}

/// Grants shares where there is one host and no fleet.
///
/// It can be sure of being alone only where a pool names one host, or where every host runs the whole number.
package enum SolitaryCoordinator {
    package static func shares(of pools: [String: Resource<HostPool>], for host: HostIdentity) -> [String: Share] {
        pools.mapValues { pool in
            guard pool.spec.hosts.selects(name: host.name, labels: host.labels) else { return .notSelected }
            return pool.spec.scope == .perHost || pool.spec.hosts.name != nil ? .everything : .noCoordinator
        }
    }
}
