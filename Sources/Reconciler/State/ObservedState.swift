package import Specs

/// What the host says: everything of ours, and of everything else only what could stand in our way.
package struct ObservedState: Sendable {
    package var engine: EngineFacts
    /// Containers that carry our mark, inspected. By id.
    private(set) package var containers: [String: ObservedContainer] = [:]
    /// Names that containers without our mark hold, with their ids.
    package var foreignNames: [String: String] = [:]
    /// All networks, ours and foreign: subnets and bridge names must not meet. By name.
    package var networks: [String: ObservedNetwork] = [:]
    /// Volumes by name; the owner is nil on foreign ones.
    package var volumes: [String: ObservedVolume] = [:]
    /// Images by the reference that the specs use; a reference without an entry is not on the host.
    package var images: [String: ObservedImage] = [:]
    /// References whose tag was looked up since the revision was accepted; only `pullPolicy: Always` asks for it.
    package var refreshedImages: Set<String> = []
    /// The highest incarnation that was ever created for a slot, where the state store knows of one.
    package var storedIncarnations: [MemberID: Int] = [:]
    /// Instances that are not `ready`, as the state store says.
    package var phases: [MemberInstance: MemberPhase] = [:]
    /// False when some part could not be read; no destructive step may rest on it.
    package var isComplete = true

    private var idsByObject: [ResourceID: Set<String>] = [:]

    package init(engine: EngineFacts = EngineFacts()) { self.engine = engine }

    /// Objects of which something is on this host.
    package var objects: Set<ResourceID> {
        Set(idsByObject.keys).union(networks.values.compactMap { $0.mark?.object })
    }

    /// The containers of an object, by slot, then incarnation.
    package func containers(of object: ResourceID) -> [ObservedContainer] {
        (idsByObject[object] ?? []).compactMap { containers[$0] }
            .sorted { ($0.slot, $0.incarnation, $0.id) < ($1.slot, $1.incarnation, $1.id) }
    }

    /// Takes in one container as inspect shows it now, or that it is gone.
    package mutating func record(_ container: ObservedContainer?, id: String) {
        if let old = containers.removeValue(forKey: id) {
            idsByObject[old.mark.object]?.remove(id)
            if idsByObject[old.mark.object]?.isEmpty == true { idsByObject[old.mark.object] = nil }
        }
        guard let container else { return }
        containers[id] = container
        idsByObject[container.mark.object, default: []].insert(id)
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

    package init(
        apiVersion: String = "1.41", start: String = "", version: String = "", cpus: Int = 0, memory: Int64 = 0,
        limitsSwap: Bool = true
    ) {
        self.apiVersion = apiVersion
        self.start = start
        self.version = version
        self.cpus = cpus
        self.memory = memory
        self.limitsSwap = limitsSwap
    }
}

/// A container that carries our mark, as inspect shows it.
package struct ObservedContainer: Hashable, Sendable {
    package enum Status: String, Hashable, Sendable {
        case created, running, paused, restarting, removing, exited, dead
    }

    package enum Health: String, Hashable, Sendable {
        /// The container has no health check.
        case none
        /// No verdict of Docker's yet.
        case starting
        case healthy
        case unhealthy
    }

    package var id: String
    package var name: String
    package var mark: OwnershipMark
    /// Always present: a container without slot and incarnation is not ours.
    package var member: OwnershipMark.Member
    /// The image reference that it was created with.
    package var image: String
    /// The image behind the container, as an id `sha256:…`.
    package var imageID: String
    package var status: Status
    package var exitCode: Int
    package var health: Health
    /// Our own probe has succeeded in this run; counts until Docker has a verdict. A driver knows it only of the probe
    /// that it has just made; the controller remembers.
    package var probed: Bool
    /// As Docker prints it; identifies one run of the container.
    package var startedAt: String
    /// How long it may take to stop, as it was created; nil where the engine does not say.
    package var stopTimeout: Duration?
    package var live: LiveSettings

    package init(
        id: String, name: String, mark: OwnershipMark, member: OwnershipMark.Member, image: String = "",
        imageID: String, status: Status, exitCode: Int = 0, health: Health = .none, probed: Bool = false,
        startedAt: String = "", stopTimeout: Duration? = nil, live: LiveSettings = LiveSettings()
    ) {
        self.id = id
        self.name = name
        self.mark = mark
        self.member = member
        self.image = image
        self.imageID = imageID
        self.status = status
        self.exitCode = exitCode
        self.health = health
        self.probed = probed
        self.startedAt = startedAt
        self.stopTimeout = stopTimeout
        self.live = live
    }

    package var slot: Int { member.slot }
    package var incarnation: Int { member.incarnation }

    /// Running, and healthy as far as a health check can tell.
    package var isReady: Bool {
        guard status == .running else { return false }
        return switch health {
        case .none, .healthy: true
        case .starting: probed
        case .unhealthy: false
        }
    }
}

/// The settings that Docker can change on a container without replacing it, as inspect shows them.
///
/// nil is no limit. Docker's spellings of "none" (0, -1, null) are folded into nil by the driver.
package struct LiveSettings: Hashable, Sendable {
    package var nanoCPUs: Int64?
    package var memory: Int64?
    /// Memory and swap together; -1 is unlimited.
    package var memorySwap: Int64?
    package var pids: Int64?
    /// `no` for us always: we heal.
    package var restartPolicy: String

    package init(
        nanoCPUs: Int64? = nil, memory: Int64? = nil, memorySwap: Int64? = nil, pids: Int64? = nil,
        restartPolicy: String = "no"
    ) {
        self.nanoCPUs = nanoCPUs
        self.memory = memory
        self.memorySwap = memorySwap
        self.pids = pids
        self.restartPolicy = restartPolicy
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
        }
    }
}
