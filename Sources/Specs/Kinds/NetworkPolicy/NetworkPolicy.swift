/// Which flows of the selected containers are let through; Kubernetes' NetworkPolicy with DNS names.
package struct NetworkPolicy: Hashable, Sendable {
    package enum Default: String, CaseIterable, Hashable, Sendable { case allow, deny }

    /// One direction.
    package struct Rules: Hashable, Sendable {
        /// nil where nothing is said, so that another policy may say it.
        package var defaultAction: Default?
        package var allow: [Rule]

        package init(defaultAction: Default? = nil, allow: [Rule] = []) {
            self.defaultAction = defaultAction
            self.allow = allow
        }
    }

    /// Flows that are let through: to or from any of the peers, on any of the ports.
    package struct Rule: Hashable, Sendable {
        package var peer: Peer
        /// Empty is every port.
        package var ports: [PortRange]

        package init(peer: Peer = Peer(), ports: [PortRange] = []) {
            self.peer = peer
            self.ports = ports
        }
    }

    /// The other end of a flow.
    package struct Peer: Hashable, Sendable {
        package var cidr: CIDR?
        /// Parts of `cidr` that are left out.
        package var except: [CIDR]
        /// Lets a `cidr` be inside the private ranges.
        package var allowPrivate: Bool
        package var dns: [DNSPattern]
        /// Members of other objects, by their labels.
        package var selector: LabelSelector?

        package init(cidr: CIDR? = nil, except: [CIDR] = [], allowPrivate: Bool = false) {
            self.cidr = cidr
            self.except = except
            self.allowPrivate = allowPrivate
            dns = []
        }
    }

    /// Bounds on what one member may send.
    package struct RateLimit: Hashable, Sendable {
        package var packetsPerSecond: Int?
        package var bytesPerSecond: ByteQuantity?
        /// New connections per second.
        package var connectionsPerSecond: Int?

        package init() {}
    }

    /// Whether refused flows are written to the log.
    package struct Log: Hashable, Sendable {
        package var perSecond = 10

        package init() {}
    }

    package var selector: LabelSelector
    /// Members cannot reach each other or the host.
    package var isolate: Bool?
    package var egress: Rules?
    package var ingress: Rules?
    package var rateLimit: RateLimit?
    package var log: Log?

    package init(selector: LabelSelector = LabelSelector()) { self.selector = selector }
}
