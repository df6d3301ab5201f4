import ReconcileTesting
import Reconciler
import Specs
import Testing

/// What a host has room for, and whom it keeps away.
struct RoomTests {
    private static let small = ContainerTemplate(
        image: "web:1",
        resources: Resources(cpus: CPUQuantity(nanoCPUs: 1_000_000_000), memory: ByteQuantity(bytes: 1 << 30)))

    /// A host of 4 CPUs and 8 GiB, as `ObservedState(converged:)` has it, and nothing on it.
    private static func empty(_ desired: DesiredState) -> ObservedState {
        var observed = ObservedState(converged: desired)
        for container in observed.containers.values { observed.record(nil, id: container.id) }
        return observed
    }

    private static func pool(_ change: (inout HostPool) -> Void) -> Resource<HostPool> {
        var pool = Declared.pool()
        change(&pool.spec)
        return pool
    }

    private static func reserving(cpus: Int64? = nil, memory: Int64? = nil) -> Resource<HostPool> {
        pool {
            $0.capacity.reserved = .init(
                cpus: cpus.map { CPUQuantity(nanoCPUs: $0 * 1_000_000_000) },
                memory: memory.map { ByteQuantity(bytes: $0 << 30) })
        }
    }

    private static func held(_ desired: DesiredState, _ observed: ObservedState) -> [String] {
        plan(desired, observed).held.map { "\($0.key)" }
    }

    @Test(
        "what is reserved stays free, and the rest is handed out in the order of the objects",
        arguments: [
            (Int64?.some(1), Int64?.none, ["Workload/b/1"]), (2, nil, ["Workload/b/0", "Workload/b/1"]),
            (nil, 5, ["Workload/b/1"]), (0, 7, ["Workload/a/1", "Workload/b/0", "Workload/b/1"]), (0, 4, []),
            (nil, nil, []),
        ])
    func reserved(cpus: Int64?, memory: Int64?, expected: [String]) {
        let desired = Declared.state(
            Declared.workload("a", replicas: 2, Self.small), Declared.workload("b", replicas: 2, Self.small),
            pools: [Self.reserving(cpus: cpus, memory: memory)])
        #expect(Self.held(desired, Self.empty(desired)) == expected)
    }

    @Test("an engine that does not say what it has bounds nothing, and neither do members without limits")
    func unknown() {
        let pools = [Self.reserving(cpus: 3, memory: 7)]
        let limited = Declared.state(Declared.workload(replicas: 3, Self.small), pools: pools)
        #expect(plan(limited, ObservedState()).held.isEmpty)
        let unlimited = Declared.state(Declared.workload(replicas: 3), pools: pools)
        #expect(plan(unlimited, Self.empty(unlimited)).held.isEmpty)
    }

    @Test("what runs beyond the reserve is left alone and repaired")
    func runningBeyond() {
        let desired = Declared.state(Declared.workload(replicas: 3, Self.small), pools: [Self.reserving(cpus: 3)])
        var observed = ObservedState(converged: desired)
        #expect(plan(desired, observed).lines == [])
        observed.change("web-2-1") { $0.status = .exited }
        #expect(plan(desired, observed).actions.map(\.verdict) == [.go])
    }

    @Test("members of pools that reserve nothing count for those that do")
    func otherPools() {
        var free = Declared.pool("free")
        free.spec.capacity = .init()
        let desired = Declared.state(
            Declared.workload("a", replicas: 4, Self.small, pool: "free"), Declared.workload("b", Self.small),
            pools: [free, Self.reserving(cpus: 0)])
        #expect(Self.held(desired, Self.empty(desired)) == ["Workload/b/0"])
    }

    @Test("reserved disk is compared with what is free, where that is known", arguments: [nil, 9, 10] as [Int64?])
    func disk(free: Int64?) {
        let desired = Declared.state(
            Declared.workload(), pools: [Self.pool { $0.capacity.reserved.disk = ByteQuantity(bytes: 10 << 30) }])
        var observed = Self.empty(desired)
        observed.preflight.dataFree = free.map { $0 << 30 }
        let hold = Hold(
            .capacity, "HostPool/local reserves 10Gi of disk, and 9Gi are free", until: .diskFree(bytes: 10 << 30))
        #expect(plan(desired, observed).held.map(\.verdict) == (free == 9 ? [.held(hold)] : []))
    }

    // MARK: Cordon and taints

