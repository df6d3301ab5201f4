package import Specs

/// What git says for this host: one accepted revision, immutable.
package struct DesiredState: Sendable {
    package var revision: Revision
    package var host: HostSettings
    package var hostPools: [String: Resource<HostPool>]
    package var objects: [ResourceID: DesiredObject]
    /// Objects without members of a fixed number that say what nothing carries out yet.
    package var declarations: [HeldDeclaration]

    package init(specs: SpecSet, revision: Revision, host: HostSettings) {
        self.revision = revision
        self.host = host
        hostPools = Dictionary(uniqueKeysWithValues: specs.hostPools.map { ($0.id.name, $0) })
        objects = [:]
        declarations = specs.heldDeclarations
        for workload in specs.workloads { insert(DesiredObject(workload)) }
        for pool in specs.warmPools { insert(DesiredObject(pool)) }
        bound(by: hostPools)
    }

    private mutating func insert(_ object: DesiredObject) { objects[object.id] = object }

    /// Hands the capacity of each pool to its objects in the order of their identities; the rest is held.
    private mutating func bound(by pools: [String: Resource<HostPool>]) {
        for (name, pool) in pools {
            guard var free = pool.spec.capacity.containersPerHost else { continue }
            for id in objects.keys.sorted() where objects[id]?.hostPool == name {
                let granted = min(free, objects[id]?.slots ?? 0)
                objects[id]?.slotsWithinCapacity = granted
                free -= granted
            }
        }
    }

    /// Every image that some object needs.
    package var images: Set<String> { Set(objects.values.map(\.container.template.image)) }
}

/// A Workload or WarmPool as the planner sees it: so many slots of one container.
package struct DesiredObject: Sendable {
    package var id: ResourceID
    package var hostPool: String
    /// How many members there should be.
    package var slots: Int
    /// How many of them fit the pool's `containersPerHost`; slots beyond are held.
    package var slotsWithinCapacity: Int
    package var strategy: RolloutStrategy
    package var container: ContainerIntent
    package var recreateHash: RecreateHash
    /// `recreateHash` as a label.
    package var recreateLabel: String
    package var origin: SourcePosition
    package var fields: FieldPositions
    /// What it asks for and nothing makes true yet; any of it holds the object.
    package var unenforced: [UnenforcedDemand]

    init(_ workload: Resource<Workload>) {
        self.init(
            id: workload.id, hostPool: workload.spec.placement.hostPool, slots: workload.spec.replicas,
            strategy: workload.spec.strategy, template: workload.spec.source.template, publish: workload.spec.publish,
            origin: workload.origin, fields: workload.fields, unenforced: workload.unenforced)
    }

    init(_ pool: Resource<WarmPool>) {
        self.init(
            id: pool.id, hostPool: pool.spec.placement.hostPool, slots: pool.spec.size?.fixed ?? 0,
            strategy: RolloutStrategy(.rolling),
            template: pool.spec.source.template, publish: [], origin: pool.origin, fields: pool.fields,
            unenforced: pool.unenforced)
    }

    private init(
        id: ResourceID, hostPool: String, slots: Int, strategy: RolloutStrategy, template: ContainerTemplate,
        publish: [PublishedPort], origin: SourcePosition, fields: FieldPositions,
        unenforced: [UnenforcedDemand]
    ) {
        self.id = id
        self.hostPool = hostPool
        self.slots = slots
        slotsWithinCapacity = slots
        self.strategy = strategy
        container = ContainerIntent(template: template, publish: publish, network: Self.networkName(of: id))
        recreateHash = RecreateHash(container)
        recreateLabel = recreateHash.description
        self.origin = origin
        self.fields = fields
        self.unenforced = unenforced
    }

    /// Objects with containers share one space of names, so the kind need not be part of it.
    package static func networkName(of id: ResourceID) -> String { "reconcile-\(id.name)" }

    /// Where a field was written, or else where the object begins.
    package func position(of field: String) -> SourcePosition { fields[field] ?? origin }
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

    package init(
        identity: HostIdentity, owner: String = "default", networkRange: NetworkRange = .default,
        environment: String? = nil
    ) {
        self.identity = identity
        self.owner = owner
        self.networkRange = networkRange
        self.environment = environment
    }
}
