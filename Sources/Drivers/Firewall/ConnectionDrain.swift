import Reconciler
import Specs

/// Waits for connections that ports led to members which are about to stop (connection draining).
///
/// Whoever waits at the same time shares a listing: where the kernel follows many connections, to list them is no small thing.
actor ConnectionDrain {
    private struct Listing {
        var begun: ContinuousClock.Instant
        var cost: Duration
        /// Those that answer a connection which goes on.
        var members: Set<IPAddress>
    }

    private let connections: @Sendable () throws -> TrackedConnections
    private var newest: Listing?
    private let clock = ContinuousClock()

    /// - Parameter connections: opened for each listing and closed after it; throws where the kernel lets nobody ask.
    init(_ connections: @escaping @Sendable () throws -> TrackedConnections) { self.connections = connections }

    /// Returns when no connection that a port was led to this member by goes on, at the latest after
    /// `TrafficMap.grace`. Where nobody can say whether one does, it returns at once.
    nonisolated func wait(for member: IPAddress) async {
        let end = ContinuousClock.now + TrafficMap.grace
        while true {
            guard let listing = await listing(since: .now), listing.members.contains(member) else { return }
            let pause = min(max(.milliseconds(5), listing.cost * 4), ContinuousClock.now.duration(to: end))
            guard pause > .zero else { return }
            do { try await Task.sleep(for: pause) } catch { return }
        }
    }

    /// What goes on now; nil where nobody can say.
    ///
    /// - Parameter asked: an older listing may lack connections that were begun since.
    private func listing(since asked: ContinuousClock.Instant) -> Listing? {
        if let newest, newest.begun >= asked { return newest }
        let begun = clock.now
        newest = (try? connections().answering()).map {
            Listing(begun: begun, cost: begun.duration(to: clock.now), members: $0)
        }
        return newest
    }
}
