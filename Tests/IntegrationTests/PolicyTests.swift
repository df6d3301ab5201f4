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
                    let closedMember = try #require(try await bed.members().first)
                    #expect(closedMember.id != open.id, "the engine's own resolver may lead around the rules")
                    #expect(try await !connect(closedMember, bed).contains("refused"))
                    let bound = try await TestCommand.run(
                        inside[0], Array(inside.dropFirst()) + ["nft", "list", "ruleset", "bridge"])
                    #expect(bound.contains("\"veth"), "the member may use no address but its own: \(bound)")

                    try await tryPredictions(about: closedMember, engine, bed)

                    // Without counters, which start again from nothing.
                    func rules() async throws -> String {
                        try await TestCommand.run(
                            inside[0], Array(inside.dropFirst()) + ["nft", "--stateless", "list", "ruleset"])
                    }
                    func ours(_ rules: String) -> [Substring] {
                        ("\n" + rules).split(separator: "\ntable ").filter { $0.contains(" reconcile") }
                    }
                    let before = ours(try await rules())
                    #expect(before.count > 1, "\(before)")
                    try await TestCommand.run(inside[0], Array(inside.dropFirst()) + ["nft", "flush", "ruleset"])
                    try await eventually("the rules are back") { try await ours(rules()).count == before.count }
                    let after = ours(try await rules())
                    #expect(after.sorted() == before.sorted(), "every one of them is as it was")
                    #expect(try await !connect(closedMember, bed).contains("refused"))

                    try await engine.restart()
                    try await daemon.awaitConvergence(on: closed)
                    let member = try #require(try await bed.members().first)
                    #expect(try await !connect(member, bed).contains("refused"))
                }
            }
        }
    }

    /// What a policy is said to do is tried from inside the member, with the rules in force.
    private func tryPredictions(
        about member: InspectedContainer, _ engine: PrivateEngine, _ bed: Bed
    ) async throws {
        try bed.write(bed.workload("web"), Self.policy(bed))
        let script = "ip route | sed -n 's/^default via \\([0-9.]*\\).*/\\1/p'"
        let host = try await bed.engine.exec(["sh", "-c", script], in: member.id).filter { !$0.isWhitespace }
        var program = bed.program
        program.launcher = try engine.hostLauncher()
        let name = "\(bed.name)-web-0-\(member.labels["dev.reconcile.incarnation"] ?? "1")"
        let ending = try await program.run(
            bed.arguments(
                ["policy", "test", "--from", name, "--to", "\(host):9", "--probe", "--specs", bed.specsDirectory],
                throughProxy: false))
        #expect(ending.exitCode == 2, "\(ending)")
        #expect(ending.output.contains("blocked, it is an address of this host"), "\(ending)")
        #expect(ending.output.contains("tried: silent\n") && !ending.output.contains("NOT in force"), "\(ending)")
    }

    @Test("a selector opens its port to the members of another object, past the engine's own separation of networks")
    func members() async throws {
        try await PrivateEngine.with { engine in
            try await Bed.with(engine: engine.socketPath) { bed in
                let network = try #require(
                    EngineProcess(listeningOn: EngineAddress(socketPath: engine.socketPath))?.networkNamespace)
                func named(_ name: String) -> String {
                    bed.workload(name).replacing("-\(name)}", with: "-\(name), labels: {app: \(name)}}")
                }
                let policy = """
                    apiVersion: reconcile.dev/v1
                    kind: NetworkPolicy
                    metadata: {name: \(bed.name)-web}
                    spec:
                      selector: {matchLabels: {app: web}}
                      egress: {allow: [{to: {selector: {matchLabels: {app: db}}}, ports: [80/tcp]}]}

                    """
                let (repository, commit) = try await bed.repository([
                    "web": named("web"), "db": named("db"), "policy": policy,
                ])
                try await bed.daemon(repository, launcher: ["nsenter", "--net=\(network)", "--"]) { daemon in
                    try await daemon.awaitConvergence(on: commit)
                    let script = "ip -4 -o addr show eth0 | sed 's/.*inet \\([0-9.]*\\).*/\\1/'"
                    let address = try await bed.engine.exec(["sh", "-c", script], in: "\(bed.name)-db-0-1")
                        .filter { !$0.isWhitespace }
                    func connect(_ port: Int) async throws -> String {
                        let script = "nc -w 1 \(address) \(port) 2>&1; true"
                        return try await bed.engine.exec(["sh", "-c", script], in: "\(bed.name)-web-0-1")
                    }
                    // Nobody listens there, so a refusal means that packets pass.
                    let (open, closed) = (try await connect(80), try await connect(81))
                    #expect(open.contains("refused"), "\(address): \(open)")
                    #expect(!closed.contains("refused"), "\(address): \(closed)")
                }
            }
        }
    }

    /// A resolver that knows one address for every name, on the loopback of the engine's namespace.
    private static let resolver = """
        use Socket;
        socket(S, PF_INET, SOCK_DGRAM, 0) or die;
        bind(S, sockaddr_in(53, inet_aton("127.0.0.1"))) or die;
        while (my $client = recv(S, my $query, 512, 0)) {
            my $end = 12;
            while (my $length = ord substr($query, $end, 1)) { $end += 1 + $length }
            my $question = substr($query, 12, $end + 5 - 12);
            my $isA = unpack("n", substr($query, $end + 1, 2)) == 1;
            my $answer = $isA ? pack("nnnNnC4", 0xc00c, 1, 1, 60, 4, 192, 175, 48, 9) : "";
            send(S, substr($query, 0, 2) . pack("n5", 0x8180, 1, $isA ? 1 : 0, 0, 0) . $question . $answer, 0, $client);
        }
        """

    private func lookUp(_ name: String, in member: InspectedContainer, _ bed: Bed) async throws -> String {
        try await bed.engine.exec(["sh", "-c", "nslookup \(name) 2>&1; true"], in: member.id)
    }

    @Test("a member resolves the names of its policy and no others, and their addresses are open in the kernel")
    func names() async throws {
        try await PrivateEngine.with { engine in
            try await Bed.with(engine: engine.socketPath) { bed in
                let network = try #require(
                    EngineProcess(listeningOn: EngineAddress(socketPath: engine.socketPath))?.networkNamespace)
                let inside = ["nsenter", "--net=\(network)", "--"]
                let file = bed.folder.path + "/resolv.conf"
                try Data("nameserver 127.0.0.1\n".utf8).write(to: URL(filePath: file))
                let resolver = Task {
                    try await TestCommand.run(inside[0], Array(inside.dropFirst()) + ["perl", "-e", Self.resolver])
                }
                defer { resolver.cancel() }
                let policy = """
                    apiVersion: reconcile.dev/v1
                    kind: NetworkPolicy
                    metadata: {name: \(bed.name)-names}
                    spec:
                      selector: {}
                      egress: {allow: [{to: {dns: [allowed.test]}, ports: [443/tcp]}]}

                    """
                let (repository, commit) = try await bed.repository(["web": bed.workload("web"), "policy": policy])
                let launcher = inside + ["env", "RECONCILE_NAMES_RESOLV_CONF=\(file)"]
                try await bed.daemon(repository, launcher: launcher) { daemon in
                    try await daemon.awaitConvergence(on: commit)
                    let member = try #require(try await bed.members().first)
                    try await eventually("the name is resolved") {
                        try await lookUp("allowed.test", in: member, bed).contains("192.175.48.9")
                    }
                    let refused = try await lookUp("other.test", in: member, bed)
                    #expect(refused.contains("NXDOMAIN") && !refused.contains("192.175.48.9"), "\(refused)")
                    let rules = try await TestCommand.run(
                        inside[0], Array(inside.dropFirst()) + ["nft", "list", "ruleset"])
                    #expect(rules.contains("192.175.48.9 timeout"), "\(rules)")

                    try await TestCommand.run(inside[0], Array(inside.dropFirst()) + ["nft", "flush", "ruleset"])
                    try await eventually("what was open is open again") {
                        let rules = try await TestCommand.run(
                            inside[0], Array(inside.dropFirst()) + ["nft", "list", "ruleset"])
                        return rules.contains("192.175.48.9 timeout")
                    }
                }
            }
        }
    }

    @Test("where the engine is out of reach of our rules, what a policy selects is held, and what runs is not Ready")
    func elsewhere() async throws {
        try await PrivateEngine.with { engine in
            try await Bed.with(engine: engine.socketPath) { bed in
                func once() async throws -> Program.Ending {
                    try await bed.program.run(
                        bed.arguments(["--once", "--specs", bed.specsDirectory], throughProxy: false))
                }
                try bed.write(bed.workload("web"))
                #expect(try await once().exitCode == 0)
                let members = try await bed.members()
                #expect(members.count == 1)
                try bed.write(bed.workload("web"), bed.workload("api"), Self.policy(bed))
                let ending = try await once()
                #expect(ending.exitCode == 4 && ending.output.contains("PolicyNotSupported"), "\(ending)")
                #expect(try await bed.members().map(\.state) == members.map(\.state), "nothing new, and nothing less")
            }
        }
    }
}
