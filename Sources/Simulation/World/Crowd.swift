import Reconciler
import Specs

/// Somebody who wants a member of a pool for a while, as a program would that calls the API.
struct Person: Sendable {
    typealias ID = Int

    let id: ID
    var request: ClaimRequest
    /// The request that it waits for; nil while it waits for none.
    var ask: Ticket?
    var tries = 0
    /// What it has, as far as it was told.
    var claim: Claim?

    var holder: String { request.holder }
}

/// Whoever wants a member of a pool, or has one.
struct Crowd: Sendable {
    private(set) var people: [Person.ID: Person] = [:]
    private var lastPerson = 0
    private var lastAsk: Ticket = 0

    var isGone: Bool { people.isEmpty }

    subscript(id: Person.ID) -> Person? {
        get { people[id] }
        set { people[id] = newValue }
    }

    /// - Returns: the new person's number, of which the holder's name is made.
    mutating func add(_ request: ClaimRequest, hasKey: Bool) -> Person.ID {
        lastPerson += 1
        var request = request
        request.holder = "h\(lastPerson)"
        request.idempotencyKey = hasKey ? "k\(lastPerson)" : nil
        people[lastPerson] = Person(id: lastPerson, request: request)
        return lastPerson
    }

    mutating func nextAsk() -> Ticket {
        lastAsk += 1
        return lastAsk
    }

    /// Whoever waits for the answer to this request.
    func person(whoAsked ask: Ticket) -> Person? { people.values.first { $0.ask == ask } }

    /// In the order in which they came.
    var waiting: [Person] { people.values.filter { $0.ask != nil }.sorted { $0.id < $1.id } }

    /// Containers that people were told that they have.
    var containersInUse: [Claim.Container] {
        people.values.sorted { $0.id < $1.id }.compactMap { $0.claim?.container }
    }
}
