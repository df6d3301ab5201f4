import FoundationEssentials
package import Reconciler
package import Specs

/// A container of an object, as far as its log is concerned.
package struct LoggedMember: Hashable, Comparable, Sendable {
    package var id: String
    /// Of the container: `web-0-1`.
    package var name: String
    package var member: MemberID
    package var incarnation: Int

    package init(id: String, name: String, member: MemberID, incarnation: Int) {
        self.id = id
        self.name = name
        self.member = member
        self.incarnation = incarnation
    }

    package static func < (a: Self, b: Self) -> Bool {
        (a.member, a.incarnation, a.id) < (b.member, b.incarnation, b.id)
    }
}

/// The logs of all members of one object, read from the engine; nothing is asked of a daemon, and nothing is written.
package struct MemberLogs<Transport: DockerTransport>: Sendable {
    let client: DockerClient<Transport>
    let owner: String
    let object: ResourceID
    let slot: Int?

    /// - Parameter slot: only this one; nil is all.
    package init(_ client: DockerClient<Transport>, owner: String, of object: ResourceID, slot: Int? = nil) {
        self.client = client
        self.owner = owner
        self.object = object
        self.slot = slot
    }

    /// A log that could not be read, or not to its end.
    package struct Failure: Sendable {
        package var member: LoggedMember
        package var error: DriverError
    }

    /// What was read, and how far.
    package struct Outcome: Sendable {
        package var failures: [Failure] = []
        /// By container.
        var positions: [String: LogPosition] = [:]

        package init() {}
    }

    /// The objects of the owner that have members here, sorted.
    package func objects() async throws(DriverError) -> [ResourceID] {
        let found = try await client.containers(with: [OwnershipMark.filterLabel(ofOwner: owner)])
        return Set(found.compactMap { OwnershipMark(labels: $0.labels ?? [:])?.memberID?.object }).sorted()
    }

    /// The members that are there, those that have ended as well, by slot and incarnation.
    package func members() async throws(DriverError) -> [LoggedMember] {
        let labels = [OwnershipMark.filterLabel(ofOwner: owner), OwnershipMark.filterLabel(of: object)]
        let found = try await client.containers(with: labels).compactMap { summary -> LoggedMember? in
            guard let mark = OwnershipMark(labels: summary.labels ?? [:]), let member = mark.memberID,
                let incarnation = mark.member?.incarnation, slot == nil || slot == member.slot
            else { return nil }
            let name = summary.ownNames.first ?? String(summary.id.prefix(12))
            return LoggedMember(id: summary.id, name: name, member: member, incarnation: incarnation)
        }
        return found.sorted()
    }

    /// What these members have written so far, all of them together in the order of time.
    package func read(
        _ members: [LoggedMember], _ window: LogWindow, _ body: (LoggedMember, OutputLine) -> Void
    ) async -> Outcome {
        var window = window
        window.follows = false
        let asked = window
        let logs = await concurrentMap(members, limit: 16) { member in
            await Result { () async throws(DriverError) in try await client.log(of: member.id, asked) }
        }
        var outcome = Outcome()
        var heads: [LogHead] = []
        for (member, log) in zip(members, logs) {
            switch log {
            case .success(let log): heads.append(LogHead(member, log.makeAsyncIterator()))
            case .failure(let error): outcome.failures.append(Failure(member: member, error: error))
            }
        }
        var order = LogOrder()
        for index in heads.indices {
            if await heads[index].advance() { order.insert(index, heads[index].time) }
        }
        while let index = order.popFirst() {
            if let line = heads[index].line { body(heads[index].member, line) }
            if await heads[index].advance() { order.insert(index, heads[index].time) }
        }
        for head in heads {
            outcome.positions[head.member.id] = head.position
            if let error = head.failure { outcome.failures.append(Failure(member: head.member, error: error)) }
        }
        return outcome
    }
}

/// The next line of one log.
private struct LogHead {
    let member: LoggedMember
    private var lines: ContainerLog.AsyncIterator
    private(set) var line: OutputLine?
    private(set) var position = LogPosition()
    private(set) var failure: DriverError?

    init(_ member: LoggedMember, _ lines: ContainerLog.AsyncIterator) {
        self.member = member
        self.lines = lines
    }

    /// Of the line, or of the one before it where the engine says none.
    var time: OutputTime? { line?.time ?? position.time }

    /// - Returns: whether there is another line.
    mutating func advance() async -> Bool {
        do {
            line = try await lines.next()
        } catch {
            failure =
                error as? DriverError ?? DriverError(.transient, .serverError, "\(error)", at: OutputReader.place)
            line = nil
        }
        if let line { position.pass(line) }
        return line != nil
    }
}

/// Whose line is the oldest; of equal ones, that of the first member.
private struct LogOrder {
    /// The oldest is at the end.
    private var waiting: [(time: OutputTime?, index: Int)] = []

    mutating func insert(_ index: Int, _ time: OutputTime?) {
        let new = (time: time, index: index)
        var (low, high) = (0, waiting.count)
        while low < high {
            let middle = (low + high) / 2
            if Self.isOlder(new, waiting[middle]) { low = middle + 1 } else { high = middle }
        }
        waiting.insert(new, at: low)
    }

    mutating func popFirst() -> Int? { waiting.popLast()?.index }

    private static func isOlder(
        _ a: (time: OutputTime?, index: Int), _ b: (time: OutputTime?, index: Int)
    ) -> Bool {
        switch (a.time, b.time) {
        case (let first?, let second?) where first != second: first < second
        case (nil, .some): true
        case (.some, nil): false
        default: a.index < b.index
        }
    }
}
