package import Specs

/// What git says for this host: one accepted revision, immutable.
package struct DesiredState: Sendable {
    package var revision: Revision
    package var host: HostSettings
    package var hostPools: [String: Resource<HostPool>]
    package var objects: [ResourceID: DesiredObject]
    /// Objects without members of a fixed number that say what nothing carries out yet.
    package var declarations: [HeldDeclaration]
    /// Who may reach whom, as git says it.
    package var networkPolicies: [Resource<NetworkPolicy>]
    /// What sets the numbers of members by metrics and schedules.
    package var autoscalers: [Resource<Autoscaler>]
    /// The rules of every time zone that windows and schedules name.
    package var zones: [String: TimeZoneRules]
    /// When which changes may be made.
    package var windows: WindowSet
    /// What follows from them for the packet filter of this host.
    private(set) package var firewall: FirewallIntent
    /// Objects whose bridge is another one's; they get none, and no rules.
    private var withoutBridge: Set<ResourceID> = []

    package init(specs: SpecSet, revision: Revision, host: HostSettings) {
        self.revision = revision
        self.host = host
        hostPools = Dictionary(uniqueKeysWithValues: specs.hostPools.map { ($0.id.name, $0) })
        objects = [:]
        declarations = specs.heldDeclarations
        networkPolicies = specs.networkPolicies
        autoscalers = specs.autoscalers
        zones = specs.zones
        windows = WindowSet(specs.maintenanceWindows, zones: specs.zones)
        firewall = FirewallIntent(owner: host.owner)
        var confinements = Confinements(specs.securityProfiles, within: host.seccompBaseline)
        for workload in specs.workloads { insert(DesiredObject(workload), &confinements) }
        for pool in specs.warmPools { insert(DesiredObject(pool, claimRoot: host.claimRoot), &confinements) }
        for task in specs.scheduledTasks {
            // Nobody gets here with a schedule that was not checked.
            guard let schedule = TaskSchedule(task.spec, zones: specs.zones) else { continue }
            insert(DesiredObject(task, schedule: schedule), &confinements)
        }
        separateBridges()
        handOut()
    }

    private mutating func insert(_ object: DesiredObject, _ confinements: inout Confinements) {
        var object = object
        object.confine(by: &confinements)
        objects[object.id] = object
    }

    /// Objects on one bridge would be under each other's rules.
    private mutating func separateBridges() {
        let names = Dictionary(
            uniqueKeysWithValues: objects.keys.map { ($0, RecreateHash.bridgeName(owner: host.owner, object: $0)) })
        for (id, holder) in BridgeNames.taken(names) {
            withoutBridge.insert(id)
            objects[id]?.cannotConfine =
                "its bridge would be '\(names[id] ?? "")', that of \(holder): rename one of them"
        }
    }

    /// What follows from all objects together: room in the pools, who must keep apart, and what policies say of them.
    mutating func handOut() {
        bound()
        keepApart()
        let bridged = objects.values.filter { !withoutBridge.contains($0.id) }
        firewall = FirewallIntent(owner: host.owner, objects: bridged, policies: networkPolicies)
        for id in objects.keys { objects[id]?.ask(under: firewall.policy(of: id)) }
    }

    /// Takes in how many members Autoscalers give to these objects.
    package mutating func resize(_ sizes: [ResourceID: LiveSize]) {
        if sizes.isEmpty { return }
        for (id, size) in sizes { objects[id]?.resize(size) }
        bound()
    }

    /// Hands the capacity of each pool to its objects in the order of their identities; the rest is held.
    private mutating func bound() {
        for (id, object) in objects { objects[id]?.slotsWithinCapacity = object.mostSlots }
        for (name, pool) in hostPools {
            guard var free = pool.spec.capacity.containersPerHost else { continue }
            for id in objects.keys.sorted() where objects[id]?.hostPool == name {
                let granted = min(free, objects[id]?.slots ?? 0)
                objects[id]?.slotsWithinCapacity = granted
                free -= granted
            }
            // What is not declared is shared by the runs of all tasks and by claimed members, which come on top of what a
            // pool keeps: who comes first gets it, see `CapacityGate`.
            for id in objects.keys where objects[id]?.hostPool == name && objects[id]?.task != nil {
                objects[id]?.slotsWithinCapacity = free
            }
            for id in objects.keys.sorted() where objects[id]?.hostPool == name && objects[id]?.pool != nil {
                let more = min(free, (objects[id]?.mostSlots ?? 0) - (objects[id]?.slots ?? 0))
                objects[id]?.slotsWithinCapacity += max(0, more)
                free -= max(0, more)
            }
        }
    }

    /// Both sides know of an anti-affinity, as in Kubernetes: it does not matter which of the two started first.
    private mutating func keepApart() {
        for id in objects.keys { objects[id]?.apartFrom = [] }
        for id in objects.keys.sorted() {
            guard let affinity = objects[id]?.antiAffinity, affinity.required else { continue }
            guard let selector = affinity.selector else {
                objects[id]?.apartFrom.insert(id)
                continue
            }
            for (other, object) in objects where selector.selects(object.labels) {
                objects[id]?.apartFrom.insert(other)
                objects[other]?.apartFrom.insert(id)
            }
        }
    }

    /// Every image that some object needs.
    package var images: Set<String> { Set(objects.values.map { $0.container.template.image }) }
}

/// What this host's configuration adds to the specs.
package struct HostSettings: Hashable, Sendable {
    package var identity: HostIdentity
    /// Only marks of this owner are ours.
    package var owner: String
    /// Where the subnets of our networks come from.
    package var networkRange: NetworkRange
    /// The name of the `Environment` whose variables and patches hold here; nil for none.
    package var environment: String?
    /// How much one revision may remove without a person's word.
    package var pruneBudget: PruneBudget
    /// How much must be free on the disk before anything is started or stopped.
    package var preflight: PreflightThresholds
    /// The most that seccomp profiles of the repository can let through.
    package var seccompBaseline = SeccompBaseline.default
    /// Where members of pools have their claim folders: in memory, and never on a disk.
    package var claimRoot = ClaimFolder.defaultRoot

    package init(
        identity: HostIdentity, owner: String = "default", networkRange: NetworkRange = .default,
        environment: String? = nil, pruneBudget: PruneBudget = .default, preflight: PreflightThresholds = .default
    ) {
        self.identity = identity
        self.owner = owner
        self.networkRange = networkRange
        self.environment = environment
        self.pruneBudget = pruneBudget
        self.preflight = preflight
    }
}
