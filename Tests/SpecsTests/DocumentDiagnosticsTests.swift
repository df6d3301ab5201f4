import Specs
import Testing

@Suite("What is wrong with an object is said at its place")
struct DocumentDiagnosticsTests {
    @Test(
        "the head of a document",
        arguments: [
            ("hello", ["web.yaml:1:1: error: the document must be a map, not the string 'hello'"]),
            ("- a", ["web.yaml:1:1: error: the document must be a map, not a list"]),
            (
                "kind: Workload\nname: a",
                [
                    "web.yaml:1:1: error: the document needs 'apiVersion'",
                    "web.yaml:2:1: error: unknown key 'name' (known keys: apiVersion, kind, metadata, spec)",
                ]
            ),
            (
                "apiVersion: reconcile.dev/v2\nkind: Workload",
                ["web.yaml:1:13: error: unknown apiVersion 'reconcile.dev/v2' (this version knows 'reconcile.dev/v1')"]
            ),
            (
                "apiVersion: reconcile.dev/v1\nkind: WorkLoad",
                ["web.yaml:2:7: error: unknown kind 'WorkLoad' (did you mean 'Workload'?)"]
            ),
            (
                "apiVersion: reconcile.dev/v1\nkind: Deployment",
                [
                    "web.yaml:2:7: error: unknown kind 'Deployment' (known kinds: \(ResourceKind.allCases.map(\.rawValue).joined(separator: ", ")))"
                ]
            ),
            (
                "apiVersion: reconcile.dev/v1\nkind: HostPool",
                [
                    "web.yaml:1:1: error: the document needs 'metadata'",
                    "web.yaml:1:1: error: the document needs 'spec'",
                ]
            ),
            (
                "apiVersion: reconcile.dev/v1\nkind: HostPool\nmetadata: {}\nspec:",
                [
                    "web.yaml:3:11: error: 'metadata' needs 'name'",
                    "web.yaml:4:6: error: 'spec' must be a map, not empty",
                ]
            ),
        ])
    func head(text: String, expected: [String]) {
        #expect(findings(text) == expected)
    }

