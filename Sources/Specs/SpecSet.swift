/// All objects of one revision, decoded, validated against each other, and in the order of their identities.
package struct SpecSet: Equatable, Sendable {
    package var hostPools: [Resource<HostPool>]
    package var workloads: [Resource<Workload>]
    package var warmPools: [Resource<WarmPool>]
    package var containerTemplates: [Resource<ContainerTemplate>] = []
    package var resourceLimits: [Resource<ResourceLimits>] = []
    package var scheduledTasks: [Resource<ScheduledTask>] = []
    package var securityProfiles: [Resource<SecurityProfile>] = []
    package var networkPolicies: [Resource<NetworkPolicy>] = []
    package var maintenanceWindows: [Resource<MaintenanceWindow>] = []
    package var autoscalers: [Resource<Autoscaler>] = []
    package var variables: [Resource<Variables>] = []
    package var environments: [Resource<Environment>] = []
    /// The rules of every time zone that an object names, by its name; found when the revision was checked.
    package var zones: [String: TimeZoneRules] = [:]

    package init(
        hostPools: [Resource<HostPool>] = [], workloads: [Resource<Workload>] = [],
        warmPools: [Resource<WarmPool>] = []
    ) {
        self.hostPools = hostPools
        self.workloads = workloads
        self.warmPools = warmPools
    }

    /// Puts the objects of each kind in the order of their identities.
    mutating func sort() {
        hostPools.sortByIdentity()
        workloads.sortByIdentity()
        warmPools.sortByIdentity()
        containerTemplates.sortByIdentity()
        resourceLimits.sortByIdentity()
        scheduledTasks.sortByIdentity()
        securityProfiles.sortByIdentity()
        networkPolicies.sortByIdentity()
        maintenanceWindows.sortByIdentity()
        autoscalers.sortByIdentity()
        variables.sortByIdentity()
        environments.sortByIdentity()
    }

    /// How many objects there are, of every kind.
    package var count: Int { KindDefinition.all.reduce(0) { $0 + $1.count(self) } }

    /// Nothing that runs is declared; never a reason to remove what does.
    package var isEmpty: Bool { workloads.isEmpty && warmPools.isEmpty && scheduledTasks.isEmpty }
}

extension Array {
    /// Compares the identities alone: every comparison of whole objects would copy two of them.
    fileprivate mutating func sortByIdentity<Spec>() where Element == Resource<Spec> {
        let identities = map(\.id)
        self = indices.sorted { identities[$0] < identities[$1] }.map { self[$0] }
    }
}
