package import Specs

/// A Workload, WarmPool or ScheduledTask as the planner sees it: so many slots of one container.
///
/// Whoever plans hands it on all the time and does not change it: all that is said of it is behind one reference.
@dynamicMemberLookup
package struct DesiredObject: Sendable {
    package struct Contents: Sendable {
        package var id: ResourceID
        package var labels: [String: String]
        package var hostPool: String
        /// How many members there should be: an Autoscaler's number, or else git's.
        ///
        /// Of a pool with an Autoscaler claimed and unclaimed ones together; of another how many unclaimed ones it is sure to keep.
        package var slots: Int
        /// The number that git says: where an Autoscaler decides, only the one to begin with.
        package let declaredSlots: Int
        /// What an Autoscaler says in its place; nil where none does.
        fileprivate(set) package var liveSize: LiveSize?
        /// How many of them fit the pool's `containersPerHost`; slots beyond are held.
        package var slotsWithinCapacity: Int
        /// The pool that it is; nil for a Workload.
        package var pool: WarmPool?
        /// The task that it is, whose slots are times; nil for everything else.
        package var task: DesiredTask?
        package var strategy: RolloutStrategy
        package var disruptionBudget: DisruptionBudget?
        package var tolerations: [Toleration]
        package var antiAffinity: AntiAffinity?
        /// Objects whose members must not be on this host together with its own; itself where they keep apart too.
        package var apartFrom: Set<ResourceID> = []
        /// Objects that must be ready before a member is created or replaced; sorted.
        package var dependsOn: [ResourceID]
        package var container: ContainerIntent
        /// Ports of this host that rules of ours lead to its ready members; those that the engine publishes are in `container`.
        package var ledPorts: [PublishedPort] = []
        /// The SecurityProfile that its template names.
        package var profile: Resource<SecurityProfile>?
        /// Why nothing on this host can confine its containers as it asks for; nil where something can.
        package var cannotConfine: String?
        package var recreateHash: RecreateHash
        /// `recreateHash` as a label.
        package var recreateLabel: String
        package var origin: SourcePosition
        package var fields: FieldPositions
        /// What its template has from other objects, by the paths of the fields.
        package var given: [String: GivenField]
        /// What it asks for and nothing makes true yet; any of it holds the object.
        package var unenforced: [UnenforcedDemand]
        /// Why git asks to leave it alone; nil where it does not.
        package var pausedInGit: String?
        /// The earlier revision that it is kept at; nil where the accepted one holds.
        package var pin: Pin?
        /// The whole spec, for `meaning`.
        fileprivate let spec: any Sendable
    }

    @Boxed private var contents: Contents

    package subscript<Part>(dynamicMember part: KeyPath<Contents, Part>) -> Part {
        _read { yield contents[keyPath: part] }
    }

    package subscript<Part>(dynamicMember part: WritableKeyPath<Contents, Part>) -> Part {
        _read { yield contents[keyPath: part] }
        set { contents[keyPath: part] = newValue }
    }

    init(_ workload: Resource<Workload>) {
        var contents = Contents(
            workload, workload.spec.placement, workload.spec.source.template, slots: workload.spec.replicas,
            strategy: workload.spec.strategy, publish: workload.spec.leadsPorts ? [] : workload.spec.publish)
        if workload.spec.leadsPorts { contents.ledPorts = workload.spec.publish }
        contents.disruptionBudget = workload.spec.disruptionBudget
        self.contents = contents
    }

    init(_ pool: Resource<WarmPool>, claimRoot: String) {
        var contents = Contents(
            pool, pool.spec.placement, pool.spec.source.template, slots: pool.spec.size?.fixed ?? pool.spec.min ?? 0,
            strategy: RolloutStrategy(.rolling), publish: [])
        contents.pool = pool.spec
        contents.slotsWithinCapacity = contents.mostSlots
        contents.container.claimRoot = claimRoot
        contents.hashContainer()
        self.contents = contents
    }

    /// A task has no slots that are always there: its agenda names them.
    init(_ task: Resource<ScheduledTask>, schedule: TaskSchedule) {
        var contents = Contents(
            task, task.spec.placement, task.spec.source.template, slots: 0, strategy: RolloutStrategy(.rolling),
            publish: [])
        contents.task = DesiredTask(spec: task.spec, schedule: schedule)
        contents.slotsWithinCapacity = contents.mostSlots
        self.contents = contents
    }

    /// A stable digest of everything that the object's spec says, defaults included: equal meanings give equal text.
    ///
    /// Where it is written, its labels and its annotations are no part of it. Computed when somebody asks, since only
    /// pins do.
    /// A SecurityProfile that it names is part of it.
    package var meaning: String {
        let own = MeaningDigest.of(contents.spec)
        guard let confinement = contents.container.confinement, confinement.profile != nil else { return own }
        return MeaningDigest.of([own] + confinement.canonicalFields().map { "\($0.name)=\($0.value)" })
    }

    /// A digest of what only a replacement can change: members with another one are rolled out anew.
    package var generation: String { MeaningDigest.of([contents.recreateLabel]) }

    /// Takes in how many members an Autoscaler gives it.
    mutating func resize(_ size: LiveSize) {
        var contents = contents
        contents.liveSize = size
        contents.slots = size.size
        self.contents = contents
    }

    /// Takes in what confines its containers.
    mutating func confine(by confinements: inout Confinements) {
        var contents = contents
        contents.profile = confinements.profile(of: contents.container.template)
        do throws(InvalidText) {
            if let confinement = try confinements.confinement(of: contents.container.template) {
                contents.container.confinement = confinement
                contents.hashContainer()
            }
        } catch {
            contents.cannotConfine = error.problem
        }
        self.contents = contents
    }

    /// Has its containers ask nobody but the name filter where a policy says which names there are, or that nothing gets
    /// out: the engine's own resolver may ask from the host, past every rule of the bridge.
    mutating func ask(under policy: BridgePolicy?) {
        let asks = policy.map { $0.egress.defaultAction == .deny || !$0.names.isEmpty } ?? false
        guard asks != contents.container.asksNameFilter else { return }
        var contents = contents
        contents.container.asksNameFilter = asks
        contents.hashContainer()
        self.contents = contents
    }

    /// Objects with containers share one space of names, so the kind need not be part of it.
    package static func networkName(of id: ResourceID) -> String { "reconcile-\(id.name)" }

    /// Where a field was written, or else where the object begins.
    package func position(of field: String) -> SourcePosition { contents.fields[field] ?? contents.origin }
}

