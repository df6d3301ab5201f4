import Reconciler
import Specs

/// What planning costs without an engine: the whole of a host on which nothing is to be done, and one key after one
/// container has stopped.
struct PlanMeasurement {
    let repetitions: Int

    func measure(into report: inout Report) {
        noChange(objects: 20, members: 50, below: 5, to: &report)
        noChange(objects: 200, members: 50, below: 50, to: &report)
        noChange(objects: 1, members: 10_000, below: 50, to: &report)
        let few = oneChange(objects: 1, members: 10)
        add("plan of one key, one container of 10 stopped", few, to: &report)
        oneChange(objects: 200, members: 50, against: few, to: &report)
        oneChange(objects: 1, members: 10_000, against: few, to: &report)
        rollout(objects: 200, members: 50, to: &report)
        rollout(objects: 1, members: 10_000, to: &report)
    }

    /// The key whose turn it is at the beginning of a rollout: finding that looks at every slot of the object.
    private func rollout(objects: Int, members: Int, to report: inout Report) {
        var host = Host(objects: objects, members: members)
        let key = host.rollOut()
        let batch = max(1, 10_000 / members)
        let samples = Samples(
            (0..<repetitions).map { _ in
                let time = Self.time {
                    for _ in 0..<batch { precondition(host.plan(.key(key)).actions.first?.verb == .replace) }
                }
                return time / .microseconds(1) / Double(batch)
            })
        add("plan of one key, a rollout of one object of \(objects) x \(members) begins", samples, to: &report)
    }

    private func noChange(objects: Int, members: Int, below limit: Double, to report: inout Report) {
        let host = Host(objects: objects, members: members)
        let times = (0..<repetitions).map { _ in
            Self.time {
                let plan = host.plan(.everything)
                precondition(plan.actions.isEmpty && plan.settled == objects * members)
            }
        }
        let figure = "plan of everything, \(objects) x \(members) containers, nothing to do"
        let samples = Samples(times.map(\.milliseconds))
        report.add(figure, milliseconds: samples, below: limit)
        progress("\(figure): \(samples.median.text(2)) ms")
    }

    /// Microseconds for the plan of the key of one stopped container, in batches.
    private func oneChange(objects: Int, members: Int) -> Samples {
        var host = Host(objects: objects, members: members)
        let key = host.stopOne()
        let batch = 1_000
        return Samples(
            (0..<repetitions).map { _ in
                let time = Self.time {
                    for _ in 0..<batch { precondition(host.plan(.key(key)).actions.first?.verb == .start) }
                }
                return time / .microseconds(1) / Double(batch)
            })
    }

    private func oneChange(objects: Int, members: Int, against few: Samples, to report: inout Report) {
        let samples = oneChange(objects: objects, members: members)
        // Independent of the others: what is left is the cache, which 10,000 containers do not fit in.
        let most = 3 * few.median
        add(
            "plan of one key, one container of \(objects) x \(members) stopped", samples, to: &report,
            goal: .init(text: "< 3 x that of 10", isMet: samples.median < most))
    }

    private func add(_ figure: String, _ samples: Samples, to report: inout Report, goal: Report.Goal? = nil) {
        report.add(
            figure, "\(samples.median.text(1)) us",
            "\(samples.minimum.text(1))-\(samples.maximum.text(1)), \(samples.count) runs", goal: goal)
        progress("\(figure): \(samples.median.text(1)) us")
    }

    private static func time(_ body: () -> Void) -> Duration { ContinuousClock().measure(body) }
}

/// A host in memory on which everything is as its specs say.
private struct Host {
    private var desired: DesiredState
    private var observed: ObservedState
    private var specs: SpecSet
    private let gates: Gates

    init(objects: Int, members: Int) {
        var specs = SpecSet(hostPools: [
            Resource(id: ResourceID(.hostPool, "local"), spec: HostPool(hosts: .init(name: "host")), origin: Self.place)
        ])
        let template = ContainerTemplate(
            image: "registry.example.com/service:1.2.3", env: ["MODE": "production", "REGION": "tokyo"],
            healthCheck: HealthCheck(command: ["true"]),
            resources: Resources(
                cpus: CPUQuantity(nanoCPUs: 500_000_000), memory: ByteQuantity(bytes: 64 << 20), pids: 64))
        for number in 0..<objects {
            let workload = Workload(hostPool: "local", replicas: members, template: template)
            specs.workloads.append(
                Resource(id: ResourceID(.workload, "service-\(number)"), spec: workload, origin: Self.place))
        }
        self.specs = specs
        desired = DesiredState(
            specs: specs, revision: Revision(id: "1111111", reference: "main"),
            host: HostSettings(identity: HostIdentity(name: "host")))
        gates = Gates(shares: SolitaryCoordinator.shares(of: desired.hostPools, for: desired.host.identity))
        observed = ObservedState(engine: EngineFacts(version: "bench", cpus: 64, memory: 1 << 40))
        for image in desired.images { observed.images[image] = ObservedImage(id: "sha256:" + image) }
        for object in desired.objects.values {
            let name = DesiredObject.networkName(of: object.id)
            observed.networks[name] = ObservedNetwork(
                id: name, name: name, mark: OwnershipMark(owner: desired.host.owner, object: object.id))
            for slot in 0..<members { observe(slot, of: object) }
        }
    }

    private mutating func observe(_ slot: Int, of object: DesiredObject) {
        let member = OwnershipMark.Member(slot: slot, incarnation: 1, recreateHash: object.recreateLabel)
        let name = "\(object.id.name)-\(slot)-1"
        let resources = object.container.template.resources
        let container = ObservedContainer(
            id: "\(name)-0123456789abcdef0123456789abcdef0123456789abcdef", name: name,
            mark: OwnershipMark(owner: desired.host.owner, object: object.id, member: member), member: member,
            image: object.container.template.image, imageID: "sha256:" + object.container.template.image,
            status: .running, health: .healthy, startedAt: "2024-01-01T00:00:00Z",
            live: LiveSettings(
                nanoCPUs: resources.cpus?.nanoCPUs, memory: resources.memory?.bytes,
                memorySwap: resources.effectiveMemorySwap, pids: resources.pids))
        observed.record(container, id: container.id)
    }

    /// Stops one member in the middle, as a crash would.
    mutating func stopOne() -> Key {
        let object = desired.objects.keys.sorted()[desired.objects.count / 2]
        let slot = (desired.objects[object]?.slots ?? 0) / 2
        if var container = observed.containers(of: object, slot: slot).first {
            container.status = .exited
            observed.record(container, id: container.id)
        }
        return .member(MemberID(object, slot))
    }

    /// Changes the environment of one object, so that all of its members are replaced.
    mutating func rollOut() -> Key {
        specs.workloads[specs.workloads.count / 2].spec.source.template.env["MODE"] = "staging"
        desired = DesiredState(specs: specs, revision: desired.revision, host: desired.host)
        return .member(MemberID(specs.workloads[specs.workloads.count / 2].id, 0))
    }

    func plan(_ scope: Planner.Scope) -> Plan {
        Planner.plan(desired: desired, observed: observed, gates: gates, now: Now(), scope: scope)
    }

    private static let place = SourcePosition(file: "bench.yaml", line: 1, column: 1)
}
