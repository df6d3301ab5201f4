package import Specs

/// What the host says: everything of ours, and of everything else only what could stand in our way.
package struct ObservedState: Sendable {
    package var engine: EngineFacts
    /// Containers that carry our mark, inspected. By id.
    private(set) package var containers: [String: ObservedContainer] = [:]
    /// Names that containers without our mark hold, with their ids.
    package var foreignNames: [String: String] = [:]
    /// All networks, ours and foreign: subnets and bridge names must not meet.
    package var networks = ObservedNetworks()
    /// Volumes by name; the owner is nil on foreign ones.
    package var volumes: [String: ObservedVolume] = [:]
    /// Images by the reference that the specs use; a reference without an entry is not on the host.
    package var images: [String: ObservedImage] = [:]
    /// References whose tag was looked up since the revision was accepted; only `pullPolicy: Always` asks for it.
    package var refreshedImages: Set<String> = []
    /// The highest incarnation that was ever created for a slot, where the state store knows of one.
    package var storedIncarnations: [MemberID: Int] = [:]
    /// False when some part could not be read; no destructive step may rest on it.
    package var isComplete = true

    /// What decides whether a step that takes something away could be finished.
    package var preflight = PreflightFacts()

    /// What the packet filter enforces of what `Interest` asked about.
    package var firewall = FirewallFacts()

    private var index = ContainerIndex()

    package init(engine: EngineFacts = EngineFacts()) { self.engine = engine }

    /// Objects of which something is on this host.
    package var objects: Set<ResourceID> { Set(index.objects).union(networks.objects) }

    /// Those of which there are containers, in no order.
    package var objectsWithContainers: some Collection<ResourceID> { index.objects }

    /// The containers of an object, by slot, then incarnation.
    package func containers(of object: ResourceID) -> [ObservedContainer] {
        let members = index.members(of: object)
        var all: [ObservedContainer] = []
        all.reserveCapacity(members.count)
        for slot in members.slots { all += members.ids(of: slot).compactMap { containers[$0] } }
        return all
    }

    /// The containers of one slot, by incarnation. Costs the same however many others there are.
    package func containers(of object: ResourceID, slot: Int) -> [ObservedContainer] {
        index.members(of: object).ids(of: slot).compactMap { containers[$0] }
    }

    /// The container of a slot that has just one.
    package func onlyContainer(of object: ResourceID, slot: Int) -> ObservedContainer? {
        index.members(of: object).onlyID(of: slot).flatMap { containers[$0] }
    }

    /// All containers of an object by slot, for whoever asks for many slots.
    func members(of object: ResourceID) -> ContainerIndex.Members { index.members(of: object) }

    /// Slots of an object that have a container, in order.
    package func slots(of object: ResourceID) -> [Int] { index.members(of: object).slots }

    /// How many containers of an object are here.
    package func count(of object: ResourceID) -> Int {
        index.members(of: object).count
    }

    /// Whether an object has a container here.
    package func hasContainers(of object: ResourceID) -> Bool { !index.members(of: object).isEmpty }

    /// Whether a slot has a container here.
    package func hasContainers(of object: ResourceID, slot: Int) -> Bool {
        !index.members(of: object).isEmpty(slot)
    }

    /// The container of ours that has this name now.
    package func container(named name: String) -> ObservedContainer? {
        index.id(named: name).flatMap { containers[$0] }
    }

    /// Takes in one container as inspect shows it now, or that it is gone.
    package mutating func record(_ container: ObservedContainer?, id: String) {
        if let old = containers.removeValue(forKey: id) { index.remove(old) }
        guard let container else { return }
        containers[id] = container
        index.insert(container)
    }
}

/// The engine itself: who it is, since when, and what it has.
package struct EngineFacts: Hashable, Sendable {
    /// The negotiated API version, such as `1.41`.
    package var apiVersion: String
    /// Tells one run of the engine from the next; empty where nothing tells. What was observed of one run says nothing
    /// about the next.
    package var start: String
    /// The engine's own version, for people.
    package var version: String
    package var cpus: Int
    /// Bytes.
    package var memory: Int64
    /// False where the kernel does not account for swap: the engine then drops that limit and shows -1.
    package var limitsSwap: Bool
    /// Where the engine keeps images and containers, as a path on its own machine; nil where it does not say.
    package var dataRoot: String?
    /// Limits that this engine or its kernel cannot enforce, by field (`resources.disk`), each with why.
    package var unsupported: [String: String]
    /// OCI runtimes by name, sorted; none where the engine does not say.
    package var runtimes: [String] = []
    /// Whether containers can be confined by seccomp; nil where the engine does not say.
    package var hasSeccomp: Bool?
    package var hasAppArmor: Bool?

    package init(
        apiVersion: String = "1.41", start: String = "", version: String = "", cpus: Int = 0, memory: Int64 = 0,
        limitsSwap: Bool = true, dataRoot: String? = nil, unsupported: [String: String] = [:]
    ) {
        self.apiVersion = apiVersion
        self.start = start
        self.version = version
        self.cpus = cpus
        self.memory = memory
        self.limitsSwap = limitsSwap
        self.dataRoot = dataRoot
        self.unsupported = unsupported
    }
}

/// A network, ours or foreign.
package struct ObservedNetwork: Hashable, Sendable {
    package var id: String
    package var name: String
    /// nil on foreign networks.
    package var mark: OwnershipMark?
    package var bridge: String?
    /// IPv4 subnets in CIDR notation.
    package var subnets: [String]

    package init(id: String, name: String, mark: OwnershipMark? = nil, bridge: String? = nil, subnets: [String] = []) {
        self.id = id
        self.name = name
        self.mark = mark
        self.bridge = bridge
        self.subnets = subnets
    }

    /// The address of the bridge itself: the first of its subnet, as engines choose it when nobody else does; nil where
    /// there is none.
    package var gateway: IPAddress? {
        // What is no range has no first address either.
        guard let subnet = subnets.first, let range = try? CIDR.parse(subnet), case .v4(let first) = range.address
        else {
            return nil
        }
        return .v4(first + 1)
    }
}

package struct ObservedVolume: Hashable, Sendable {
    package var name: String
    package var mark: OwnershipMark?

    package init(name: String, mark: OwnershipMark? = nil) {
        self.name = name
        self.mark = mark
    }
}

package struct ObservedImage: Hashable, Sendable {
    /// `sha256:…` of the image's configuration.
    package var id: String

    package init(id: String) { self.id = id }
}
extension ObservedState {
    /// Takes in what one step of ours left behind.
    package mutating func record(_ result: StepResult) {
        switch result {
        case .container(let id, let container): record(container, id: id)
        case .network(let name, let network): networks[name] = network
        case .volume(let volume): volumes[volume.name] = volume
        case .image(let reference, let image): images[reference] = image
        case .firewall(let facts): if facts.sequence >= firewall.sequence { firewall = facts }
        }
    }
}
