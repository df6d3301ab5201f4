import Specs

/// Who has which member, who waits for one, and when what ends: the bookkeeping of claims, without any effect.
struct ClaimLedger: Sendable {
    /// Somebody who waits for a member.
    struct Waiting: Sendable {
        /// Who hears the answer; empty for a claim that lost its container.
        var claimants: [Ticket]
        var request: ClaimRequest
        /// Who asks, for the audit log.
        var by: String
        var asked: Duration
        /// When it has waited long enough.
        var deadline: Duration
        /// Its own wait is over, and it goes on to wait for the member that is started because of it.
        var isCold = false
        /// The claim that gets another container.
        var recovering: ClaimID?
    }

    /// A member that is being made its holder's, with what must not be written down.
    struct Binding: Sendable {
        var binding: ClaimBinding
        var waiting: Waiting
        var attempts = 1
        /// When it is tried again; nil while a call is under way.
        var retry: Duration?
    }

    /// Claims that are not over, and the newest of those that are.
    private(set) var claims: [ClaimID: Claim] = [:]
    /// In the order of arrival; claims that lost their container come first.
    var waiting: [ResourceID: [Waiting]] = [:]
    var bindings: [ClaimID: Binding] = [:]
    /// When each open claim ends unless it is renewed, in time since the start.
    var deadlines: [ClaimID: Duration] = [:]
    private var byInstance: [MemberInstance: ClaimID] = [:]
    private var byKey: [IdempotencyKey: ClaimID] = [:]
    /// Those that are over, oldest first.
    private var ended: [ClaimID] = []
    private static let mostEnded = 10_000

    struct IdempotencyKey: Hashable {
        var pool: ResourceID
        var key: String
    }

    // MARK: Claims

    subscript(id: ClaimID) -> Claim? { claims[id] }

    func claim(of instance: MemberInstance) -> Claim? { byInstance[instance].flatMap { claims[$0] } }

    /// What was asked for before under this key.
    func claim(_ key: String?, of pool: ResourceID) -> Claim? {
        key.flatMap { byKey[IdempotencyKey(pool: pool, key: $0)] }.flatMap { claims[$0] }
    }

    /// All claims of a pool that are not over, in the order of their ids.
    func open(of pool: ResourceID) -> [Claim] {
        claims.values.filter { $0.pool == pool && $0.isOpen }.sorted { $0.id < $1.id }
    }

    mutating func put(_ claim: Claim) {
        let before = claims.updateValue(claim, forKey: claim.id)
        for container in [before?.container, before?.predecessor].compactMap(\.self) {
            byInstance[container.instance] = nil
        }
        for container in [claim.predecessor, claim.container].compactMap(\.self) where claim.isOpen {
            byInstance[container.instance] = claim.id
        }
        if let key = claim.idempotencyKey { byKey[IdempotencyKey(pool: claim.pool, key: key)] = claim.id }
        guard !claim.isOpen else { return }
        deadlines[claim.id] = nil
        bindings[claim.id] = nil
        if before?.isOpen != false { ended.append(claim.id) }
        // Now and then, or every end would move all of them.
        if ended.count >= Self.mostEnded + 256 { forgetOldest() }
    }

    private mutating func forgetOldest() {
        for id in ended.prefix(256) {
            guard let claim = claims.removeValue(forKey: id), let key = claim.idempotencyKey else { continue }
            let place = IdempotencyKey(pool: claim.pool, key: key)
            if byKey[place] == id { byKey[place] = nil }
        }
        ended.removeFirst(256)
    }

    /// Takes over what the runs before left behind.
    ///
    /// A claim never lasts longer by a restart than its `ttl`, whatever the wall clock says.
    mutating func recall(_ stored: [Claim], at now: Now) {
        for claim in stored.sorted(by: { ($0.created, $0.id) < ($1.created, $1.id) }) {
            put(claim)
            guard claim.isOpen else { continue }
            deadlines[claim.id] = now.uptime + min(claim.ttl, max(.zero, claim.expires.wall - now.wall.wall))
        }
    }

    // MARK: Time

    /// When something is over, or tried again, without anybody's doing.
    var nextDeadline: Duration? {
        let waits = waiting.values.lazy.flatMap { $0.map(\.deadline) }
        let retries = bindings.values.lazy.compactMap(\.retry)
        return [deadlines.values.min(), waits.min(), retries.min()].compactMap(\.self).min()
    }

    // MARK: Whoever waits

    /// Somebody who waits under the same key for the same thing.
    func hasWaiting(_ key: String, of pool: ResourceID) -> Bool {
        (waiting[pool] ?? []).contains { $0.request.idempotencyKey == key }
    }

    mutating func enqueue(_ one: Waiting, of pool: ResourceID) {
        guard one.recovering != nil else { return waiting[pool, default: []].append(one) }
        let place = (waiting[pool] ?? []).firstIndex { $0.recovering == nil } ?? waiting[pool]?.count ?? 0
        waiting[pool, default: []].insert(one, at: place)
    }

    /// Back to where it stood: its member was none.
    mutating func putBack(_ one: Waiting, of pool: ResourceID) { waiting[pool, default: []].insert(one, at: 0) }

    mutating func takeFirst(of pool: ResourceID) -> Waiting? {
        guard let first = waiting[pool]?.first else { return nil }
        waiting[pool]?.removeFirst()
        if waiting[pool]?.isEmpty == true { waiting[pool] = nil }
        return first
    }

    /// Takes out those whose time is over.
    mutating func takeOverdue(at now: Duration) -> [(pool: ResourceID, Waiting)] {
        var overdue: [(ResourceID, Waiting)] = []
        for pool in waiting.keys.sorted() {
            let late = waiting[pool]?.filter { $0.deadline <= now } ?? []
            if late.isEmpty { continue }
            overdue += late.map { (pool, $0) }
            waiting[pool]?.removeAll { $0.deadline <= now }
            if waiting[pool]?.isEmpty == true { waiting[pool] = nil }
        }
        return overdue
    }

    /// Nobody hears the answer any more.
    ///
    /// - Returns: the claim that is being bound for nobody now.
    mutating func abandon(_ claimant: Ticket) -> ClaimID? {
        for (pool, all) in waiting {
            guard let place = all.firstIndex(where: { $0.claimants.contains(claimant) }) else { continue }
            waiting[pool]?[place].claimants.removeAll { $0 == claimant }
            if waiting[pool]?[place].claimants.isEmpty == true { waiting[pool]?.remove(at: place) }
            if waiting[pool]?.isEmpty == true { waiting[pool] = nil }
            return nil
        }
        guard let (id, binding) = bindings.first(where: { $0.value.waiting.claimants.contains(claimant) }) else {
            return nil
        }
        bindings[id]?.waiting.claimants.removeAll { $0 == claimant }
        return binding.waiting.claimants.count == 1 ? id : nil
    }
}
