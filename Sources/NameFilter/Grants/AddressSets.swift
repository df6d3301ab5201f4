package import Specs

/// An address that the containers behind a bridge may reach for a while.
package struct AddressGrant: Hashable, Sendable {
    package var bridge: String
    package var address: IPAddress
    /// What is open there; empty is every port.
    package var ports: [PortRange]
    /// From now on, whatever was granted before.
    package var lifetime: Duration

    package init(bridge: String, address: IPAddress, ports: [PortRange], lifetime: Duration) {
        self.bridge = bridge
        self.address = address
        self.ports = ports
        self.lifetime = lifetime
    }
}

/// The kernel's sets of addresses that expire by themselves, as the firewall keeps them for each bridge.
///
/// Calls come one after the other. Each is one transaction, ends by itself within seconds, and may be repeated.
package protocol AddressSets: Sendable {
    /// Puts addresses in, or gives those that are in a new lifetime; when it returns, packets to them pass.
    func add(_ grants: [AddressGrant]) async throws(AddressSetsError)

    /// Takes addresses out; those that are not in are no error.
    func remove(_ grants: [AddressGrant]) async throws(AddressSetsError)
}

/// Why addresses are not in the kernel's sets.
package struct AddressSetsError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, Hashable, Sendable {
        /// No more addresses fit in.
        case full
        /// The bridge has no set.
        case absent
        case failed
    }

    package var code: Code
    package var message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { "\(code.rawValue): \(message)" }
}
