import Reconciler
import Specs

/// What a trace has told of claims: what was asked and answered, what was written down, and whose each container ever was.
struct ClaimBook: Sendable {
    /// Requests that nobody has answered.
    var asks: [UInt64: ClaimAsk] = [:]
    /// Those of them for which a member may be started.
    private var asksForStart: Set<UInt64> = []
    /// The last word that was written down of each claim.
    private(set) var stored: [ClaimID: Claim] = [:]
    /// Claims that somebody was told of.
    private(set) var answered: Set<ClaimID> = []
    /// The claim that first had a container, by the container's id; for ever.
    private(set) var firstHolders: [String: ClaimID] = [:]
    /// Whose a container is by its claim file.
    private(set) var files: [String: ClaimID] = [:]
    /// Claims that their holders gave back.
    var givenBack: Set<ClaimID> = []
    /// Claims that are bound although their container was seen to be lost: since when, and in how many looks.
    var seenLost: [ClaimID: (since: Duration, looks: Int)] = [:]
    /// When a claim may end by itself at the earliest; nothing is said of those of earlier runs, whose wall clock may have
    /// been set.
    private var ends: [ClaimID: Duration] = [:]
    private var isRunning = false
    /// Claims that this run has made, and has told nobody of yet.
    private var untold: Set<ClaimID> = []
    /// Claims that the store has lost, and whose files may go with their containers.
    private(set) var onlyInFiles: Set<ClaimID> = []
    private var keys: [Key: ClaimID] = [:]
    /// Containers whose claim folder somebody has taken away.
    var withoutFolder: Set<String> = []

    private struct Key: Hashable {
        var pool: ResourceID
        var key: String
    }

    // MARK: What happens

    /// - Returns: whom the container belonged to before, where that was another claim.
    mutating func write(_ claim: Claim, at now: Duration) -> ClaimID? {
        let before = stored.updateValue(claim, forKey: claim.id)
        if isRunning, before == nil { untold.insert(claim.id) }
        if isRunning, claim.phase == .bound, before?.phase != .bound, ends[claim.id] == nil, before?.predecessor == nil
        {
            ends[claim.id] = now + claim.ttl
        }
        if claim.phase != .bound { seenLost[claim.id] = nil }
        guard let container = claim.container?.id else { return nil }
        let first = firstHolders[container] ?? claim.id
        firstHolders[container] = first
        return first == claim.id ? nil : first
    }

    mutating func renewed(_ claim: ClaimID, at now: Duration) {
        if let ttl = stored[claim]?.ttl, ends[claim] != nil { ends[claim] = now + ttl }
    }

    /// - Parameter key: that the holder asked with, whatever the program made of it.
    /// - Returns: the claim that the key was answered with before, where that is another one and still holds.
    mutating func tell(_ claim: Claim, askedOf pool: ResourceID, with key: String?, at now: Duration) -> ClaimID? {
        // Where that it is bound could not be written down.
        if stored[claim.id]?.phase == .binding, ends[claim.id] == nil { ends[claim.id] = now + claim.ttl }
        let claim = claim.id
        answered.insert(claim)
        untold.remove(claim)
        guard let key else { return nil }
        let before = keys.updateValue(claim, forKey: Key(pool: pool, key: key))
        guard let before, before != claim, let stored = stored[before] else { return nil }
        return stored.ending == .cancelled || stored.ending == .failed ? nil : before
    }

    mutating func handOver(_ container: String, to claim: ClaimID) -> ClaimID? {
        let before = files.updateValue(claim, forKey: container)
        return before == claim ? nil : before
    }

    /// What is over is forgotten, and what has no file.
    mutating func loseStored() {
        let withFile = Set(files.values)
        onlyInFiles = withFile
        stored = stored.filter { $0.value.isOpen && withFile.contains($0.key) }
        keys = keys.filter { stored[$0.value] != nil }
        answered = answered.filter { stored[$0] != nil }
        // Nobody ever had what was only set aside.
        firstHolders = firstHolders.filter { files[$0.key] == $0.value }
    }

    /// The run knows what the runs before left behind.
    mutating func beginRun() {
        isRunning = true
        onlyInFiles = []
    }

    /// Its file went with its container before anybody could read it.
    mutating func forget(_ claim: ClaimID) {
        stored[claim] = nil
        answered.remove(claim)
    }

    /// These objects are in force while somebody waits.
    mutating func follow(_ objects: [ResourceID: ObjectFacts]) {
        for ask in asks.values where objects[ask.pool]?.startsOnDemand == true { asksForStart.insert(ask.number) }
    }

    func mayStart(for ask: ClaimAsk) -> Bool { asksForStart.contains(ask.number) }

    mutating func endOfRun() {
        (asks, asksForStart) = ([:], [])
        untold = []
        seenLost = [:]
        ends = [:]
        isRunning = false
    }

    // MARK: Questions

    /// Claims that are not over, in the order of their ids.
    var open: [Claim] { stored.values.filter(\.isOpen).sorted { $0.id < $1.id } }

    /// The claim that is not over and has this container, or had it until another takes over from it.
    func holder(of container: String) -> Claim? {
        guard let claim = firstHolders[container].flatMap({ stored[$0] }), claim.isOpen,
            claim.container?.id == container || claim.predecessor?.id == container
        else { return nil }
        return claim
    }

    /// Somebody has it or had it.
    func wasGiven(_ container: String) -> Bool { firstHolders[container] != nil }

    func hasGiven(of pool: ResourceID) -> Bool { stored.values.contains { $0.pool == pool } }

    func hasLostFolder(_ container: String) -> Bool { withoutFolder.contains(container) }

    func isTooEarly(_ claim: ClaimID, at now: Duration) -> Bool { ends[claim].map { now < $0 } ?? false }

    /// Requests that no claim was made for yet: a holder of one may ask for another.
    func waiting(for pool: ResourceID) -> Int {
        var made: [String: Int] = [:]
        for claim in untold.compactMap({ stored[$0] }) where claim.isOpen && claim.pool == pool {
            made[claim.holder, default: 0] += 1
        }
        let asked = Dictionary(grouping: asks.values.lazy.filter { $0.pool == pool }, by: \.holder)
        let recovering = stored.values.count { $0.pool == pool && $0.phase == .recovering && $0.container == nil }
        return asked.reduce(recovering) { $0 + max(0, $1.value.count - made[$1.key, default: 0]) }
    }

    /// Lost containers that are kept for what came with their claim.
    func lost(of pool: ResourceID, _ mirror: EngineMirror) -> Int {
        stored.values.count { claim in
            claim.pool == pool && claim.isOpen
                && claim.predecessor.map { mirror.containers[$0.id]?.known != nil } ?? false
        }
    }

    /// Somebody's member is being made ready.
    func isBinding(_ holder: String) -> Bool {
        stored.values.contains { $0.holder == holder && $0.phase == .binding }
    }
}
