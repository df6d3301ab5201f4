import Reconciler
import Specs
import Synchronization

@testable import API

extension TestHost {
    func claim(_ request: ClaimRequest, by name: String) async throws(ClaimRefusal) -> Claim {
        try await desk.claim(request, by: name)
    }

    func renew(_ id: ClaimID, for ttl: Duration?, by name: String) async throws(ClaimRefusal) -> Claim {
        try desk.change(id, by: name) { $0.ttl = ttl ?? $0.ttl }
    }

    func release(_ id: ClaimID, by name: String) async throws(ClaimRefusal) -> Claim {
        guard let claim = desk.claim(id) else { throw ClaimDesk.unknown(id) }
        return claim.isOpen ? try desk.end(id, .released, by: name) : claim
    }

    func claims() async -> [Claim] { desk.claims }

    func claim(_ id: ClaimID) async -> Claim? { desk.claim(id) }
}

/// Hands out containers that are not there by the rules of a controller: in the order of arrival, once for each key, and
/// none to a caller that is cancelled.
final class ClaimDesk: Sendable {
    private struct Contents {
        var ready: [String: Int] = ["agents": 2]
        var claims: [ClaimID: Claim] = [:]
        var waiting: [(ticket: Int, pool: String, wake: AsyncStream<Void>.Continuation)] = []
        var lastNumber: UInt64 = 0
        var requests: [ClaimRequest] = []
        var callers: [String] = []
        var refusal: ClaimRefusal?
        var cancelled = 0
        var tell: @Sendable (Claim) -> Void = { _ in }
    }

    private let contents = Mutex(Contents())

    static func unknown(_ id: ClaimID) -> ClaimRefusal { ClaimRefusal(.notFound, "there is no claim '\(id)'") }

    func tell(_ body: @escaping @Sendable (Claim) -> Void) { contents.withLock { $0.tell = body } }

    /// What was asked for so far, and by whom.
    var requests: [ClaimRequest] { contents.withLock { $0.requests } }
    var callers: [String] { contents.withLock { $0.callers } }
    var claims: [Claim] { contents.withLock { $0.claims.values.sorted { $0.id < $1.id } } }
    var waiting: Int { contents.withLock { $0.waiting.count } }
    /// Callers that went away while they waited.
    var cancelled: Int { contents.withLock { $0.cancelled } }

    func claim(_ id: ClaimID) -> Claim? { contents.withLock { $0.claims[id] } }

    /// Everybody is refused so from now on.
    func refuse(_ refusal: ClaimRefusal?) { contents.withLock { $0.refusal = refusal } }

    /// Members become ready; who waits longest has them first.
    func refill(_ pool: String = "agents", by count: Int) {
        let woken = contents.withLock { contents in
            contents.ready[pool, default: 0] += count
            let woken = contents.waiting.filter { $0.pool == pool }.prefix(max(0, count))
            contents.waiting.removeAll { entry in woken.contains { $0.ticket == entry.ticket } }
            return woken.map(\.wake)
        }
        for wake in woken { wake.finish() }
    }

    func claim(_ request: ClaimRequest, by name: String) async throws(ClaimRefusal) -> Claim {
        let pool = request.pool.name
        let (first, ticket, turn) = contents.withLock { contents in
            contents.requests.append(request)
            contents.callers.append(name)
            let (turn, wake) = AsyncStream<Void>.makeStream()
            let first = Result { () throws(ClaimRefusal) in try Self.answer(request, &contents) }
            let ticket = contents.requests.count
            if case .success(nil) = first { contents.waiting.append((ticket, pool, wake)) }
            return (first, ticket, turn)
        }
        if let claim = try first.get() { return announce(claim) }
        let alarm = Task {
            try await Task.sleep(for: request.wait)
            self.leave(ticket)
        }
        for await _ in turn {}
        alarm.cancel()
        if Task.isCancelled {
            leave(ticket)
            contents.withLock { $0.cancelled += 1 }
            throw ClaimRefusal(.unavailable, "nobody waits for it")
        }
        let answer = contents.withLock { contents in
            Result { () throws(ClaimRefusal) in try Self.answer(request, &contents) }
        }
        guard let claim = try answer.get() else {
            throw ClaimRefusal(.exhausted, "no member of \(request.pool) is ready", retryAfter: .milliseconds(1_500))
        }
        return announce(claim)
    }