extension DesiredObject.Contents {
    /// How many members there may ever be at once.
    package var mostSlots: Int {
        if let pool { return pool.maxMembers ?? Self.unbounded }
        return task == nil ? slots : Self.unbounded
    }

    /// Of members of a pool without a bound of its own, and of runs of a task.
    private static var unbounded: Int { 1_000_000 }

    fileprivate mutating func hashContainer() {
        recreateHash = RecreateHash(container)
        recreateLabel = recreateHash.description
    }

    fileprivate init<Spec>(
        _ resource: Resource<Spec>, _ placement: Placement, _ template: ContainerTemplate, slots: Int,
        strategy: RolloutStrategy, publish: [PublishedPort]
    ) {
        id = resource.id
        labels = resource.labels
        hostPool = placement.hostPool
        self.slots = slots
        declaredSlots = slots
        slotsWithinCapacity = slots
        self.strategy = strategy
        tolerations = placement.tolerations
        antiAffinity = placement.antiAffinity
        dependsOn = placement.dependsOn
        let network = DesiredObject.networkName(of: resource.id)
        let container = ContainerIntent(template: template, publish: publish, network: network)
        self.container = container
        recreateHash = RecreateHash(container)
        recreateLabel = recreateHash.description
        origin = resource.origin
        fields = resource.fields
        given = resource.given
        unenforced = resource.unenforced
        pausedInGit = ObjectAnnotation.pause(in: resource.annotations)
        spec = resource.spec
    }
}
