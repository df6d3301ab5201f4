/// Puts grants into the kernel's sets, one transaction after the other.
///
/// What comes while a transaction is under way shares the next one, so that a hundred first answers at once cost two
/// transactions. If one fails, each bridge's part is tried alone: a bridge that is gone must not close the others.
package actor GrantQueue {
    private enum Change { case add, remove }

    private struct Waiter {
        var change: Change
        var grants: [AddressGrant]
        var continuation: CheckedContinuation<Result<Void, AddressSetsError>, Never>
    }

    private let sets: any AddressSets
    private var waiters: [Waiter] = []
    private var isWorking = false
    /// Transactions so far.
    package private(set) var transactions = 0

    /// More grants than these wait for another transaction, so that one answer never waits for all of a storm.
    private static let mostGrants = 4_096

    /// Clients ask for a name's IPv4 and IPv6 addresses at the same time; waiting this long lets both share the first
    /// transaction, which costs many times as much.
    private static let gathering = Duration.milliseconds(1)

    package init(_ sets: any AddressSets) { self.sets = sets }

    /// Returns when the kernel has them.
    package func add(_ grants: [AddressGrant]) async throws(AddressSetsError) { try await enqueue(.add, grants) }

    /// Returns when the kernel has them no longer.
    package func remove(_ grants: [AddressGrant]) async throws(AddressSetsError) { try await enqueue(.remove, grants) }

    private func enqueue(_ change: Change, _ grants: [AddressGrant]) async throws(AddressSetsError) {
        guard !grants.isEmpty else { return }
        let result = await withCheckedContinuation { continuation in
            waiters.append(Waiter(change: change, grants: grants, continuation: continuation))
            guard !isWorking else { return }
            isWorking = true
            Task { await work() }
        }
        try result.get()
    }

    private func work() async {
        // A cancelled sleep only shortens the pause.
        try? await Task.sleep(for: Self.gathering)
        while let batch = nextBatch() { await carry(batch) }
        isWorking = false
    }

    /// The first waiters that want the same change: what was added before it was removed stays in that order.
    private func nextBatch() -> [Waiter]? {
        guard let change = waiters.first?.change else { return nil }
        var count = 0
        let batch = waiters.prefix { waiter in
            defer { count += waiter.grants.count }
            return waiter.change == change && count < Self.mostGrants
        }
        waiters.removeFirst(batch.count)
        return Array(batch)
    }

    private func carry(_ batch: [Waiter]) async {
        let error = await transact(batch)
        guard let error else { return batch.forEach { $0.continuation.resume(returning: .success(())) } }
        let parts = Dictionary(grouping: batch) { $0.grants[0].bridge }
        guard parts.count > 1 else { return batch.forEach { $0.continuation.resume(returning: .failure(error)) } }
        for (_, part) in parts.sorted(by: { $0.key < $1.key }) {
            let error = await transact(part)
            for waiter in part { waiter.continuation.resume(returning: error.map { .failure($0) } ?? .success(())) }
        }
    }

    /// nil is success.
    private func transact(_ batch: [Waiter]) async -> AddressSetsError? {
        transactions += 1
        let grants = Self.united(batch)
        do throws(AddressSetsError) {
            switch batch[0].change {
            case .add: try await sets.add(grants)
            case .remove: try await sets.remove(grants)
            }
            return nil
        } catch {
            return error
        }
    }

    /// Each place once, with the longest of its lifetimes.
    private static func united(_ batch: [Waiter]) -> [AddressGrant] {
        struct Key: Hashable {
            var bridge: String
            var place: GrantLedger.Place
        }
        var places: [Key: Int] = [:]
        var grants: [AddressGrant] = []
        for grant in batch.lazy.flatMap(\.grants) {
            let key = Key(bridge: grant.bridge, place: .init(address: grant.address, ports: grant.ports))
            if let place = places[key] {
                grants[place].lifetime = max(grants[place].lifetime, grant.lifetime)
            } else {
                places[key] = grants.count
                grants.append(grant)
            }
        }
        return grants
    }
}
