/// A container that carries our mark: as inspect shows it, and its limits as the kernel has them where that can be read.
///
/// Whoever plans hands containers on all the time and changes none: all that is known of one is behind one reference.
@dynamicMemberLookup
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

    package struct Contents: Hashable, Sendable {
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
        package var endedAt: String
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
    }

    @Boxed private var contents: Contents

    package subscript<Part>(dynamicMember part: WritableKeyPath<Contents, Part>) -> Part {
        _read { yield contents[keyPath: part] }
        set { contents[keyPath: part] = newValue }
    }

    package init(
        id: String, name: String, mark: OwnershipMark, member: OwnershipMark.Member, image: String = "",
        imageID: String, status: Status, exitCode: Int = 0, health: Health = .none, probed: Bool = false,
        startedAt: String = "", endedAt: String = "", stopTimeout: Duration? = nil, address: String? = nil,
        hasClaimFolder: Bool? = nil, live: LiveSettings = LiveSettings(), kernel: KernelFacts? = nil,
        confinement: ObservedConfinement? = nil
    ) {
        contents = Contents(
            id: id, name: name, mark: mark, member: member, image: image, imageID: imageID, status: status,
            exitCode: exitCode, health: health, probed: probed, startedAt: startedAt, endedAt: endedAt,
            stopTimeout: stopTimeout, address: address, hasClaimFolder: hasClaimFolder, live: live, kernel: kernel,
            confinement: confinement)
    }

    package var slot: Int { contents.member.slot }
    package var incarnation: Int { contents.member.incarnation }
    /// Which life of its slot it is.
    package var instance: MemberInstance { MemberInstance(MemberID(contents.mark.object, slot), incarnation) }

    /// Running, confined as it was asked for, and healthy as far as a health check can tell.
    package var isReady: Bool {
        contents.status == .running && isWell
    }

    /// Frozen, and otherwise as it must be to be ready.
    package var isReadyOnceThawed: Bool { contents.status == .paused && isWell }

    private var isWell: Bool {
        if contents.confinement?.holds == false { return false }
        return switch contents.health {
        case .none, .healthy: true
        case .starting: contents.probed
        case .unhealthy: false
        }
    }
}