    @Test(
        "metadata",
        arguments: [
            (
                "name: Web",
                "2:7: error: 'metadata.name' must be 1-40 characters of a-z, 0-9 and '-', with a letter or digit at both ends, not 'Web'"
            ),
            ("name: 7", "2:7: error: 'metadata.name' must be a string, not the integer '7' (put it in quotes)"),
            (
                "name: \"a;$(reboot)\\n\"",
                "2:7: error: 'metadata.name' must be 1-40 characters of a-z, 0-9 and '-', with a letter or digit at both ends, not 'a;$(reboot)\\n'"
            ),
            (
                "{name: a, labels: {version: 1}}",
                "2:29: error: 'metadata.labels.version' must be a string, not the integer '1' (put it in quotes)"
            ),
            (
                "{name: a, labels: {-a: b}}",
                "2:20: error: key '-a' of 'metadata.labels' must be a label key such as 'tier' or 'example.com/tier' (1-63 characters of A-Z, a-z, 0-9, '-', '_' and '.', with a letter or digit at both ends)"
            ),
            (
                "{name: a, labels: {a: b c}}",
                "2:23: error: 'metadata.labels.a' must be at most 63 characters of A-Z, a-z, 0-9, '-', '_' and '.', with a letter or digit at both ends, not 'b c'"
            ),
            (
                "{name: a, labels: {dev.reconcile.id: b}}",
                "2:20: error: label 'dev.reconcile.id' is reserved for the controller (keys must not begin with 'dev.reconcile.')"
            ),
        ])
    func metadata(lines: String, expected: String) {
        let text = "metadata:\n\(indented(lines, by: 0).hasPrefix("{") ? " " + lines : " " + lines)\n"
        let rest = "apiVersion: reconcile.dev/v1\nkind: HostPool\nspec: {hosts: {name: h}}\n"
        let place = "web.yaml:" + expected
        // One blank in front of the lines moves every column by one.
        #expect(findings(text + rest).map { shifted($0) } == [place])
    }

    @Test(
        "host pools",
        arguments: [
            ("{}", "error: 'spec' needs 'hosts'"),
            ("{hosts: {}}", "error: 'spec.hosts' needs 'name' or 'matchLabels'"),
            ("{hosts: {matchLabels: {}}}", "error: 'spec.hosts' needs 'name' or 'matchLabels'"),
            ("{hosts: {name: A}}", "error: 'spec.hosts.name' must be a host name of a-z, 0-9, '-' and '.', not 'A'"),
            (
                "{hosts: {name: a}, scope: perhost}",
                "error: 'spec.scope' must be shared or perHost, not 'perhost' (did you mean 'perHost'?)"
            ),
            (
                "{hosts: {name: a}, capacity: {containersPerHost: 0}}",
                "error: 'spec.capacity.containersPerHost' must be 1-1000, not '0'"
            ),
            (
                "{hosts: {name: a}, capacity: {reserved: {cpus: x}}}",
                "error: 'spec.capacity.reserved.cpus' must be an amount of CPU time such as 500m or 1.5, not 'x' (it begins with a digit)"
            ),
        ])
    func hostPool(spec: String, expected: String) {
        let text = "apiVersion: reconcile.dev/v1\nkind: HostPool\nmetadata: {name: a}\nspec: \(spec)\n"
        let found = findings(text).map { $0.drop { $0 != " " }.dropFirst() }
        #expect(found == [expected[...]])
    }

    @Test(
        "workloads",
        arguments: [
            (
                "replicas: \"3\"",
                ["11:13: error: 'spec.replicas' must be an integer, not the string '3' (remove the quotes)"]
            ),
            ("replicas: 3.0", ["11:13: error: 'spec.replicas' must be an integer, not the decimal number '3.0'"]),
            ("replicas: 3e0", ["11:13: error: 'spec.replicas' must be an integer, not the decimal number '3e0'"]),
            ("replicas: no", ["11:13: error: 'spec.replicas' must be an integer, not the string 'no'"]),
            (
                "replicas: 1_0",
                ["11:13: error: 'spec.replicas' must be an integer, not the string '1_0' (write it without '_')"]
            ),
            (
                "replicas: 010",
                [
                    "11:13: error: 'spec.replicas' must be an integer, not '010' with its leading zero (write 10, or 0o10 for octal)"
                ]
            ),
            ("replicas: -1", ["11:13: error: 'spec.replicas' must be 0-1000, not '-1'"]),
            (
                "replicas: 99999999999999999999",
                ["11:13: error: 'spec.replicas' must be 0-1000, not '99999999999999999999'"]
            ),
            ("replicas:", ["11:12: error: 'spec.replicas' must be an integer, not empty"]),
            ("replica: 3", ["11:3: error: unknown key 'replica' (did you mean 'replicas'?)"]),
            ("relpicas: 3", ["11:3: error: unknown key 'relpicas' (did you mean 'replicas'?)"]),
            (
                "__proto__: 3",
                [
                    "11:3: error: unknown key '__proto__' (known keys: replicas, strategy, disruptionBudget, publish, hostPool, tolerations, antiAffinity, dependsOn, template, templateRef)"
                ]
            ),
            ("strategy: rolling", ["11:13: error: 'spec.strategy' must be a map, not the string 'rolling'"]),
            (
                "strategy: {type: Recreate}",
                [
                    "11:20: error: 'spec.strategy.type' must be rolling, recreate, blueGreen or canary, not 'Recreate' (did you mean 'recreate'?)"
                ]
            ),
            (
                "publish: [{hostIP: 127.0.0.1, hostPort: 80, containerPort: 80}]",
                [
                    "11:43: error: '127.0.0.1' can be published with 'strategy: {type: recreate}' only (members cannot be reached from the loopback; name another address of the host)"
                ]
            ),
            (
                "replicas: 2\nstrategy: {type: recreate}\npublish: [{hostPort: 80, containerPort: 80}]",
                [
                    "13:12: error: 'spec.publish' with 'strategy: {type: recreate}' needs 'replicas' to be 0 or 1, not 2 (the engine gives a port to one container; use 'strategy: {type: rolling}' for several)"
                ]
            ),
            (
                "strategy: {type: recreate}\npublish: [{hostPort: 0, containerPort: 65536, protocol: TCP, hostIP: 1.2.3.999}]",
                [
                    "12:24: error: 'spec.publish.0.hostPort' must be 1-65535, not '0'",
                    "12:42: error: 'spec.publish.0.containerPort' must be 1-65535, not '65536'",
                    "12:59: error: 'spec.publish.0.protocol' must be tcp, udp or sctp, not 'TCP' (did you mean 'tcp'?)",
                    "12:72: error: 'spec.publish.0.hostIP' must be an IPv4 address such as 127.0.0.1, not '1.2.3.999' (this version publishes on IPv4 only)",
                ]
            ),
            (
                "strategy: {type: recreate}\npublish: [{hostPort: 80, containerPort: 1}, {hostPort: 80, containerPort: 2}]",
                ["12:58: error: host port 80/tcp is listed twice, first at web.yaml:12:24"]
            ),
        ])
    func workloadSpec(spec: String, expected: [String]) {
        #expect(findings(workload(template: "image: a", spec: spec)) == expected.map { "web.yaml:" + $0 })
    }

    /// Undoes the blank that `metadata` puts in front of its lines.
    private func shifted(_ finding: String) -> String {
        var parts = finding.split(separator: ":", maxSplits: 3, omittingEmptySubsequences: false).map(String.init)
        parts[2] = Int(parts[2]).map { String($0 - 1) } ?? parts[2]
        return parts.joined(separator: ":")
    }
}
