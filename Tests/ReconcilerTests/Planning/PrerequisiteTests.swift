import ReconcileTesting
import Reconciler
import Specs
import Testing

/// What members need before they can be created: image, network, volumes, names.
struct PrerequisiteTests {
    private let desired = Declared.state(Declared.workload())
    private let waiting = "Workload/web/0 create: not on this host [create-container web-0-1] after Workload/web"

    /// Image and network are there, the member is not.
    private var observed: ObservedState {
        var observed = ObservedState(converged: desired)
        observed.remove("web-0-1")
        return observed
    }

    @Test("on an empty host the object's things come first")
    func firstStart() {
        let mounts = [Mount(.volume("data"), target: "/data"), Mount(.tmpfs(size: nil), target: "/tmp")]
        let desired = Declared.state(Declared.workload(ContainerTemplate(image: "web:1", mounts: mounts)))
        #expect(
            plan(desired, ObservedState()).lines == [
                "Workload/web create: not on this host [pull-image web:1]",
                "Workload/web create: not on this host [create-network reconcile-web]",
                "Workload/web create: not on this host [create-volume data]",
                waiting,
            ])
    }

    @Test("an image is pulled as its policy says", arguments: PullCase.all)
    func pulls(_ c: PullCase) {
        let desired = Declared.state(Declared.workload(ContainerTemplate(image: "web:1", pullPolicy: c.policy)))
        var observed = observed
        if !c.isPresent { observed.images = [:] }
        if c.isFresh { observed.refreshedImages = ["web:1"] }
        #expect(plan(desired, observed).actions.first?.line == c.expected)
    }

    @Test("a tag that leads to another image is a change, once the new image is here")
    func movedTag() {
        let template = ContainerTemplate(image: "web:1", pullPolicy: .always)
        let desired = Declared.state(Declared.workload(template))
        var observed = ObservedState(converged: desired)
        #expect(
            plan(desired, observed).lines == [
                "Workload/web pull: pullPolicy Always: the tag may have moved [pull-image web:1]"
            ])
        #expect(!plan(desired, observed).hasChanges)
        observed.refreshedImages = ["web:1"]
        #expect(plan(desired, observed).lines == [])
        observed.images["web:1"] = ObservedImage(id: "sha256:0123456789abcdef")
        #expect(
            plan(desired, observed).lines == [
                "Workload/web/0 replace: image sha256:web:1 -> sha256:0123456789ab [create-container web-0-2, stop web-0-1, remove web-0-1]"
            ])
    }

    @Test("without pullPolicy Always a moved tag changes nothing")
    func movedTagIgnored() {
        var observed = ObservedState(converged: desired)
        observed.images["web:1"] = ObservedImage(id: "sha256:other")
        #expect(plan(desired, observed).lines == [])
    }

    @Test("a container name of somebody else stalls the member")
    func foreignName() {
        var observed = observed
        observed.foreignNames["web-0-1"] = "f00d"
        #expect(
            plan(desired, observed).lines == [
                "Workload/web/0 create: not on this host [create-container web-0-1] stalled: NameConflict"
            ])
    }

    @Test("a name of ours is not given back while somebody else holds it")
    func foreignNameOfRenamed() {
        var observed = ObservedState(converged: desired)
        observed.change("web-0-1") { $0.name = "mine" }
        observed.foreignNames["web-0-1"] = "f00d"
        #expect(plan(desired, observed).actions.map(\.isStalled) == [true])
    }

    @Test(
        "a network of this name that is not the object's stalls it",
        arguments: [nil, OwnershipMark(owner: "staging", object: ResourceID(.workload, "web"))])
    func foreignNetwork(mark: OwnershipMark?) {
        var observed = observed
        observed.networks["reconcile-web"] = ObservedNetwork(id: "f00d", name: "reconcile-web", mark: mark)
        #expect(
            plan(desired, observed).lines == [
                "Workload/web create: not on this host [] stalled: NameConflict", waiting,
            ])
    }

    @Test("when a kind changes under the same name, the new object waits until the old one is gone")
    func kindChange() {
        let desired = Declared.state(warmPools: [Declared.warmPool("web", ContainerTemplate(image: "web:1"))])
        let observed = ObservedState(converged: self.desired)
        #expect(
            plan(desired, observed).lines == [
                "WarmPool/web create: not on this host [] after Workload/web",
                "WarmPool/web/0 create: not on this host [create-container web-0-1] after WarmPool/web",
                "Workload/web remove: no longer used [remove-network reconcile-web] after Workload/web/0",
                "Workload/web/0 remove: ours, no longer declared [stop web-0-1, remove web-0-1]",
            ])
    }

    @Test("a subnet is one that nobody uses, ours or foreign")
    func subnetAvoidsForeign() throws {
        var host = Declared.host
        host.networkRange = NetworkRange(range: try #require(IPv4Subnet("10.224.0.0/20")), subnetPrefix: 22)
        let desired = Declared.state(Declared.workload(), host: host)
        var observed = observed
        observed.networks = [
            "theirs": ObservedNetwork(id: "1", name: "theirs", subnets: ["10.224.0.0/21"]),
            "host": ObservedNetwork(id: "2", name: "host"),
            "small": ObservedNetwork(id: "3", name: "small", subnets: ["10.224.9.128/25", "fd00::/64"]),
        ]
        let step = try #require(plan(desired, observed).actions.first?.steps.first)
        guard case .createNetwork(let intent) = step else {
            Issue.record("not a network: \(step)")
            return
        }
        #expect(intent.subnet == "10.224.12.0/22")
        #expect(intent.bridge.count <= 15)
        observed.networks["last"] = ObservedNetwork(id: "4", name: "last", subnets: ["10.224.12.0/24"])
        #expect(
            plan(desired, observed).lines == [
                "Workload/web create: not on this host [] stalled: NetworkRangeExhausted", waiting,
            ])
    }

    @Test("new objects get different subnets, and keep them whichever network is made first")
    func subnetsOfNewObjects() throws {
        var host = Declared.host
        // Three objects and four places: some of them prefer the same one.
        host.networkRange = NetworkRange(range: try #require(IPv4Subnet("10.224.0.0/20")), subnetPrefix: 22)
        let names = ["a", "b", "c"]
        let desired = Declared.state(
            Declared.workload("a"), Declared.workload("b"), Declared.workload("c"), host: host)
        func intents(_ observed: ObservedState, _ scope: Planner.Scope = .everything) -> [String: NetworkIntent] {
            let plan = Planner.plan(
                desired: desired, observed: observed, gates: desired.solitaryGates, now: Now(), scope: scope)
            let made = plan.actions.flatMap(\.steps).compactMap { step -> NetworkIntent? in
                if case .createNetwork(let intent) = step { intent } else { nil }
            }
            return Dictionary(made.map { ($0.mark.object.name, $0) }) { first, _ in first }
        }
        let planned = intents(ObservedState())
        #expect(Set(planned.values.map(\.subnet)).count == 3)
        for name in names {
            #expect(intents(ObservedState(), .key(.object(ResourceID(.workload, name)))) == [name: planned[name]])
            var observed = ObservedState()
            let made = try #require(planned[name])
            observed.networks[made.name] = ObservedNetwork(
                id: "1", name: made.name, mark: made.mark, bridge: made.bridge, subnets: [made.subnet])
            #expect(intents(observed) == planned.filter { $0.key != name })
        }
    }

    @Test("with pullPolicy Always no container is made while a pull is open")
    func pullComesFirst() {
        let desired = Declared.state(Declared.workload(ContainerTemplate(image: "web:1", pullPolicy: .always)))
        #expect(
            plan(desired, observed).lines == [
                "Workload/web pull: pullPolicy Always: the tag may have moved [pull-image web:1]", waiting,
            ])
    }

    @Test("containers whose names were swapped step aside for each other, and a free name is taken at once")
    func swappedNames() {
        let desired = Declared.state(Declared.workload(replicas: 3))
        var observed = ObservedState(converged: desired)
        for (name, other) in [("web-0-1", "swap"), ("web-1-1", "web-0-1"), ("swap", "web-1-1")] {
            let id = observed.containers.values.first { $0.name == name }?.id
            if let id, var container = observed.containers[id] {
                container.name = other
                observed.record(container, id: id)
            }
        }
        observed.foreignNames["web-0-1-aside-1"] = "f00d"
        #expect(
            plan(desired, observed).lines == [
                "Workload/web/0 rename: renamed to 'web-1-1' by someone else [rename web-1-1 web-0-1-aside-2]",
                "Workload/web/1 rename: renamed to 'web-0-1' by someone else [rename web-0-1 web-1-1-aside-1]",
            ])
        observed.change("web-1-1") { $0.name = "web-0-1-aside-2" }
        #expect(
            plan(desired, observed).lines == [
                "Workload/web/0 rename: renamed to 'web-0-1-aside-2' by someone else [rename web-0-1-aside-2 web-0-1] after Workload/web/1",
                "Workload/web/1 rename: renamed to 'web-0-1' by someone else [rename web-0-1 web-1-1]",
            ])
    }

    @Test("published ports and volumes belong to the container that is created")
    func intent() throws {
        let port = PublishedPort(hostPort: 8080, container: ContainerPort(80))
        let workload = Declared.workload(strategy: .recreate, publish: [port])
        let step = try #require(plan(Declared.state(workload), observed).actions.first?.steps.first)
        guard case .createContainer(let intent) = step else {
            Issue.record("not a container: \(step)")
            return
        }
        #expect(intent.container.publish == [port])
        #expect(intent.container.network == "reconcile-web")
        #expect(intent.mark.memberID == MemberID(ResourceID(.workload, "web"), 0))
    }
}

struct PullCase: Sendable, CustomTestStringConvertible {
    let policy: ContainerTemplate.PullPolicy
    let isPresent: Bool
    var isFresh = false
    let expected: String

    var testDescription: String {
        "\(policy.rawValue), \(isPresent ? "present" : "missing"), \(isFresh ? "fresh" : "not looked up")"
    }

    private static let create = "Workload/web/0 create: not on this host [create-container web-0-1]"
    private static let pull = "Workload/web create: not on this host [pull-image web:1]"

    static let all: [PullCase] = [
        PullCase(policy: .ifNotPresent, isPresent: true, expected: create),
        PullCase(policy: .ifNotPresent, isPresent: false, expected: pull),
        PullCase(policy: .never, isPresent: true, expected: create),
        PullCase(policy: .never, isPresent: false, expected: pull + " stalled: ImageMissing"),
        PullCase(policy: .always, isPresent: false, expected: pull),
        PullCase(
            policy: .always, isPresent: true,
            expected: "Workload/web pull: pullPolicy Always: the tag may have moved [pull-image web:1]"),
        PullCase(policy: .always, isPresent: true, isFresh: true, expected: create),
    ]
}