    @Test("a cordoned host starts nothing new, and repairs what it has")
    func cordon() {
        let before = Declared.state(Declared.workload(replicas: 2))
        let desired = Declared.state(
            Declared.workload(replicas: 3, ContainerTemplate(image: "web:1", env: ["A": "1"])),
            pools: [Self.pool { $0.cordon = true }])
        var observed = ObservedState(converged: before)
        observed.change("web-1-1") { $0.status = .exited }
        #expect(
            plan(desired, observed).actions.map { "\($0.verb.rawValue) \($0.key) \($0.isHeld)" } == [
                "replace Workload/web/0 true", "start Workload/web/1 false", "create Workload/web/2 true",
            ])
        let same = Declared.state(Declared.workload(replicas: 2), pools: [Self.pool { $0.cordon = true }])
        #expect(plan(same, observed).lines == ["Workload/web/1 start: stopped with exit code 0 [start web-1-1]"])
    }

    @Test("a taint keeps new members away that do not tolerate it", arguments: Taint.Effect.allCases)
    func taint(effect: Taint.Effect) {
        let pool = Self.pool { $0.taints = [Taint(key: "gpu", value: "a", effect: effect)] }
        var tolerant = Declared.workload("b")
        tolerant.spec.placement.tolerations = [Toleration(key: "gpu", operator: .exists)]
        let desired = Declared.state(Declared.workload("a"), tolerant, pools: [pool])
        let message = "taint 'gpu' (\(effect.rawValue)) of HostPool/local is not tolerated"
        let plan = plan(desired, Self.empty(desired))
        #expect(plan.held.map(\.verdict) == [.held(Hold(.tainted, message))])
        #expect(plan.held.first?.key == .member(MemberID(ResourceID(.workload, "a"), 0)))
    }

    @Test("NoSchedule leaves what runs, NoExecute takes it away and does not bring it back")
    func noExecute() {
        for effect in Taint.Effect.allCases {
            let desired = Declared.state(
                Declared.workload(), pools: [Self.pool { $0.taints = [Taint(key: "gpu", effect: effect)] }])
            let lines = plan(desired, ObservedState(converged: desired)).lines
            #expect(
                lines
                    == (effect == .noSchedule
                        ? [] : ["Workload/web/0 remove: taint 'gpu' is not tolerated [stop web-0-1, remove web-0-1]"]))
        }
    }

    // MARK: Anti-affinity

    private static func apart(_ name: String, from selector: LabelSelector?, required: Bool = true, replicas: Int = 1)
        -> Resource<Workload>
    {
        var workload = Declared.workload(name, replicas: replicas)
        workload.spec.placement.antiAffinity = AntiAffinity(selector: selector, required: required)
        workload.labels = ["app": name]
        return workload
    }

    private static func labelled(_ name: String) -> Resource<Workload> {
        var workload = Declared.workload(name)
        workload.labels = ["app": name]
        return workload
    }

    @Test("members that keep apart from each other: the first goes, or the one that is here")
    func ownMembers() {
        let desired = Declared.state(Self.apart("web", from: nil, replicas: 3))
        var observed = Self.empty(desired)
        #expect(Self.held(desired, observed) == ["Workload/web/1", "Workload/web/2"])
        if let object = desired.objects.values.first { observed.add(2, of: object) }
        #expect(Self.held(desired, observed) == ["Workload/web/0", "Workload/web/1"])
        let verdict = plan(desired, observed).held.first?.verdict
        #expect(verdict == .held(Hold(.antiAffinity, "must not share a host with Workload/web/2, which is here")))
    }

    @Test("objects that keep apart: both sides know, and the first in order goes", arguments: ["a", "b"])
    func others(who: String) {
        let other = who == "a" ? "b" : "a"
        let shy = Self.apart(who, from: LabelSelector(matchLabels: ["app": other]))
        let desired = Declared.state(shy, Self.labelled(other))
        var observed = Self.empty(desired)
        #expect(Self.held(desired, observed) == ["Workload/b/0"])
        if let b = desired.objects[ResourceID(.workload, "b")] { observed.add(0, of: b) }
        #expect(Self.held(desired, observed) == ["Workload/a/0"])
    }

    @Test("two that are here together already stay, and only the first in order may be replaced")
    func together() {
        let shy = Self.apart("b", from: LabelSelector(matchLabels: ["app": "a"]))
        let before = Declared.state(shy, Self.labelled("a"))
        var (a, b) = (Self.labelled("a"), shy)
        a.spec.source.template.env = ["A": "1"]
        b.spec.source.template.env = ["A": "1"]
        #expect(Self.held(Declared.state(a, b), ObservedState(converged: before)) == ["Workload/b/0"])
    }

    @Test("an anti-affinity that is not required changes nothing on one host")
    func notRequired() {
        let desired = Declared.state(Self.apart("web", from: nil, required: false, replicas: 3))
        #expect(Self.held(desired, Self.empty(desired)) == [])
    }

    @Test("nobody waits for one that cannot come")
    func cannotCome() {
        var a = Self.labelled("a")
        a.unenforced = [UnenforcedDemand("'x'", at: SourcePosition(file: "a", line: 1, column: 1))]
        let desired = Declared.state(a, Self.apart("b", from: LabelSelector(matchLabels: ["app": "a"])))
        #expect(Self.held(desired, Self.empty(desired)) == ["Workload/a/0"])
    }
}
