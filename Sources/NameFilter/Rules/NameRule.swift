package import Specs

/// Names that the containers behind one bridge may resolve, and what they may then reach there.
package struct NameRule: Hashable, Sendable {
    package var patterns: [DNSPattern]
    /// What is opened at the addresses of these names; empty is every port.
    package var ports: [PortRange]
    /// Lets answers lead into the private ranges; those that are always blocked stay so.
    package var allowPrivate: Bool

    package init(patterns: [DNSPattern], ports: [PortRange] = [], allowPrivate: Bool = false) {
        self.patterns = patterns
        self.ports = ports
        self.allowPrivate = allowPrivate
    }
}
