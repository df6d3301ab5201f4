import Reconciler
import Specs

/// What is really in the engine, and what of it the program was told: two views of the same events.
///
/// Each thing keeps its versions back to the one that the program knows. The newest word that it was given about a thing
/// is what it has to decide on, in whatever order the words arrived.
struct EngineMirror: Sendable {
    struct Track<Facts: Sendable>: Sendable {
        /// By engine event, oldest first; nil is gone.
        private(set) var versions: [(event: Int, facts: Facts?)] = []
        /// The engine event as of which the program knows it; nil when it was told nothing in this run.
        private(set) var told: Int?

        var now: Facts? { versions.last?.facts }

        /// What the program knows; nil when it knows of nothing, or that it is gone.
        var known: Facts? {
            guard let told, let index = versions.indices.last(where: { versions[$0].event <= told }) else { return nil }
            return versions[index].facts
        }

        mutating func record(_ facts: Facts?, at event: Int) { versions.append((event, facts)) }

        mutating func tell(asOf event: Int) {
            if let told, told >= event { return }
            told = event
            // What came before the known version can never be known again.
            if let first = versions.lastIndex(where: { $0.event <= event }), first > 0 {
                versions.removeFirst(first)
            }
        }

        mutating func forgetTold() { told = nil }

        var isOver: Bool { versions.count == 1 && now == nil && told != nil }
    }

    private(set) var containers: [String: Track<ContainerFacts>] = [:]
    /// Ids by member, of those that are known to be somebody's; a container never changes whose it is.
    private var idsByMember: [MemberID: Set<String>] = [:]
    private(set) var networks: [String: Track<NetworkFacts>] = [:]
    /// The id behind each reference.
    private(set) var images: [String: Track<String>] = [:]
    /// The run in which our probe found a container ready, by container.
    private(set) var probed: [String: String] = [:]
    /// The same as it is written down: what a run was told and did not write down ends with it.
    private var storedProbes: [String: String] = [:]
    /// Instances that the program has written down to take away for good: whatever git says later, they go. One that is
    /// gone is forgotten, as the program's table of phases does: what a late call makes of that name is a new container.
    var retired: Set<MemberInstance> = []
    /// Those of them that are gone. The program forgets one when two looks in a row have not found it: what a late call makes
    /// of its name before that may be on its way out already.
    private var formerlyRetired: Set<MemberInstance> = []
    /// The highest incarnation that the program was ever told of, in any run.
    private(set) var incarnations: [MemberID: Int] = [:]
    private(set) var lastEvent = 0

    mutating func record(_ facts: ContainerFacts) {
        lastEvent += 1
        containers[facts.id, default: Track()].record(facts, at: lastEvent)
        if let member = facts.member { idsByMember[member, default: []].insert(facts.id) }
    }

    mutating func recordGone(container id: String) {
        lastEvent += 1
        if let gone = containers[id]?.now, let member = gone.member {
            let instance = MemberInstance(member, gone.incarnation)
            if retired.remove(instance) != nil { formerlyRetired.insert(instance) }
        }
        containers[id, default: Track()].record(nil, at: lastEvent)
    }

    mutating func record(_ facts: NetworkFacts) {
        lastEvent += 1
        networks[facts.name, default: Track()].record(facts, at: lastEvent)
    }

    mutating func recordGone(network name: String) {
        lastEvent += 1
        networks[name, default: Track()].record(nil, at: lastEvent)
    }

    mutating func record(image reference: String, id: String?) {
        lastEvent += 1
        images[reference, default: Track()].record(id, at: lastEvent)
    }

    // MARK: What the program is told

    mutating func tell(everythingAsOf event: Int, but unread: [String]) {
        // In place: this is done for every look of the program.
        for index in containers.values.indices {
            if !unread.isEmpty, unread.contains(containers.keys[index]) { continue }
            containers.values[index].tell(asOf: event)
            if let known = containers.values[index].known { noteIncarnation(of: known) }
        }
        for index in networks.values.indices { networks.values[index].tell(asOf: event) }
        for index in images.values.indices { images.values[index].tell(asOf: event) }
        dropWhatIsOver()
    }

