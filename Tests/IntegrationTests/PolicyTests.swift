import FoundationEssentials
import ReconcileTesting
import Subprocess
import Testing

@testable import Drivers

@Suite("network policies on a real engine", .serialized, .timeLimit(.minutes(3)))
struct PolicyTests {
    private static func policy(_ bed: Bed) -> String {
        """
        apiVersion: reconcile.dev/v1
        kind: NetworkPolicy
        metadata: {name: \(bed.name)-closed}
        spec: {selector: {}, egress: {default: deny}}

        """
    }

    /// What comes of a connection to the host: nobody listens there, so a refusal means that packets pass.
    private func connect(_ member: InspectedContainer, _ bed: Bed) async throws -> String {
        let script = "nc -w 1 $(ip route | sed -n 's/^default via \\([0-9.]*\\).*/\\1/p') 9 2>&1; true"
        return try await bed.engine.exec(["sh", "-c", script], in: member.id)
    }

    @Test("a member reaches nothing that its policy does not name, also after a flush and a restart of the engine")
    func closed() async throws {
        try await PrivateEngine.with { engine in
            try await Bed.with(engine: engine.socketPath) { bed in
                let network = try #require(
                    EngineProcess(listeningOn: EngineAddress(socketPath: engine.socketPath))?.networkNamespace)
                // Rules mean something only in the network namespace of the engine.
                let inside = ["nsenter", "--net=\(network)", "--"]
                let (repository, commit) = try await bed.repository(["web": bed.workload("web")])
                try await bed.daemon(repository, launcher: inside) { daemon in
                    try await daemon.awaitConvergence(on: commit)
                    let open = try #require(try await bed.members().first)
                    #expect(try await connect(open, bed).contains("refused"))
                    let closed = try await bed.commit(
                        ["web": bed.workload("web"), "policy": Self.policy(bed)], to: repository, after: commit)
                    try await daemon.awaitConvergence(on: closed)
                    #expect(try await !connect(open, bed).contains("refused"), "the member that ran is closed as well")

                    try await TestCommand.run(inside[0], Array(inside.dropFirst()) + ["nft", "flush", "ruleset"])
                    try await eventually("the rules are back", within: .seconds(3)) {
                        let tables = try await TestCommand.run(
                            inside[0], Array(inside.dropFirst()) + ["nft", "list", "tables"])
                        return tables.contains("table inet reconcile")
                    }
                    #expect(try await !connect(open, bed).contains("refused"))

                    try await engine.restart()
                    try await daemon.awaitConvergence(on: closed)
                    let member = try #require(try await bed.members().first)
                    #expect(try await !connect(member, bed).contains("refused"))
                }
            }
        }
    }

    @Test("where the engine is out of reach of our rules, what a policy selects is held")
    func elsewhere() async throws {
        try await PrivateEngine.with { engine in
            try await Bed.with(engine: engine.socketPath) { bed in
                try bed.write(bed.workload("web"), Self.policy(bed))
                let ending = try await bed.program.run(
                    bed.arguments(["--once", "--specs", bed.specsDirectory], throughProxy: false))
                #expect(ending.exitCode == 4, "\(ending.output)")
                #expect(try await bed.members().isEmpty)
            }
        }
    }
}
