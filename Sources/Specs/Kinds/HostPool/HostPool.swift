/// Which hosts run what refers to this pool, and how much each of them may hold.
package struct HostPool: Hashable, Sendable {
    /// How `replicas` and `size` of the objects in this pool are counted.
    package enum Scope: String, CaseIterable, Hashable, Sendable {
        /// One total for all hosts of the pool; with several hosts this needs a coordinator.
        case shared
        /// Every host of the pool runs the whole number.
        case perHost
    }

    /// How a shared total is divided among the hosts.
    package enum PlacementStrategy: String, CaseIterable, Hashable, Sendable { case spread, binpack }

    /// Selects hosts by the name and labels that each host's own configuration declares.
    package struct HostSelector: Hashable, Sendable {
        /// Exactly this one host; nil selects by labels alone.
        package var name: String?
        package var labels: LabelSelector

        package init(name: String? = nil, matchLabels: [String: String] = [:]) {
            self.name = name
            labels = LabelSelector(matchLabels: matchLabels)
        }

        package func selects(name: String, labels: [String: String]) -> Bool {
            (self.name ?? name) == name && self.labels.selects(labels)
        }

        /// For people: `name=host-a, role=agent`.
        package var words: String {
            guard let name else { return labels.words }
            return "name=\(name)" + (labels == LabelSelector() ? "" : ", \(labels.words)")
        }
    }

    /// What one host of the pool has, and may hold.
    package struct Capacity: Hashable, Sendable {
        /// The most containers of this pool on one host; nil is no bound.
        package var containersPerHost: Int?
        /// What every host of the pool has at least; nil is not known before a host tells.
        package var cpus: CPUQuantity?
        package var memory: ByteQuantity?
        /// What is kept free for the host itself.
        package var reserved: Reserved

        package init(
            containersPerHost: Int? = nil, cpus: CPUQuantity? = nil, memory: ByteQuantity? = nil,
            reserved: Reserved = Reserved()
        ) {
            self.containersPerHost = containersPerHost
            self.cpus = cpus
            self.memory = memory
            self.reserved = reserved
        }
    }

    package struct Reserved: Hashable, Sendable {
        package var cpus: CPUQuantity?
        package var memory: ByteQuantity?
        package var disk: ByteQuantity?

        package init(cpus: CPUQuantity? = nil, memory: ByteQuantity? = nil, disk: ByteQuantity? = nil) {
            self.cpus = cpus
            self.memory = memory
            self.disk = disk
        }
    }

    /// Empties the hosts of the pool.
    package struct Drain: Hashable, Sendable {
        /// The longest that members may be given to go by themselves, by git or by a person.
        package static let longestDeadline = Duration.hours(24 * 30)

        /// How long members may take to go by themselves; nil waits for ever.
        package var deadline: Duration?
        /// Whether what is left at the deadline is taken away in spite of budgets and claims; needs a deadline.
        package var force = false
        package var reason: String?

        package init() {}
    }

    package var hosts: HostSelector
    package var scope: Scope
    package var capacity: Capacity
    package var placement: PlacementStrategy
    /// Nothing new is started on these hosts.
    package var cordon: Bool
    package var drain: Drain?
    package var taints: [Taint]
    /// The hosts may be taken away at any moment, like spot instances.
    package var interruptible: Bool
    /// The hook of the host's configuration that buys and returns hosts when an Autoscaler sizes the pool.
    package var provider: String?

    package init(hosts: HostSelector, scope: Scope = .shared, capacity: Capacity = Capacity()) {
        self.hosts = hosts
        self.scope = scope
        self.capacity = capacity
        placement = .spread
        cordon = false
        taints = []
        interruptible = false
    }
}