    mutating func tell(_ id: String, asOf event: Int) {
        containers[id]?.tell(asOf: event)
        if let known = containers[id]?.known { noteIncarnation(of: known) }
    }

    private mutating func noteIncarnation(of known: ContainerFacts) {
        guard let member = known.member else { return }
        if known.incarnation > incarnations[member] ?? 0 { incarnations[member] = known.incarnation }
    }

    mutating func tell(network name: String, asOf event: Int) { networks[name]?.tell(asOf: event) }

    mutating func tell(image reference: String, asOf event: Int) { images[reference]?.tell(asOf: event) }

    mutating func tell(probed id: String) { probed[id] = containers[id]?.known?.startedAt }

    mutating func forgetTold() {
        for id in containers.keys { containers[id]?.forgetTold() }
        for name in networks.keys { networks[name]?.forgetTold() }
        for reference in images.keys { images[reference]?.forgetTold() }
        probed = storedProbes
    }

    mutating func store(probed id: String) { storedProbes[id] = probed[id] }

    private mutating func dropWhatIsOver() {
        let over = containers.keys.filter { containers[$0]?.isOver == true }
        if over.isEmpty { return }
        for id in over {
            containers[id] = nil
            probed[id] = nil
            storedProbes[id] = nil
        }
        for member in idsByMember.keys {
            idsByMember[member]?.subtract(over)
            if idsByMember[member]?.isEmpty == true { idsByMember[member] = nil }
        }
    }

    // MARK: Questions

    /// Containers of a member that the program knows of.
    func known(of member: MemberID) -> [ContainerFacts] {
        (idsByMember[member] ?? []).compactMap { containers[$0]?.known }
    }

    func isKnown(_ instance: MemberInstance) -> Bool {
        known(of: instance.member).contains { $0.incarnation == instance.incarnation }
    }

    /// Containers of a member that there are.
    func present(of member: MemberID) -> [ContainerFacts] {
        (idsByMember[member] ?? []).compactMap { containers[$0]?.now }
    }

    /// Ready, as the engine and our own probe say.
    func isReady(_ container: ContainerFacts) -> Bool {
        guard container.status == .running else { return false }
        return switch container.health {
        case .none, .healthy: true
        case .starting: probed[container.id] == container.startedAt
        case .unhealthy: false
        }
    }

    /// Is in substance what the object asks for, with the image that is behind the tag.
    func fits(_ container: ContainerFacts, _ object: ObjectFacts) -> Bool {
        isOfThisMake(container, object) && isCurrent(container, object, image: images[object.image]?.now)
    }

    /// Is so as far as the program knows.
    func fitsAsKnown(_ container: ContainerFacts, _ object: ObjectFacts) -> Bool {
        isOfThisMake(container, object) && isCurrent(container, object, image: images[object.image]?.known)
    }

    /// Whether the program may still know an earlier container of this name as being on its way out.
    func mayBeRetired(_ container: ContainerFacts) -> Bool {
        container.member.map { formerlyRetired.contains(MemberInstance($0, container.incarnation)) } ?? false
    }

    /// Is so as far as the program knows, whether it is to go or not.
    func isCurrentAsKnown(_ container: ContainerFacts, _ object: ObjectFacts) -> Bool {
        isMade(container, as: object) && isCurrent(container, object, image: images[object.image]?.known)
    }

    private func isOfThisMake(_ container: ContainerFacts, _ object: ObjectFacts) -> Bool {
        isMade(container, as: object)
            && !(container.member.map { retired.contains(MemberInstance($0, container.incarnation)) } ?? false)
    }

    private func isMade(_ container: ContainerFacts, as object: ObjectFacts) -> Bool {
        container.signature == object.signature && container.status != .removing && container.status != .dead
            && container.live.canBecome(object.live)
    }

    private func isCurrent(_ container: ContainerFacts, _ object: ObjectFacts, image: String?) -> Bool {
        !object.followsTag || image == nil || image == container.imageID
    }
}

extension LiveSettings {
    /// Whether Docker can update these to those in place: a limit cannot be taken away.
    func canBecome(_ other: LiveSettings) -> Bool {
        (other.nanoCPUs != nil || nanoCPUs == nil) && (other.memory != nil || memory == nil)
            && (other.memorySwap != -1 || memorySwap == -1)
    }
}
