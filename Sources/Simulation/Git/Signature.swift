import Invariants
import Reconciler
import Specs

extension Signature {
    /// A hash of everything about a container that only a replacement could change.
    ///
    /// FNV-1a over the fields of the template without those that Docker updates in place; none of the program's own
    /// hashing is asked.
    init(of container: ContainerIntent) {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        func mix(_ text: String) {
            for byte in text.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
            hash = (hash ^ 0xFF) &* 0x0000_0100_0000_01B3
        }
        let changesInPlace: Set = [
            "resources.cpus", "resources.memory", "resources.memorySwap", "resources.pids", "pullPolicy",
            "resources.memoryReservation", "resources.cpuShares", "resources.cpuset", "resources.blockIO.weight",
        ]
        for (name, value) in container.template.canonicalFields() where !changesInPlace.contains(name) {
            mix(name)
            mix(value)
        }
        for port in container.publish.sorted() { mix("\(port.hostIP):\(port.hostPort):\(port.container)") }
        mix(container.network)
        for (name, value) in container.confinement?.canonicalFields() ?? [] {
            mix(name)
            mix(value)
        }
        self = hash
    }
}

extension ObjectFacts {
    /// What a draft means by one of its objects.
    ///
    /// - Parameters:
    ///   - object: the same object as it was read, for what its containers look like.
    ///   - room: how many containers its pool has room for when the objects before it have taken theirs.
    init(_ draft: DraftObject, _ object: DesiredObject, room: Int) {
        let template = object.container.template
        let memory = template.resources.memory?.bytes
        let isRolling = !draft.isWarmPool && !draft.isTask && !draft.recreates
        self.init(
            id: object.id, slots: draft.isTask ? 0 : draft.replicas,
            slotsWithinCapacity: Swift.min(draft.replicas, room),
            isOurs: draft.pool != "theirs" && object.unenforced.isEmpty, isRecreated: draft.recreates,
            maxUnavailable: draft.isWarmPool ? nil : draft.maxUnavailable,
            maxSurge: isRolling ? draft.maxSurge ?? 1 : 1,
            signature: Signature(of: object.container),
            image: draft.image, followsTag: draft.followsTag,
            live: LiveSettings(
                nanoCPUs: draft.cpus.map { Int64($0) * 1_000_000 }, memory: memory,
                memorySwap: memory.map { draft.isSwapUnlimited ? -1 : $0 * 2 }, pids: draft.pids.map(Int64.init)),
            hasHealthCheck: draft.hasHealthCheck, network: object.container.network,
            dependsOn: draft.dependsOn.map { ResourceID(.workload, $0) }, isRestricted: draft.isRestricted,
            maxMembers: draft.maxMembers, isIdlePaused: draft.isIdlePaused,
            startsOnDemand: draft.isWarmPool && draft.coldStarts)
        mayBeMissing = isRolling ? Swift.min(draft.replicas, draft.maxMissing ?? 0) : 0
        isBad = draft.isBad || draft.isRefuted
        weights = draft.weights
        isRolledBack = draft.rollsBack
        hold = draft.hold.map { .seconds($0) }
        if draft.hold != nil { maxSurge = draft.replicas }
        isLed = draft.isLed && draft.hostPort != nil && !draft.isWarmPool && !draft.isTask
        hostPool = draft.pool
        isExemptFromDrains = draft.staysOnDrain
        scaling = draft.scaling
        task = draft.due.map { due in
            TaskFacts(
                due: due.sorted(), policy: draft.policy, retries: draft.retries, successful: draft.successful,
                failed: draft.failed, hasDeadline: draft.activeDeadline != nil)
        }
    }
}
