/// Replicated, long-running containers from one template.
package struct Workload: Hashable, Sendable {
    /// How a member with changed fields gives way to its successor.
    package enum Strategy: String, CaseIterable, Hashable, Sendable {
        /// One at a time, the new one ready before the old one stops.
        case rolling
        /// The old one is removed before the new one is created.
        case recreate
    }

    /// The name of the `HostPool` that this runs on.
    package var hostPool: String
    /// How many members are kept running: 0-1000.
    package var replicas: Int
    package var strategy: Strategy
    package var publish: [PublishedPort]
    package var template: ContainerTemplate

    package init(
        hostPool: String, replicas: Int = 1, strategy: Strategy = .rolling, publish: [PublishedPort] = [],
        template: ContainerTemplate
    ) {
        self.hostPool = hostPool
        self.replicas = replicas
        self.strategy = strategy
        self.publish = publish
        self.template = template
    }
}

/// A port of the host that leads to a port of the container.
package struct PublishedPort: Hashable, Comparable, Sendable {
    /// The host's address to listen on; `0.0.0.0` is all IPv4 addresses.
    package var hostIP: String
    /// 1-65535; 0 would ask the kernel to pick one, which a declaration must never do.
    package var hostPort: UInt16
    package var container: ContainerPort

    package init(hostIP: String = "0.0.0.0", hostPort: UInt16, container: ContainerPort) {
        self.hostIP = hostIP
        self.hostPort = hostPort
        self.container = container
    }

    package static func < (a: Self, b: Self) -> Bool {
        (a.hostPort, a.hostIP, a.container) < (b.hostPort, b.hostIP, b.container)
    }
}
