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
            command: [sh, -c, "mkdir /www; echo $VERSION > /www/index.html; exec busybox httpd -f -p 8080 -h /www"]
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
                let outside = try await Outside.make(engine, bed.name)
                defer { outside.remove() }
                let (repository, first) = try await bed.repository(["web": Self.workload(bed, version: "1")])
                try await bed.daemon(repository, launcher: outside.inside) { daemon in
                    try await daemon.awaitConvergence(on: first)
                    try await eventually("the port leads to all members") {
                        try await outside.members(of: Self.hostPort) == 3
                    }
                    async let far = outside.load(from: .far, port: Self.hostPort, bed.folder.path)
                    async let near = outside.load(from: .host, port: Self.hostPort, bed.folder.path)
                    try await eventually("both clients are served") {
                        FileManager.default.fileExists(atPath: bed.folder.path + "/far.serving")
                            && FileManager.default.fileExists(atPath: bed.folder.path + "/host.serving")
                    }
                    let second = try await bed.commit(
                        ["web": Self.workload(bed, version: "2")], to: repository, after: first)
                    try await daemon.awaitConvergence(on: second, within: .seconds(120))
                    try Data().write(to: URL(filePath: bed.folder.path + "/enough"))
                    for tally in [try await far, try await near] {
                        #expect(tally.failures.isEmpty, "\(tally)")
                        #expect((tally.answers["1"] ?? 0) > 50 && (tally.answers["2"] ?? 0) > 50, "\(tally)")
                    }
                }
            }
        }
    }

    @Test("a policy decides who connects, and a member that is stopped by somebody is led to no more")
    func policyAndHealing() async throws {
        try await PrivateEngine.with { engine in
            try await Bed.with(engine: engine.socketPath) { bed in
                let outside = try await Outside.make(engine, bed.name)
                defer { outside.remove() }
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
                    try await eventually("the port is open") { try await outside.answer(port: Self.hostPort) == "1" }
                    try await bed.engine.send(.post, "/containers/\(bed.name)-web-1-1/kill")
                    try await eventually("nobody is led to the member that ended, and then to it again") {
                        try await outside.members(of: Self.hostPort) == 3
                    }
                    #expect(try await outside.answer(port: Self.hostPort) == "1")
                    let closed = try await bed.commit(
                        ["web": Self.workload(bed, version: "1"), "policy": policy("203.0.113.0/24")], to: repository,
                        after: first)
                    try await daemon.awaitConvergence(on: closed)
                    #expect(try await outside.answer(port: Self.hostPort) == nil)
                }
            }
        }
    }
}
