import Invariants
import ReconcileTesting
import Reconciler
import Specs

// People who claim members of pools, by the rules of a careful client and of a careless one.

extension World {
    /// How often a request is sent.
    private static let mostTries = 4

    // MARK: Asking

    /// Somebody new wants a member.
    mutating func comeAlong() {
        var request = ClaimRequest(
            pool: ResourceID(.warmPool, pick(drafts.claimable)), holder: "",
            wait: pick([.zero, .zero, .seconds(2), .seconds(10), .seconds(30)]))
        request.ttl = pick([nil, nil, .seconds(5), .seconds(40)])
        request.environment = chance(200) ? ["SECRET": Self.canary] : [:]
        if chance(100) { request.limits = ClaimLimits(pids: 50) }
        send(request, hasKey: chance(600), in: between(0, 1_000))
    }

    /// Somebody wants this member of a pool.
    mutating func send(_ request: ClaimRequest, hasKey: Bool, in delay: Duration = .zero) {
        let person = crowd.add(request, hasKey: hasKey)
        schedule(.asks(person), in: delay)
    }

    mutating func ask(_ id: Person.ID) {
        guard var person = crowd[id], person.ask == nil else { return }
        guard program != nil else { return schedule(.asks(id), in: between(300, 2_000)) }
        person.tries += 1
        if person.tries > Self.mostTries, person.claim == nil { return crowd[id] = nil }
        let number = crowd.nextAsk()
        person.ask = number
        crowd[id] = person
        figures.asks += 1
        emit(
            .asked(
                ClaimAsk(
                    number: number, pool: person.request.pool, holder: person.holder,
                    key: person.request.idempotencyKey, deadline: now + person.request.wait)))
        if chance(trouble.hangUp) { schedule(.hangsUp(id, ask: number), in: between(0, 5_000)) }
        var request = person.request
        if bug == .forgetKeys { request.idempotencyKey = nil }
        tell(.claim(number, request, by: person.holder))
    }

    /// Whoever asked has closed the connection; some ask again, under the same key.
    mutating func hangUp(_ id: Person.ID, _ ask: Ticket) {
        guard crowd[id]?.ask == ask else { return }
        crowd[id]?.ask = nil
        emit(.wentAway(ask: ask))
        askAgain(id)
        tell(.abandoned(ask))
    }

    /// The program has ended, and with it every connection.
    mutating func hangUpAll() {
        for person in crowd.waiting {
            crowd[person.id]?.ask = nil
            askAgain(person.id)
        }
    }

    /// With a key nothing is lost by it; without one a claim may be left behind that nobody knows of.
    private mutating func askAgain(_ id: Person.ID) {
        guard crowd[id]?.request.idempotencyKey != nil || chance(300) else { return crowd[id] = nil }
        schedule(.asks(id), in: between(100, 3_000))
    }

    // MARK: Answers

    /// An answer leaves the program.
    mutating func reply(to ask: Ticket, _ result: Result<Claim, ClaimRefusal>) {
        // Whoever hung up hears nothing.
        guard let person = crowd.person(whoAsked: ask), let result = sabotaged(result) else { return }
        emit(.told(ask: ask, try? result.get()))
        crowd[person.id]?.ask = nil
        if chance(trouble.lostAnswer) { return askAgain(person.id) }
        schedule(.hears(person.id, ask: ask, result), in: between(1, 20))
    }

    mutating func hear(_ id: Person.ID, _ ask: Ticket, _ result: Result<Claim, ClaimRefusal>) {
        guard crowd[id] != nil else { return }
        switch result {
        case .success(let claim):
            figures.claims += 1
            crowd[id]?.claim = claim
            crowd[id]?.tries = 0
            schedule(.acts(id), in: between(200, 12_000))
        case .failure(let refusal):
            let mayHelp = [.exhausted, .unavailable].contains(refusal.code) || refusal.retryAfter != nil
            guard mayHelp, trouble != .none || crowd[id]?.claim == nil else { return crowd[id] = nil }
            schedule(.asks(id), in: refusal.retryAfter ?? .seconds(1))
        }
    }

    // MARK: Holding

    /// What a holder does next: it goes on, gives back, asks once more, or walks away.
    mutating func act(_ id: Person.ID) {
        guard let person = crowd[id], let claim = person.claim else { return }
        guard program != nil else { return schedule(.acts(id), in: .seconds(1)) }
        let isOver = trouble == .none
        switch Int.random(in: 0..<10, using: &dice) {
        case 0...4 where !isOver: renew(claim, for: person)
        case 5 where !isOver && person.request.idempotencyKey != nil: schedule(.asks(id), in: .zero)
        case 6: crowd[id] = nil
        default: giveBack(claim, of: person)
        }
    }

    private mutating func renew(_ claim: Claim, for person: Person) {
        guard let program else { return }
        do throws(ClaimRefusal) {
            let (_, effects) = try program.loop.renew(claim.id, for: nil, by: person.holder, now: moment)
            emit(.renewed(claim.id))
            schedule(.acts(person.id), in: between(200, 12_000))
            conclude(effects)
        } catch {
            refused(person, error)
        }
    }

    private mutating func giveBack(_ claim: Claim, of person: Person) {
        guard let program else { return }
        emit(.gaveBack(claim.id))
        do throws(ClaimRefusal) {
            let (_, effects) = try program.loop.release(claim.id, by: person.holder, now: moment)
            crowd[person.id] = nil
            conclude(effects)
        } catch {
            refused(person, error)
        }
    }

    /// What the program cannot write down now is asked for again; whatever else it refuses is the end of it.
    private mutating func refused(_ person: Person, _ refusal: ClaimRefusal) {
        if refusal.code == .unavailable {
            schedule(.acts(person.id), in: .seconds(1))
        } else {
            crowd[person.id] = nil
        }
        conclude([])
    }
}
