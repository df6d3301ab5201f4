import ReconcileTesting
import Reconciler
import Specs
import Testing

struct RecreateHashTests {
    private func hash(_ template: ContainerTemplate, publish: [PublishedPort] = [], network: String = "n")
        -> RecreateHash
    {
        RecreateHash(ContainerIntent(template: template, publish: publish, network: network))
    }

    private let plain = ContainerTemplate(image: "web:1")

    @Test("a label reads back as it was written")
    func roundTrip() {
        let hash = hash(plain, publish: [PublishedPort(hostPort: 80, container: ContainerPort(80))])
        #expect(RecreateHash(label: hash.description) == hash)
        #expect(hash.description.hasPrefix("v1;image="))
    }

    @Test("the difference names the fields", arguments: HashCase.all)
    func fields(_ c: HashCase) {
        #expect(hash(plain).changes(to: hash(c.template, publish: c.publish, network: c.network)) == c.fields)
    }

    @Test("hashes of different versions are never different", arguments: ["v0;image=0", "", "garbage", "v2"])
    func versions(label: String) {
        #expect(RecreateHash(label: label).changes(to: hash(plain)) == [])
    }

    @Test("a label of our version that lost a field differs in that field")
    func truncated() {
        var short = hash(plain)
        short.fields["image"] = nil
        #expect(RecreateHash(label: short.description).changes(to: hash(plain)) == ["image"])
    }

    @Test("defaults that are written out change nothing")
    func defaults() {
        var explicit = plain
        explicit.pullPolicy = .ifNotPresent
        explicit.stopTimeout = .seconds(10)
        explicit.resources.shm = ByteQuantity(bytes: 64 << 20)
        explicit.env = [:]
        #expect(hash(plain) == hash(explicit))
    }

    @Test("the order in which ports are published changes nothing")
    func portOrder() {
        let ports = [1, 2, 3].map { PublishedPort(hostPort: $0, container: ContainerPort(80)) }
        #expect(hash(plain, publish: ports) == hash(plain, publish: ports.reversed()))
    }

    @Test("the hash of version 1 is the same for ever")
    func isStable() {
        #expect(
            hash(plain, network: "reconcile-web").description
                == "v1;image=530f969e426a;network=10afe7745f12;stopTimeout=7253fa9f2584")
    }

    @Test("bridge names are short and differ by owner and object")
    func bridges() {
        let web = ResourceID(.workload, "web")
        let names = [
            RecreateHash.bridgeName(owner: "a", object: web), RecreateHash.bridgeName(owner: "b", object: web),
            RecreateHash.bridgeName(owner: "a", object: ResourceID(.warmPool, "web")),
        ]
        #expect(Set(names).count == 3)
        #expect(names.allSatisfy { $0.hasPrefix("rc-") && $0.count == 13 })
    }
}

struct HashCase: Sendable, CustomTestStringConvertible {
    let name: String
    var template = ContainerTemplate(image: "web:1")
    var publish: [PublishedPort] = []
    var network = "n"
    let fields: [String]

    var testDescription: String { name }

    init(_ name: String, _ fields: [String], _ change: (inout HashCase) -> Void) {
        self.name = name
        self.fields = fields
        change(&self)
    }

    static let all: [HashCase] = [
        HashCase("nothing", []) { _ in },
        HashCase("image", ["image"]) { $0.template.image = "web:2" },
        HashCase("env", ["env"]) { $0.template.env = ["A": "1"] },
        HashCase("command and args", ["args", "command"]) {
            $0.template.command = ["run"]
            $0.template.args = []
        },
        HashCase(
            "health check",
            [
                "healthCheck.command", "healthCheck.interval", "healthCheck.retries", "healthCheck.startPeriod",
                "healthCheck.timeout",
            ]
        ) { $0.template.healthCheck = HealthCheck(command: ["ok"]) },
        HashCase("published ports", ["publish"]) {
            $0.publish = [PublishedPort(hostPort: 80, container: ContainerPort(80))]
        },
        HashCase("network", ["network"]) { $0.network = "other" },
        HashCase("live limits are compared by value", []) {
            $0.template.resources = Resources(
                cpus: CPUQuantity(nanoCPUs: 1), memory: ByteQuantity(bytes: 1), memorySwap: .unlimited, pids: 1)
        },
        HashCase("pull policy is no property of a container", []) { $0.template.pullPolicy = .never },
        HashCase("ulimits and shm", ["resources.shm", "resources.ulimits"]) {
            $0.template.resources.shm = ByteQuantity(bytes: 1 << 20)
            $0.template.resources.ulimits = ["nofile": Ulimit(soft: 1, hard: 1)]
        },
        HashCase("user and stop timeout", ["stopTimeout", "user"]) {
            $0.template.user = "1000"
            $0.template.stopTimeout = .seconds(1)
        },
    ]
}
