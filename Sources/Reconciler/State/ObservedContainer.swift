/// A container that carries our mark: as inspect shows it, and its limits as the kernel has them where that can be read.
package struct ObservedContainer: Hashable, Sendable {
    package enum Status: String, Hashable, Codable, Sendable {
        case created, running, paused, restarting, removing, exited, dead
    }

    package enum Health: String, Hashable, Codable, Sendable {
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
    /// When it ended, as Docker prints it; means nothing while it runs, and is empty where the engine does not say.
    package var endedAt = ""
    /// How long it may take to stop, as it was created; nil where the engine does not say.
    package var stopTimeout: Duration?
    /// Its address on the network of its object while it runs; nil where the engine names none.
    package var address: String?
    /// Whether a member of a pool has the folders that a claim needs: without them nobody can have it. nil where nobody
    /// can tell, and for all that nobody can claim.
    package var hasClaimFolder: Bool?
    package var live: LiveSettings
    /// What the kernel says of the running process; nil where it cannot be read.
    package var kernel: KernelFacts?
    /// How it is confined as long as it runs, against what it was made for; nil where nothing was asked for.
    package var confinement: ObservedConfinement?
    /// Where it is attached to its object's bridge; nil while it does not run, and where that cannot be seen.
    package var link: MemberLink?

    package init(
        id: String, name: String, mark: OwnershipMark, member: OwnershipMark.Member, image: String = "",
        imageID: String, status: Status, exitCode: Int = 0, health: Health = .none, probed: Bool = false,
        startedAt: String = "", stopTimeout: Duration? = nil, live: LiveSettings = LiveSettings(),
        kernel: KernelFacts? = nil
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
        self.kernel = kernel
    }

    package var slot: Int { member.slot }
    package var incarnation: Int { member.incarnation }
    /// Which life of its slot it is.
    package var instance: MemberInstance { MemberInstance(MemberID(mark.object, slot), incarnation) }

    /// Running, confined as it was asked for, and healthy as far as a health check can tell.
    package var isReady: Bool {
        guard status == .running, confinement?.holds != false else { return false }
        return switch health {
        case .none, .healthy: true
        case .starting: probed
        case .unhealthy: false
        }
    }
}
