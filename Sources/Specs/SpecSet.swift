/// All objects of one revision, decoded, validated against each other, and in the order of their identities.
package struct SpecSet: Equatable, Sendable {
    package var hostPools: [Resource<HostPool>]
    package var workloads: [Resource<Workload>]
    package var warmPools: [Resource<WarmPool>]

    package init(
        hostPools: [Resource<HostPool>] = [], workloads: [Resource<Workload>] = [],
        warmPools: [Resource<WarmPool>] = []
    ) {
        self.hostPools = hostPools
        self.workloads = workloads
        self.warmPools = warmPools
    }

    /// Nothing that runs is declared; never a reason to remove what does.
    package var isEmpty: Bool { workloads.isEmpty && warmPools.isEmpty }
}
