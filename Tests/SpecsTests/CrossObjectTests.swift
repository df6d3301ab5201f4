import Specs
import Testing

@Suite("Objects must fit together")
struct CrossObjectTests {
    private func pool(_ name: String, _ spec: String = "{hosts: {name: h}}") -> String {
        "apiVersion: reconcile.dev/v1\nkind: HostPool\nmetadata: {name: \(name)}\nspec: \(spec)\n---\n"
    }

    private func warmPool(_ name: String, _ spec: String) -> String {
        "apiVersion: reconcile.dev/v1\nkind: WarmPool\nmetadata: {name: \(name)}\nspec: {\(spec), template: {image: a}}\n---\n"
    }

    private func work(_ name: String, _ spec: String) -> String {
        "apiVersion: reconcile.dev/v1\nkind: Workload\nmetadata: {name: \(name)}\nspec: {\(spec), template: {image: a}}\n---\n"
    }

    @Test("a name belongs to one object of a kind")
    func duplicates() {
        let a = SpecFile(path: "a.yaml", bytes: Array((pool("p") + warmPool("x", "size: 1")).utf8))
        let b = SpecFile(path: "b.yaml", bytes: Array((pool("p") + warmPool("x", "size: 2")).utf8))
        #expect(
            SpecLoader.load([b, a]).diagnostics.map(\.description) == [
                "b.yaml:3:18: error: HostPool 'p' is already declared, first at a.yaml:3:18",
                "b.yaml:8:18: error: WarmPool 'x' is already declared, first at a.yaml:8:18",
            ])
    }

    @Test("a workload and a warm pool cannot share a name, a host pool can")
    func containerNames() {
        #expect(load(pool("x") + work("x", "replicas: 1")).diagnostics == [])
        #expect(
            findings(pool("p") + work("x", "replicas: 1") + warmPool("x", "size: 1")) == [
                "web.yaml:13:18: error: WarmPool 'x' has the name of a Workload, first at web.yaml:8:18 (their containers would have the same names)"
            ])
    }

    @Test("a host pool that is named must be declared")
    func dangling() {
        #expect(
            findings(pool("agents") + work("x", "hostPool: agent")) == [
                "web.yaml:9:18: error: HostPool 'agent' is not declared (did you mean 'agents'?)"
            ])
        #expect(
            findings(pool("a") + pool("b") + work("x", "hostPool: production")) == [
                "web.yaml:14:18: error: HostPool 'production' is not declared (declared: 'a' and 'b')"
            ])
        #expect(
            findings(work("x", "hostPool: production")) == [
                "web.yaml:4:18: error: HostPool 'production' is not declared (declare a HostPool)"
            ])
    }

    @Test("a host pool can be left out only where one is declared")
    func missing() {
        #expect(load(pool("a") + work("x", "replicas: 1")).specs?.workloads.first?.spec.placement.hostPool == "a")
        #expect(
            findings(pool("a") + pool("b") + warmPool("x", "size: 1")) == [
                "web.yaml:14:7: error: WarmPool/x needs 'hostPool', because 2 HostPools are declared (declared: 'a' and 'b')"
            ])
        #expect(
            findings(work("x", "replicas: 1")) == [
                "web.yaml:4:7: error: Workload/x needs 'hostPool', because no HostPool is declared (declare a HostPool)"
            ])
    }

    @Test("what follows from another error is not reported")
    func consequences() {
        #expect(findings(pool("a", "{hosts: {}}") + work("x", "hostPool: a")).count == 1)
        #expect(findings(pool("A") + work("x", "hostPool: a")).count == 1)
        #expect(findings(work("x", "hostPool: a") + "a: 'b").count == 1)
        #expect(findings(work("x", "hostPool: a") + "<<: {}\n").count == 1)
    }

    @Test("an error in one document hides none in another")
    func allErrors() {
        let text = pool("a", "{hosts: {name: h}, scop: shared}") + work("x", "replicas: a") + warmPool("y", "sice: 1")
        #expect(
            load(text).diagnostics.filter { $0.severity == .error }.map(\.code) == [
                .unknownKey, .wrongType, .missingKey, .unknownKey,
            ])
    }

    private let port = "strategy: {type: recreate}, publish: [{hostPort: 80, containerPort: 80"

    @Test("a port of a host has one owner")
    func ports() {
        let taken = "web.yaml:14:57: error: host port 80/tcp is already published by Workload/x, first at web.yaml:9:57"
        let pools = pool("a")
        #expect(findings(pools + work("x", port + "}]") + work("y", port + "}]")) == [taken])
        #expect(findings(pools + work("x", port + ", hostIP: 127.0.0.1}]") + work("y", port + "}]")) == [taken])
        #expect(
            findings(pools + work("x", port + ", hostIP: 127.0.0.1}]") + work("y", port + ", hostIP: 127.0.0.2}]"))
                == [])
        #expect(findings(pools + work("x", port + "}]") + work("y", port + ", protocol: udp}]")) == [])
        let both = port + "}, {hostIP: 127.0.0.1, hostPort: 80, containerPort: 81}]"
        #expect(
            findings(pools + work("x", both)) == [
                "web.yaml:9:111: error: host port 80/tcp is already published by Workload/x, first at web.yaml:9:57"
            ])
    }

    @Test(
        "the same port on hosts that cannot be the same is free",
        arguments: [
            ("{name: a}", "{name: b}", true), ("{name: a}", "{name: a}", false),
            ("{name: a}", "{matchLabels: {x: y}}", false),
            ("{matchLabels: {x: y}}", "{matchLabels: {x: z}}", true),
            ("{matchLabels: {x: y}}", "{matchLabels: {w: z}}", false),
        ])
    func disjointHosts(first: String, second: String, isFree: Bool) {
        let pools = pool("a", "{hosts: \(first)}") + pool("b", "{hosts: \(second)}")
        let found = findings(
            pools + work("x", "hostPool: a, " + port + "}]") + work("y", "hostPool: b, " + port + "}]"))
        #expect(found.isEmpty == isFree)
    }

    @Test("a pool must have room for what is placed on it")
    func capacity() {
        let small = "{hosts: {name: h}, capacity: {containersPerHost: 5}}"
        #expect(findings(pool("p", small) + work("a", "replicas: 2") + warmPool("b", "size: 3")) == [])
        #expect(
            findings(pool("p", small) + work("a", "replicas: 2") + warmPool("b", "size: 4") + work("c", "replicas: 1"))
                == [
                    "web.yaml:14:14: error: HostPool 'p' holds 5 containers per host, but 2 (Workload/a) + 4 (WarmPool/b) + 1 (Workload/c) = 7, the capacity: web.yaml:4:56 (raise 'containersPerHost' or ask for fewer)"
                ])
        let perHost = "{hosts: {matchLabels: {a: b}}, scope: perHost, capacity: {containersPerHost: 1}}"
        #expect(
            findings(pool("p", perHost) + work("a", "replicas: 2")) == [
                "web.yaml:9:18: error: HostPool 'p' holds 1 container per host, but 2 (Workload/a) = 2, the capacity: web.yaml:4:84 (raise 'containersPerHost' or ask for fewer)"
            ])
        let shared = "{hosts: {matchLabels: {a: b}}, capacity: {containersPerHost: 1}}"
        #expect(findings(pool("p", shared) + work("a", "replicas: 2")) == [])
    }

    @Test("an error in an anchor's value is reported once, however often it is repeated")
    func aliases() {
        let text = """
            apiVersion: reconcile.dev/v1
            kind: Workload
            metadata: {name: a, labels: &l {x: 1}, annotations: *l}
            spec: {hostPool: p, template: {image: a, labels: *l}}
            """
        #expect(load(pool("p") + text).diagnostics.count == 3)
        let same = text.replacing(", annotations: *l", with: "").replacing("{x: 1}", with: "{dev.reconcile.x: a}")
        #expect(
            findings(pool("p") + same) == [
                "web.yaml:8:33: error: label 'dev.reconcile.x' is reserved for the controller (keys must not begin with 'dev.reconcile.')"
            ])
    }
}
