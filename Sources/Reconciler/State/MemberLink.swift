package import Specs

/// Where a running container is attached to the bridge of its object, and what it may call itself there.
package struct MemberLink: Hashable, Comparable, Sendable {
    package var bridge: String
    /// The host's end, such as `veth1a2b3c4`; a port of the bridge.
    package var port: String
    /// In lower case, such as `02:42:0a:e0:00:02`.
    package var hardware: String
    package var addresses: [IPAddress]

    package init(bridge: String, port: String, hardware: String, addresses: [IPAddress]) {
        self.bridge = bridge
        self.port = port
        self.hardware = hardware
        self.addresses = addresses
    }

    package static func < (a: Self, b: Self) -> Bool { (a.bridge, a.port) < (b.bridge, b.port) }
}
