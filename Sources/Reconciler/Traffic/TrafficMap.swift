package import Specs

/// Which members the ports of this host lead to, by rules of ours.
///
/// Only new connections are asked where they go; one that was led to a member stays with it until it ends.
package struct TrafficMap: Hashable, Sendable {
    /// How long a member that is led to no more is not asked to stop at most, for the sake of the connections that it has:
    /// as many programs end at once when asked, and what they were just answering with them.
    package static let grace = Duration.seconds(1)

    /// One end of a route.
    package struct Member: Hashable, Sendable {
        /// On the network of its object; of version 4.
        package var address: IPAddress
        /// Its part of the new connections, in proportion to the others of the route: 1-1000.
        package var weight: Int

        package init(_ address: IPAddress, weight: Int = 1) {
            self.address = address
            self.weight = weight
        }
    }

    package struct Route: Hashable, Sendable {
        package var port: PublishedPort
        /// In the order of their addresses; never none.
        package var members: [Member]

        package init(_ port: PublishedPort, to members: [Member]) {
            self.port = port
            self.members = members.sorted { $0.address.description < $1.address.description }
        }
    }

    /// In the order of the ports. A port without a ready member has none: whoever connects is refused.
    package let routes: [Route]

    package init(_ routes: [Route] = []) {
        self.routes = routes.filter { !$0.members.isEmpty }.sorted { $0.port < $1.port }
    }

    package var isEmpty: Bool { routes.isEmpty }

    /// Whether new connections may get to this address.
    package func leads(to address: IPAddress) -> Bool {
        routes.contains { $0.members.contains { $0.address == address } }
    }

    /// Everybody whom a port leads to.
    package func addresses(of port: PublishedPort) -> [IPAddress] {
        routes.first { $0.port == port }?.members.map(\.address) ?? []
    }
}
