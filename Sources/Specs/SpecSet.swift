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
        func sort<Spec: KindSpec>(_ type: Spec.Type) { self[keyPath: Spec.place].sort { $0.id < $1.id } }
        sort(HostPool.self)
        sort(Workload.self)
        sort(WarmPool.self)
        sort(ContainerTemplate.self)
        sort(ResourceLimits.self)
        sort(ScheduledTask.self)
        sort(SecurityProfile.self)
        sort(NetworkPolicy.self)
        sort(MaintenanceWindow.self)
        sort(Autoscaler.self)
        sort(Variables.self)
        sort(Environment.self)
    }

    /// How many objects there are, of every kind.
    package var count: Int { KindDefinition.all.reduce(0) { $0 + $1.count(self) } }

    /// Nothing that runs is declared; never a reason to remove what does.
    package var isEmpty: Bool { workloads.isEmpty && warmPools.isEmpty && scheduledTasks.isEmpty }
}
