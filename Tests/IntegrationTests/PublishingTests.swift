import Drivers
import FoundationEssentials
import ReconcileTesting
import Reconciler
import Testing

/// Ports of a host that lead to several members, under the load of a client that tries nothing twice.
@Suite("published ports on a real engine", .serialized, .timeLimit(.minutes(5)))
struct PublishingTests {
    static let hostPort = 18_080

    /// Members that answer with their version.
    ///
    /// - Parameter fails: its health check never succeeds.
    static func workload(
        _ bed: Bed, version: String, replicas: Int = 3, strategy: String = "type: rolling", fails: Bool = false
    ) -> String {
        """
        apiVersion: reconcile.dev/v1
        kind: Workload
        metadata: {name: \(bed.name)-web}
        spec:
          hostPool: \(bed.name)
          replicas: \(replicas)
          strategy: {\(strategy)}
          publish: [{hostPort: \(hostPort), containerPort: 8080}]
          template:
            image: busybox:local
            pullPolicy: Never
            command:
            - sh
            - -c
            - |
              mkdir -p /www/cgi-bin; cd /www; echo $VERSION > index.html; printf 'Content-Type: text/plain\\r\\n\\r\\n' > head
              printf '#!/bin/sh\\nsleep 0.4; exec cat /www/head /www/index.html' > cgi-bin/slowly; chmod +x cgi-bin/slowly
              trap 'exit 0' TERM; busybox httpd -f -p 8080 -h /www & wait
            stopTimeout: 2s
            env: {VERSION: "\(version)"}
            healthCheck:
              command: [\(fails ? "\"false\"" : "busybox, wget, -q, -O, /dev/null, \"http://127.0.0.1:8080/\"")]
              interval: 1s
              retries: 2

        """
    }

    @Test("a rolling update under load fails no connection, from outside and from the host itself")
    func rolling() async throws {
        try await PrivateEngine.with { engine in
            try await Bed.with(engine: engine.socketPath) { bed in
                try await Outside.with(engine, bed.name) { outside in
                    let (repository, first) = try await bed.repository(["web": Self.workload(bed, version: "1")])
                    try await bed.daemon(repository, launcher: outside.inside) { daemon in
                        try await daemon.awaitConvergence(on: first)
                        try await eventually("the port leads to all members") {
                            try await outside.members(of: Self.hostPort) == 3
                        }
                        async let far = outside.load(from: .far, port: Self.hostPort, bed.folder.path)
                        // One of these is under way whenever a member goes.
                        async let near = outside.load(
                            from: .host, port: Self.hostPort, path: "/cgi-bin/slowly", bed.folder.path)
                        try await eventually("both clients are served") {
                            FileManager.default.fileExists(atPath: bed.folder.path + "/far.serving")
                                && FileManager.default.fileExists(atPath: bed.folder.path + "/host.serving")
                        }
                        let second = try await bed.commit(
                            ["web": Self.workload(bed, version: "2")], to: repository, after: first)
                        try await daemon.awaitConvergence(on: second, within: .seconds(120))
                        try Data().write(to: URL(filePath: bed.folder.path + "/enough"))
                        for answers in [try await far, try await near] {
                            #expect((answers["1"] ?? 0) > 5 && (answers["2"] ?? 0) > 5, "\(answers)")
                            #expect(Set(answers.keys) == ["1", "2"], "\(answers)")
                        }
                    }
                }
            }
        }
    }

    @Test("a policy decides who connects, and a member that is stopped by somebody is led to no more")
    func policyAndHealing() async throws {
        try await PrivateEngine.with { engine in
            try await Bed.with(engine: engine.socketPath) { bed in
                try await Outside.with(engine, bed.name) { outside in
                    func policy(_ source: String) -> String {
                        """
                        apiVersion: reconcile.dev/v1
                        kind: NetworkPolicy
                        metadata: {name: \(bed.name)-in}
                        spec: {selector: {}, ingress: {allow: [{from: {cidr: \(source)}, ports: [8080/tcp]}]}}

                        """
                    }
                    let files = ["web": Self.workload(bed, version: "1"), "policy": policy("\(Outside.far)/32")]
                    let (repository, first) = try await bed.repository(files)
                    try await bed.daemon(repository, launcher: outside.inside) { daemon in
                        try await daemon.awaitConvergence(on: first)
                        try await eventually("the port is open") {
                            try await outside.answer(port: Self.hostPort) == "1"
                        }
                        let before = try await bed.engine.inspect("\(bed.name)-web-1-1").state.startedAt
                        try await bed.engine.send(.post, "/containers/\(bed.name)-web-1-1/kill")
                        try await eventually("nobody is led to the member that ended, and then to it again") {
                            let state = try await bed.engine.inspect("\(bed.name)-web-1-1").state
                            guard state.status == "running", state.startedAt != before else { return false }
                            return try await outside.members(of: Self.hostPort) == 3
                        }
                        #expect(try await outside.answer(port: Self.hostPort) == "1")
                        let closed = try await bed.commit(
                            ["web": Self.workload(bed, version: "1"), "policy": policy("9.9.9.0/24")], to: repository,
                            after: first)
                        try await daemon.awaitConvergence(on: closed)
                        #expect(try await outside.answer(port: Self.hostPort) == nil)
                    }
                }
            }
        }
    }
}

