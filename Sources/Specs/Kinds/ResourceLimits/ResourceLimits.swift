/// Defaults, ceilings and totals of resources for all objects that a selector selects;
/// Kubernetes' LimitRange and ResourceQuota.
package struct ResourceLimits: Hashable, Sendable {
    package var selector: LabelSelector
    /// What templates get that say nothing themselves.
    package var defaults: Resources
    /// What no template may exceed; also the default where there is none.
    package var ceilings: Ceilings
    package var totals: Totals

    package init(
        selector: LabelSelector = LabelSelector(), defaults: Resources = Resources(),
        ceilings: Ceilings = Ceilings(), totals: Totals = Totals()
    ) {
        self.selector = selector
        self.defaults = defaults
        self.ceilings = ceilings
        self.totals = totals
    }

    /// The most that one container may have.
    package struct Ceilings: Hashable, Sendable {
        package var cpus: CPUQuantity?
        package var memory: ByteQuantity?
        /// Memory and swap together.
        package var memorySwap: ByteQuantity?
        package var pids: Int64?
        package var shm: ByteQuantity?
        package var disk: ByteQuantity?
        package var cpuShares: Int64?
        /// Hard limits of setrlimit(2), by name.
        package var ulimits: [String: Int64] = [:]

        package init() {}
    }

    /// What all selected objects may have together.
    package struct Totals: Hashable, Sendable {
        package var perPool: Total?
        package var perHost: Total?

        package init() {}
    }

    /// A sum over containers.
    package struct Total: Hashable, Sendable {
        package var containers: Int?
        package var cpus: CPUQuantity?
        package var memory: ByteQuantity?
        package var pids: Int64?

        package init() {}
    }
}
