/// Which hosts run what refers to this pool, and how much each of them may hold.
package struct HostPool: Hashable, Sendable {
    /// How `replicas` and `size` of the objects in this pool are counted.
    package enum Scope: String, CaseIterable, Hashable, Sendable {
        /// One total for all hosts of the pool; with several hosts this needs a coordinator.
        case shared
        /// Every host of the pool runs the whole number.
        case perHost
    }

    /// Selects hosts by the name and labels that each host's own configuration declares.
    package struct HostSelector: Hashable, Sendable {
        /// Exactly this one host; nil selects by labels alone.
        package var name: String?
        /// All of these labels, with these values.
        package var matchLabels: [String: String]

        package init(name: String? = nil, matchLabels: [String: String] = [:]) {
            self.name = name
            self.matchLabels = matchLabels
        }

        package func selects(name: String, labels: [String: String]) -> Bool {
            (self.name ?? name) == name && matchLabels.allSatisfy { labels[$0] == $1 }
        }
    }

    /// What one host of the pool may hold.
    package struct Capacity: Hashable, Sendable {
        /// The most containers of this pool on one host; nil is no bound.
        package var containersPerHost: Int?
        /// What is kept free for the host itself.
        package var reserved: Reserved

        package init(containersPerHost: Int? = nil, reserved: Reserved = Reserved()) {
            self.containersPerHost = containersPerHost
            self.reserved = reserved
        }
    }

    package struct Reserved: Hashable, Sendable {
        package var cpus: CPUQuantity?
        package var memory: ByteQuantity?

        package init(cpus: CPUQuantity? = nil, memory: ByteQuantity? = nil) {
            self.cpus = cpus
            self.memory = memory
        }
    }

    package var hosts: HostSelector
    package var scope: Scope
    package var capacity: Capacity

    package init(hosts: HostSelector, scope: Scope = .shared, capacity: Capacity = Capacity()) {
        self.hosts = hosts
        self.scope = scope
        self.capacity = capacity
    }
}
