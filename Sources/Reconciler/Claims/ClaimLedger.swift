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
        /// When it has waited long enough; nil for as long as the claim lasts that it is about.
        var deadline: Duration?
        /// No look at the pool has told yet whether there is a member for it.
        var isNew = false
        /// Its own wait is over, and it goes on to wait for the member that is started because of it.
        var isCold = false
        /// The claim that gets another container.
        var recovering: ClaimID?

        func isOverdue(at now: Duration) -> Bool { deadline.map { $0 <= now } ?? false }
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
    private var claims: [ClaimID: Claim] = [:]
    /// In the order of arrival; claims that lost their container come first.
    var waiting: [ResourceID: [Waiting]] = [:]
    var bindings: [ClaimID: Binding] = [:]
    /// How long each claim lasts that somebody has.
    private(set) var terms: [ClaimID: Term] = [:]
    /// Those that are not over.
    private var openByPool: [ResourceID: Set<ClaimID>] = [:]
    private var byInstance: [MemberInstance: ClaimID] = [:]
    /// Who has which member, in words.
    private(set) var holders: [MemberInstance: String] = [:]
    private var byKey: [IdempotencyKey: ClaimID] = [:]
    /// Those that are over, oldest first.
    private var ended: [ClaimID] = []
    private static let mostEnded = 10_000

    private struct IdempotencyKey: Hashable {
        var pool: ResourceID
        var key: String
    }

    /// In time since the start, so that a wall clock that is set ends no claim.
    struct Term: Sendable {
        /// When it ends unless it is renewed.
        var end: Duration
        /// When it ends whatever is renewed; nil for never.
        var last: Duration?
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
        (openByPool[pool] ?? []).sorted().compactMap { claims[$0] }
    }

    /// All that are known, in the order of their ids.
    var all: [Claim] { claims.values.sorted { $0.id < $1.id } }

    /// All claims that are not over, in the order of their ids.
    var open: [Claim] { openByPool.values.joined().sorted().compactMap { claims[$0] } }

    /// Pools that somebody has a member of.
    var poolsInUse: some Collection<ResourceID> { openByPool.keys }

    mutating func put(_ claim: Claim) {
        let before = claims.updateValue(claim, forKey: claim.id)
        for container in [before?.container, before?.predecessor].compactMap(\.self) {
            byInstance[container.instance] = nil
            holders[container.instance] = nil
        }
        for container in [claim.predecessor, claim.container].compactMap(\.self) where claim.isOpen {
            byInstance[container.instance] = claim.id
            holders[container.instance] = claim.holderWords
        }
        remember(claim)
        if claim.isOpen {
            openByPool[claim.pool, default: []].insert(claim.id)
            return
        }
        openByPool[claim.pool]?.remove(claim.id)
        if openByPool[claim.pool]?.isEmpty == true { openByPool[claim.pool] = nil }
        terms[claim.id] = nil
        bindings[claim.id] = nil
        removeWaiting(of: claim.pool) { $0.recovering == claim.id }
        if before?.isOpen != false { ended.append(claim.id) }
        // Now and then, or every end would move all of them.
        if ended.count >= Self.mostEnded + 256 { forgetOldest() }
    }

    /// What was never answered leaves the key free, for whoever has it by now.
    private mutating func remember(_ claim: Claim) {
        guard let key = claim.idempotencyKey.map({ IdempotencyKey(pool: claim.pool, key: $0) }) else { return }
        if claim.ending != .failed, claim.ending != .cancelled {
            byKey[key] = claim.id
        } else if byKey[key] == claim.id {
            byKey[key] = nil
        }
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
            func remaining(until moment: Instant) -> Duration { max(.zero, moment.wall - now.wall.wall) }
            terms[claim.id] = Term(
                end: now.uptime + min(claim.ttl, remaining(until: claim.expires)),
                last: claim.notAfter.map { now.uptime + remaining(until: $0) })
        }
    }

    // MARK: Time

    mutating func begin(_ id: ClaimID, for ttl: Duration, atMost maxAge: Duration?, at now: Duration) {
        let last = maxAge.map { now + $0 }
        terms[id] = Term(end: min(now + ttl, last ?? now + ttl), last: last)
    }

    mutating func renew(_ id: ClaimID, for ttl: Duration, at now: Duration) {
        terms[id] = Term(end: min(now + ttl, terms[id]?.last ?? now + ttl), last: terms[id]?.last)
    }

    /// It should have ended, and could not be written down: it is tried again then.
    mutating func postpone(_ id: ClaimID, to time: Duration) { terms[id] = Term(end: time, last: terms[id]?.last) }

    /// It ends by other means than time.
    mutating func stopClock(of id: ClaimID) { terms[id] = nil }

    /// Claims whose time is over, and whether renewing could have helped.
    func overdue(at now: Duration) -> [(id: ClaimID, isTooOld: Bool)] {
        terms.filter { $0.value.end <= now }.sorted { $0.key < $1.key }
            .map { ($0.key, $0.value.last.map { $0 <= now } ?? false) }
    }

    /// When something is over, or tried again, without anybody's doing.
    var nextDeadline: Duration? {
        let waits = waiting.values.lazy.flatMap { $0.compactMap(\.deadline) }
        let retries = bindings.values.lazy.compactMap(\.retry)
        return [terms.values.lazy.map(\.end).min(), waits.min(), retries.min()].compactMap(\.self).min()
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

    /// Those whose time is over, and who have not waited for a start yet, go on in their places.
    mutating func letWait(for pool: ResourceID, from now: Duration, until deadline: Duration) {
        for place in waiting[pool]?.indices ?? 0..<0 {
            guard let one = waiting[pool]?[place], one.isOverdue(at: now), !one.isCold else { continue }
            waiting[pool]?[place].isCold = true
            waiting[pool]?[place].deadline = deadline
        }
    }

    /// Takes out those whose time is over.
    mutating func takeOverdue(of pool: ResourceID, at now: Duration) -> [Waiting] {
        let overdue = (waiting[pool] ?? []).filter { $0.isOverdue(at: now) }
        if !overdue.isEmpty { removeWaiting(of: pool) { $0.isOverdue(at: now) } }
        return overdue
    }

    /// Whoever hears that this claim is somebody's again, or over.
    func claimants(of claim: Claim) -> [Ticket] {
        bindings[claim.id]?.waiting.claimants
            ?? waiting[claim.pool]?.first { $0.recovering == claim.id }?.claimants ?? []
    }

    /// Those for whom a look at the pool had no member for the first time.
    mutating func settleNewcomers(of pool: ResourceID) -> [Waiting] {
        let newcomers = (waiting[pool] ?? []).filter(\.isNew)
        for place in waiting[pool]?.indices ?? 0..<0 { waiting[pool]?[place].isNew = false }
        return newcomers
    }

    func isWaiting(_ claimant: Ticket, for pool: ResourceID) -> Bool {
        (waiting[pool] ?? []).contains { $0.claimants.contains(claimant) }
    }

    mutating func removeWaiting(of pool: ResourceID, where isOver: (Waiting) -> Bool) {
        waiting[pool]?.removeAll(where: isOver)
        if waiting[pool]?.isEmpty == true { waiting[pool] = nil }
    }

    /// Nobody hears the answer any more.
    ///
    /// - Returns: the claim that is being bound for nobody now.
    mutating func abandon(_ claimant: Ticket) -> ClaimID? {
        for pool in waiting.keys where isWaiting(claimant, for: pool) {
            for place in waiting[pool]?.indices ?? 0..<0 {
                waiting[pool]?[place].claimants.removeAll { $0 == claimant }
            }
            removeWaiting(of: pool) { $0.claimants.isEmpty && $0.recovering == nil }
            return nil
        }
        guard let (id, binding) = bindings.first(where: { $0.value.waiting.claimants.contains(claimant) }) else {
            return nil
        }
        bindings[id]?.waiting.claimants.removeAll { $0 == claimant }
        return binding.waiting.claimants.count == 1 ? id : nil
    }
}
