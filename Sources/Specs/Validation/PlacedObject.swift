/// An object with containers, whatever its kind, as the rules between objects see it.
struct PlacedObject {
    let id: ResourceID
    let labels: [String: String]
    let origin: SourcePosition
    var fields: FieldPositions
    var given: [String: GivenField]
    /// How many containers it asks for, per host or in total as its pool says.
    let members: Int
    /// The path of the field that says so.
    let membersField: String
    var placement: Placement
    var source: TemplateSource
    var unenforced: [UnenforcedDemand]

    /// Where a field was written, or else where the object begins.
    func position(of field: String) -> SourcePosition { fields[field] ?? origin }
}

/// A spec whose containers run on the hosts of a pool.
protocol PlacedSpec: KindSpec {
    var placement: Placement { get set }
    var source: TemplateSource { get set }
    var members: Int { get }
    static var membersField: String { get }
}

extension Workload: PlacedSpec {
    var members: Int { replicas }
    static let membersField = "spec.replicas"
}

extension WarmPool: PlacedSpec {
    /// The most there can be of a size that moves.
    var members: Int { maxMembers ?? max ?? size?.fixed ?? 0 }
    static let membersField = "spec.size"
}

extension ScheduledTask: PlacedSpec {
    /// Runs come and go; at their time each is one container.
    var members: Int { suspend ? 0 : 1 }
    static let membersField = "spec.schedule"
}

extension SpecSet {
    /// All objects with containers, in the order of their places in the files.
    var placed: [PlacedObject] {
        (workloads.map { PlacedObject($0) } + warmPools.map { PlacedObject($0) }
            + scheduledTasks.map { PlacedObject($0) }).sorted { $0.origin < $1.origin }
    }

    /// Changes objects with containers, one after the other.
    mutating func updatePlaced(_ body: (inout PlacedObject) -> Void) {
        for index in workloads.indices { workloads[index].update(body) }
        for index in warmPools.indices { warmPools[index].update(body) }
        for index in scheduledTasks.indices { scheduledTasks[index].update(body) }
    }
}

extension PlacedObject {
    fileprivate init<Spec: PlacedSpec>(_ resource: Resource<Spec>) {
        id = resource.id
        labels = resource.labels
        origin = resource.origin
        fields = resource.fields
        given = resource.given
        members = resource.spec.members
        membersField = Spec.membersField
        placement = resource.spec.placement
        source = resource.spec.source
        unenforced = resource.unenforced
    }
}

extension Resource where Spec: PlacedSpec {
    fileprivate mutating func update(_ body: (inout PlacedObject) -> Void) {
        var object = PlacedObject(self)
        body(&object)
        spec.placement = object.placement
        spec.source = object.source
        fields = object.fields
        given = object.given
        unenforced = object.unenforced
    }
}
