package import Specs

/// Who may resolve what, and where that is asked.
///
/// The controller makes it of the bridges whose objects have `dns` rules: a bridge's gateway is what the containers
/// behind it get as their name server.
package struct FilterConfiguration: Hashable, Sendable {
    /// One bridge and the containers behind it.
    package struct Bridge: Hashable, Sendable {
        /// The name of its interface, which is also the name of its sets.
        package var name: String
        /// Where the filter listens for it: the bridge's own addresses. They need not exist yet.
        package var addresses: [IPAddress]
        /// Where its containers ask from; whoever asks from elsewhere gets no answer. Empty is everywhere.
        package var clients: [CIDR]
        package var rules: [NameRule]
        /// Whether its containers have IPv6; if not, they are told at once that names have no such addresses.
        package var hasIPv6: Bool

        package init(
            name: String, addresses: [IPAddress], clients: [CIDR] = [], rules: [NameRule], hasIPv6: Bool = true
        ) {
            self.name = name
            self.addresses = addresses
            self.clients = clients
            self.rules = rules
            self.hasIPv6 = hasIPv6
        }
    }

    package var bridges: [Bridge]
    /// 0 lets the kernel pick one for each address.
    package var port: UInt16 = 53
    /// Types of questions that are answered; of `RecordType.passable`. All others have no records, for any name.
    ///
    /// TXT is what tunnels are made of, so it is for those who need it.
    package var types: Set<RecordType> = [.a, .aaaa, .cname]
    package var limits = FilterLimits()
    package var upstream = UpstreamSettings()

    package init(bridges: [Bridge] = []) { self.bridges = bridges }

    /// Every address that is listened on, with its bridge.
    package var listeners: Set<Listener> {
        Set(
            bridges.flatMap { bridge in
                bridge.addresses.map { Listener(bridge: bridge.name, address: $0, port: port) }
            })
    }
}

/// One address on which queries come, of one bridge.
package struct Listener: Hashable, Sendable {
    package var bridge: String
    package var address: IPAddress
    package var port: UInt16

    package init(bridge: String, address: IPAddress, port: UInt16) {
        self.bridge = bridge
        self.address = address
        self.port = port
    }
}