    private func leave(_ ticket: Int) {
        let wake = contents.withLock { contents in
            let wake = contents.waiting.first { $0.ticket == ticket }?.wake
            contents.waiting.removeAll { $0.ticket == ticket }
            return wake
        }
        wake?.finish()
    }

    /// nil has to wait.
    private static func answer(_ request: ClaimRequest, _ contents: inout Contents) throws(ClaimRefusal) -> Claim? {
        if let refusal = contents.refusal { throw refusal }
        if let key = request.idempotencyKey,
            let known = contents.claims.values.first(where: { $0.idempotencyKey == key })
        {
            if known.requestDigest == request.digest { return known }
            throw ClaimRefusal(.conflict, "the key belongs to another request")
        }
        guard let ready = contents.ready[request.pool.name] else {
            throw ClaimRefusal(.notFound, "there is no \(request.pool) on this host")
        }
        if ready == 0 { return nil }
        contents.ready[request.pool.name] = ready - 1
        contents.lastNumber += 1
        let claim = Self.bound(request, number: contents.lastNumber)
        contents.claims[claim.id] = claim
        return claim
    }

    private static func bound(_ request: ClaimRequest, number: UInt64) -> Claim {
        let ttl = request.ttl ?? .seconds(1_800)
        var claim = Claim(
            id: ClaimID(number: number), request: request, phase: .bound, container: container(request.pool, number),
            source: .warm, ttl: ttl, created: TestServer.now,
            expires: TestServer.now.advanced(bySeconds: ttl.components.seconds), notAfter: nil)
        claim.durationMicroseconds = 1_250
        return claim
    }

    private static func container(_ pool: ResourceID, _ number: UInt64) -> Claim.Container {
        Claim.Container(
            instance: MemberInstance(MemberID(pool, Int(number)), 1), id: "c0ffee\(number)",
            name: "\(pool.name)-\(number)-1",
            address: "172.30.0.\(number)", ports: ["8080/tcp"])
    }

    // MARK: What becomes of a claim

    @discardableResult
    func change(
        _ id: ClaimID, by name: String = "", _ body: (inout Claim) -> Void
    ) throws(ClaimRefusal) -> Claim {
        let changed: Result<Claim, ClaimRefusal> = contents.withLock { contents in
            guard var claim = contents.claims[id] else { return .failure(Self.unknown(id)) }
            if !claim.isOpen { return .failure(ClaimRefusal(.conflict, "the claim '\(id)' is over")) }
            body(&claim)
            contents.claims[id] = claim
            return .success(claim)
        }
        return announce(try changed.get())
    }

    @discardableResult
    func end(_ id: ClaimID, _ ending: Claim.Ending, by name: String = "") throws(ClaimRefusal) -> Claim {
        try change(id, by: name) {
            $0.phase = .ended
            $0.ending = ending
        }
    }

    /// Its container died, and it waits for another.
    func lose(_ id: ClaimID) throws(ClaimRefusal) {
        try change(id) {
            $0.phase = .recovering
            $0.message = "the container exited with 137"
            $0.container = nil
        }
    }

    func recover(_ id: ClaimID) throws(ClaimRefusal) {
        let number = contents.withLock { contents in
            contents.lastNumber += 1
            return contents.lastNumber
        }
        try change(id) {
            $0.phase = .bound
            $0.message = ""
            $0.container = Self.container($0.pool, number)
            $0.recoveries += 1
        }
    }

    private func announce(_ claim: Claim) -> Claim {
        contents.withLock { $0.tell }(claim)
        return claim
    }
}
