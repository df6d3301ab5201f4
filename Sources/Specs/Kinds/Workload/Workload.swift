/// Replicated, long-running containers from one template.
package struct Workload: Hashable, Sendable {
    package var placement: Placement
    /// How many members are kept running: 0-1000; the initial number only where an Autoscaler targets this.
    package var replicas: Int
    package var strategy: RolloutStrategy
    package var disruptionBudget: DisruptionBudget?
    package var publish: [PublishedPort]
    package var source: TemplateSource

    package init(
        hostPool: String, replicas: Int = 1, strategy: RolloutStrategy.Kind = .rolling,
        publish: [PublishedPort] = [], template: ContainerTemplate
    ) {
        placement = Placement(hostPool: hostPool)
        self.replicas = replicas
        self.strategy = RolloutStrategy(strategy)
        self.publish = publish
        source = TemplateSource(template)
    }

    /// Its ports are led to its members by rules of ours; otherwise the engine publishes them for the one member.
    package var leadsPorts: Bool { !publish.isEmpty && strategy.type != .recreate }
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

/// How few members may be ready while something takes others away on purpose; Kubernetes' PodDisruptionBudget.
package enum DisruptionBudget: Hashable, Sendable {
    /// So many must stay ready.
    case minAvailable(CountOrPercent)
    /// So many may be missing.
    case maxUnavailable(CountOrPercent)

    /// How many of so many members must stay available, at most all of them.
    ///
    /// Percentages are rounded up on both sides, as Kubernetes does: of 7 members `minAvailable: 50%` keeps 4, and
    /// `maxUnavailable: 50%` keeps 3.
    package func minimum(of replicas: Int) -> Int {
        switch self {
        case .minAvailable(let least): min(replicas, least.roundedUp(of: replicas))
        case .maxUnavailable(let most): max(0, replicas - most.roundedUp(of: replicas))
        }
    }
}

extension DisruptionBudget: CustomStringConvertible {
    /// As it is written: `minAvailable 2`.
    package var description: String {
        switch self {
        case .minAvailable(let least): "minAvailable \(least)"
        case .maxUnavailable(let most): "maxUnavailable \(most)"
        }
    }
}
