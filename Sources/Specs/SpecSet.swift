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
        // Each by its name: by way of a key path the whole array would be copied.
        hostPools.sort { $0.id < $1.id }
        workloads.sort { $0.id < $1.id }
        warmPools.sort { $0.id < $1.id }
        containerTemplates.sort { $0.id < $1.id }
        resourceLimits.sort { $0.id < $1.id }
        scheduledTasks.sort { $0.id < $1.id }
        securityProfiles.sort { $0.id < $1.id }
        networkPolicies.sort { $0.id < $1.id }
        maintenanceWindows.sort { $0.id < $1.id }
        autoscalers.sort { $0.id < $1.id }
        variables.sort { $0.id < $1.id }
        environments.sort { $0.id < $1.id }
    }

    /// How many objects there are, of every kind.
    package var count: Int { KindDefinition.all.reduce(0) { $0 + $1.count(self) } }

    /// Nothing that runs is declared; never a reason to remove what does.
    package var isEmpty: Bool { workloads.isEmpty && warmPools.isEmpty && scheduledTasks.isEmpty }
}
