package import Reconciler
package import Specs

/// Short ways to write down what git says, for tests of what comes of it.
package enum Declared {
    /// The host that `pool` names. Removals are in nobody's way unless a test asks for a budget.
    package static let host = HostSettings(
        identity: HostIdentity(name: "host-a"), pruneBudget: PruneBudget(.percent(Percentage(100))))

    /// A pool of this one host.
    package static func pool(_ name: String = "local", containersPerHost: Int? = nil) -> Resource<HostPool> {
        pool(name, hosts: .init(name: host.identity.name), containersPerHost: containersPerHost)
    }

    package static func pool(
        _ name: String = "local", hosts: HostPool.HostSelector, scope: HostPool.Scope = .shared,
        containersPerHost: Int? = nil
    ) -> Resource<HostPool> {
        let pool = HostPool(
            hosts: hosts, scope: scope, capacity: .init(containersPerHost: containersPerHost))
        return Resource(id: ResourceID(.hostPool, name), spec: pool, origin: place(name))
    }

    package static func workload(
        _ name: String = "web", replicas: Int = 1, strategy: RolloutStrategy.Kind = .rolling,
        publish: [PublishedPort] = [], _ template: ContainerTemplate = ContainerTemplate(image: "web:1"),
        pool: String = "local"
    ) -> Resource<Workload> {
        let workload = Workload(
            hostPool: pool, replicas: replicas, strategy: strategy, publish: publish, template: template)
        return Resource(id: ResourceID(.workload, name), spec: workload, origin: place(name))
    }

    package static func workload(_ template: ContainerTemplate) -> Resource<Workload> { workload("web", template) }

    package static func warmPool(
        _ name: String = "agents", size: Int = 1, _ template: ContainerTemplate = ContainerTemplate(image: "agent:1"),
        pool: String = "local"
    ) -> Resource<WarmPool> {
        let warm = WarmPool(hostPool: pool, size: size, template: template)
        return Resource(id: ResourceID(.warmPool, name), spec: warm, origin: place(name))
    }

    /// A task that is due by a cron expression, in UTC.
    package static func task(
        _ name: String = "report", cron: String = "0 * * * *", pool: String = "local",
        _ change: (inout ScheduledTask) -> Void = { _ in }
    ) throws -> Resource<ScheduledTask> {
        var task = ScheduledTask(
            hostPool: pool, schedule: Schedule(cron: try CronExpression.parse(cron)),
            template: ContainerTemplate(image: "task:1"))
        change(&task)
        return Resource(id: ResourceID(.scheduledTask, name), spec: task, origin: place(name))
    }

    /// A policy that selects every object.
    package static func policy(
        _ name: String = "closed", _ change: (inout NetworkPolicy) -> Void = { $0.egress = .init(defaultAction: .deny) }
    ) -> Resource<NetworkPolicy> {
        var policy = NetworkPolicy()
        change(&policy)
        return Resource(id: ResourceID(.networkPolicy, name), spec: policy, origin: place(name))
    }

    /// All of these in one revision; without a pool of its own it gets `pool()`.
    package static func state(
        _ workloads: Resource<Workload>..., warmPools: [Resource<WarmPool>] = [],
        pools: [Resource<HostPool>] = [Declared.pool()], policies: [Resource<NetworkPolicy>] = [],
        tasks: [Resource<ScheduledTask>] = [], windows: [Resource<MaintenanceWindow>] = [],
        host: HostSettings = Declared.host, revision: String = "1111111"
    ) -> DesiredState {
        var specs = SpecSet(hostPools: pools, workloads: workloads, warmPools: warmPools)
        specs.networkPolicies = policies
        specs.scheduledTasks = tasks
        specs.maintenanceWindows = windows
        return DesiredState(specs: specs, revision: Revision(id: revision, reference: "main"), host: host)
    }

    /// A pool of this host and a Workload `web` in it, as an author writes them.
    ///
    /// - Parameters:
    ///   - spec: further fields of its spec, each with a comma behind it.
    ///   - template: further fields of its template, each with a comma before it.
    package static func workloadText(image: String = "web:1", spec: String = "", template: String = "") -> String {
        """
        apiVersion: reconcile.dev/v1
        kind: HostPool
        metadata: {name: local}
        spec: {hosts: {name: host-a}}
        ---
        apiVersion: reconcile.dev/v1
        kind: Workload
        metadata: {name: web}
        spec: {hostPool: local, \(spec) template: {image: "\(image)"\(template)}}

        """
    }

    private static func place(_ name: String) -> SourcePosition {
        SourcePosition(file: "\(name).yaml", line: 1, column: 1)
    }
}

extension DesiredState {
    /// What the host may do with it when it is alone.
    package var solitaryGates: Gates {
        Gates(shares: SolitaryCoordinator.shares(of: hostPools, for: host.identity))
    }
}