/// Blue-green rollouts behind a port, good and bad.
@Suite("blue-green rollouts on a real engine", .serialized, .timeLimit(.minutes(5)))
struct BlueGreenTests {
    @Test("the switch under load fails no connection, waits for a person, and leads back while the old ones are kept")
    func switching() async throws {
        try await PrivateEngine.with { engine in
            try await Bed.with(engine: engine.socketPath) { bed in
                try await Outside.with(engine, bed.name) { outside in
                    let strategy = "type: blueGreen, blueGreen: {promotion: manual, hold: 1h}"
                    func web(_ version: String) -> String {
                        PublishingTests.workload(bed, version: version, replicas: 2, strategy: strategy)
                    }
                    let (repository, first) = try await bed.repository(["web": web("1")])
                    try await bed.daemon(repository, launcher: outside.inside) { daemon in
                        try await eventually("the first rollout is complete", within: .seconds(60)) {
                            try await daemon.tell("rollout", "history", "\(bed.name)-web").output.contains("Complete")
                        }
                        try await eventually("the port leads to both members") {
                            try await outside.members(of: PublishingTests.hostPort) == 2
                        }
                        async let answers = outside.load(from: .far, port: PublishingTests.hostPort, bed.folder.path)
                        let second = try await bed.commit(["web": web("2")], to: repository, after: first)
                        try await eventually("it waits for a person", within: .seconds(60)) {
                            try await daemon.tell("rollout", "status", "\(bed.name)-web").output
                                .contains("'reconcile rollout promote' switches")
                        }
                        #expect(try await bed.members().count == 4)
                        #expect(try await outside.answer(port: PublishingTests.hostPort) == "1")
                        let said = try await daemon.tell("rollout", "promote", "\(bed.name)-web")
                        #expect(said.exitCode == 0, "\(said)")
                        try await eventually("the port leads to the new members") {
                            try await outside.answer(port: PublishingTests.hostPort) == "2"
                        }
                        #expect(try await bed.members().count == 4, "the old ones are kept")
                        let undone = try await daemon.tell("rollout", "undo", "\(bed.name)-web")
                        #expect(undone.exitCode == 0, "\(undone)")
                        try await eventually(
                            "only the old members are left, and the port leads to them", within: .seconds(60)
                        ) {
                            let names = try await bed.members().map(\.name)
                            return names == ["/\(bed.name)-web-0-1", "/\(bed.name)-web-1-1"]
                        }
                        try Data().write(to: URL(filePath: bed.folder.path + "/enough"))
                        let counts = try await answers
                        #expect((counts["1"] ?? 0) > 50 && (counts["2"] ?? 0) > 0, "\(counts)")
                        #expect(Set(counts.keys) == ["1", "2"], "\(counts)")
                        #expect(second != first)
                    }
                }
            }
        }
    }

    @Test("new members that do not come up go by themselves, and the port never leads to them")
    func failing() async throws {
        try await PrivateEngine.with { engine in
            try await Bed.with(engine: engine.socketPath) { bed in
                try await Outside.with(engine, bed.name) { outside in
                    let strategy = "type: blueGreen, progressDeadline: 8s, autoRollback: true, blueGreen: {hold: 1s}"
                    func web(_ version: String, fails: Bool = false) -> String {
                        PublishingTests.workload(bed, version: version, replicas: 2, strategy: strategy, fails: fails)
                    }
                    let (repository, first) = try await bed.repository(["web": web("1")])
                    try await bed.daemon(repository, launcher: outside.inside) { daemon in
                        try await eventually("the first rollout is complete", within: .seconds(60)) {
                            try await daemon.tell("rollout", "history", "\(bed.name)-web").output.contains("Complete")
                        }
                        try await eventually("the port leads to both members") {
                            try await outside.members(of: PublishingTests.hostPort) == 2
                        }
                        async let answers = outside.load(from: .far, port: PublishingTests.hostPort, bed.folder.path)
                        try await bed.commit(["web": web("2", fails: true)], to: repository, after: first)
                        try await eventually("rolled back", within: .seconds(60)) {
                            try await daemon.tell("rollout", "history", "\(bed.name)-web").output.contains("RolledBack")
                        }
                        try await eventually("only the old members are left", within: .seconds(60)) {
                            let names = try await bed.members().map(\.name)
                            return names == ["/\(bed.name)-web-0-1", "/\(bed.name)-web-1-1"]
                        }
                        try Data().write(to: URL(filePath: bed.folder.path + "/enough"))
                        #expect(Set(try await answers.keys) == ["1"])
                    }
                }
            }
        }
    }
}
