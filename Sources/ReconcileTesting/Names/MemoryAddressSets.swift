package import NameFilter
package import Specs
import Synchronization

/// The kernel's timed sets, in memory.
package final class MemoryAddressSets: AddressSets {
    private struct Contents {
        var grants: [Key: ContinuousClock.Instant] = [:]
        var transactions = 0
        var failures: [String: AddressSetsError] = [:]
        var delay = Duration.zero
    }

    private struct Key: Hashable {
        var bridge: String
        var address: IPAddress
        var ports: [PortRange]
    }

    private let contents = Mutex(Contents())

    package init() {}

    /// Transactions so far, failed ones included.
    package var transactions: Int { contents.withLock { $0.transactions } }

    /// How long each transaction takes from now on.
    package func setDelay(_ delay: Duration) { contents.withLock { $0.delay = delay } }

    /// Lets every transaction fail that has to do with a bridge; nil lets them work again.
    package func setFailure(_ error: AddressSetsError?, of bridge: String) {
        contents.withLock { $0.failures[bridge] = error }
    }

    /// Empties the sets, as `nft flush ruleset` does.
    package func flush() { contents.withLock { $0.grants = [:] } }

    /// Addresses that a bridge may reach now, on any port.
    package func addresses(of bridge: String) -> Set<IPAddress> {
        let now = ContinuousClock.now
        return contents.withLock { contents in
            Set(contents.grants.filter { $0.key.bridge == bridge && $0.value > now }.keys.map(\.address))
        }
    }

    /// How long an address stays in; nil if it is not.
    package func lifetime(of address: IPAddress, bridge: String, ports: [PortRange] = []) -> Duration? {
        contents.withLock { contents in
            contents.grants[Key(bridge: bridge, address: address, ports: ports)].map { $0 - .now }
        }
    }

    package func add(_ grants: [AddressGrant]) async throws(AddressSetsError) {
        try await transact(grants) { contents, key, grant in contents.grants[key] = .now + grant.lifetime }
    }

    package func remove(_ grants: [AddressGrant]) async throws(AddressSetsError) {
        try await transact(grants) { contents, key, _ in contents.grants[key] = nil }
    }

    private func transact(
        _ grants: [AddressGrant], _ change: (inout Contents, Key, AddressGrant) -> Void
    ) async throws(AddressSetsError) {
        let delay = contents.withLock { contents in
            contents.transactions += 1
            return contents.delay
        }
        // A cancelled caller gets what it asked for at once.
        if delay > .zero { try? await Task.sleep(for: delay) }
        let error = contents.withLock { contents -> AddressSetsError? in
            for grant in grants {
                if let error = contents.failures[grant.bridge] { return error }
            }
            for grant in grants {
                change(&contents, Key(bridge: grant.bridge, address: grant.address, ports: grant.ports), grant)
            }
            return nil
        }
        if let error { throw error }
    }
}
