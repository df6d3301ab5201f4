import Drivers
import FoundationEssentials
import ReconcileTesting
import Reconciler
import Testing

/// Rows G1, G2, G4, G8, G9, G12 and G14 of the fault matrix with a daemon on a real engine; the others are in
/// `RevisionTests` and `GitSourceTests`.
@Suite("the daemon and a git server in trouble", .serialized, .timeLimit(.minutes(4)))
struct GitFaultTests {
    /// A bed with a repository of one Workload in a folder that servers can serve.
    private func withRepository(_ body: (Bed, ScratchRepository, _ commit: String) async throws -> Void) async throws {
        try await Bed.with { bed in
            let (repository, commit) = try await bed.repository(["web": bed.workload("web")])
            try await body(bed, repository, commit)
        }
    }

    /// Kills a container and waits until it runs again: whatever git does, drift is repaired.
    private func driftIsRepaired(_ bed: Bed) async throws {
        let member = try #require(try await bed.members().first)
        try await bed.engine.send(.post, "/containers/\(member.id)/kill")
        try await eventually("the container runs again") {
            let now = try await bed.engine.inspect(member.id)
            return now.state.status == "running" && now.state.startedAt != member.state.startedAt
        }
    }

    @Test("a server that goes away and comes back: static meanwhile, and then it is followed again")
    func serverGoesAway() async throws {
        try await withRepository { bed, repository, first in
            let port = try LoopbackPort.unused()
            let source = ["--repo", GitHTTPServer.url(port: port) + "/repo.git", "--allow-insecure"]
            let web = bed.workload("web")
            try await bed.daemon(from: source) { daemon in
                try await daemon.awaitStatus("nobody answers yet") { $0.source?.state == .failing }
                try await GitHTTPServer.with(root: bed.folder.path, port: port) { _ in
                    try await daemon.awaitConvergence(on: first)
                }
                let status = try await daemon.awaitStatus("it has gone") { $0.source?.state == .failing }
                #expect(status.revision?.id == first)
                try await driftIsRepaired(bed)
                let second = try await bed.commit(
                    ["web": web, "new": bed.workload("new")], to: repository, after: first)
                try await GitHTTPServer.with(root: bed.folder.path, port: port) { _ in
                    try await daemon.awaitConvergence(on: second)
                }
                #expect(try await bed.members().count == 2)
            }
        }
    }

    @Test("over https with a token and over ssh with a key a commit is followed", arguments: ["https", "ssh"])
    func follows(over scheme: String) async throws {
        try await withRepository { bed, repository, first in
            func follow(_ source: [String]) async throws {
                try await bed.daemon(from: source) { daemon in
                    try await daemon.awaitConvergence(on: first)
                    let second = try await bed.commit(
                        ["web": bed.workload("web", replicas: 2)], to: repository, after: first)
                    try await daemon.awaitConvergence(on: second)
                }
            }
            let token = try bed.folder.write("token", "s3cr3t\n")
            if scheme == "ssh" {
                try await GitSSHServer.with { server in
                    let known = try bed.folder.write("known_hosts", server.knownHostsLine)
                    try await follow([
                        "--repo", server.url(of: repository), "--private-key", server.privateKey, "--known-hosts",
                        known,
                    ])
                }
            } else {
                try await GitHTTPServer.withTLS(root: bed.folder.path, token: "s3cr3t") { server, authority in
                    let file = try bed.folder.write("config.yaml", "source: {caFile: \(authority)}\n")
                    try await follow([
                        "--config", file, "--repo", server.url + "/repo.git", "--token-file", token,
                    ])
                }
            }
        }
    }

    @Test("a server that accepts and says nothing keeps nobody from repairing drift")
    func silentServer() async throws {
        try await withRepository { bed, repository, first in
            try await bed.daemon(repository) { try await $0.awaitConvergence(on: first) }
            try await CannedServer.with(response: nil) { port in
                // Another address makes another mirror, so the revision in force is the stored one.
                let source = ["--repo", "http://127.0.0.1:\(port)/repo.git", "--allow-insecure"]
                try await bed.daemon(from: source) { daemon in
                    let status = try await daemon.awaitStatus("the stored revision is in force") { $0.isConverged }
                    #expect(status.revision?.id == first)
                    try await driftIsRepaired(bed)
                }
            }
        }
    }

    @Test("a token that expired is told as such, and a new one in the file is used without a restart")
    func expiredToken() async throws {
        try await withRepository { bed, repository, first in
            let port = try LoopbackPort.unused()
            let file = try bed.folder.write("token", "old-s3cr3t\n")
            let source = [
                "--repo", GitHTTPServer.url(port: port) + "/repo.git", "--allow-insecure", "--token-file", file,
            ]
            let ending = try await bed.daemon(from: source) { daemon in
                try await GitHTTPServer.with(root: bed.folder.path, token: "old-s3cr3t", port: port) { _ in
                    try await daemon.awaitConvergence(on: first)
                }
                try await GitHTTPServer.with(root: bed.folder.path, token: "new-s3cr3t", port: port) { _ in
                    let status = try await daemon.awaitStatus("refused") {
                        $0.source?.state == .failing && $0.source?.message.contains("refused") == true
                    }
                    #expect(status.revision?.id == first)
                    let second = try await bed.commit(
                        ["web": bed.workload("web", replicas: 2)], to: repository, after: first)
                    try bed.folder.write("token", "new-s3cr3t\n")
                    try await daemon.awaitConvergence(on: second)
                }
            }
            #expect(!(ending.output + ending.errors).contains("s3cr3t"))
        }
    }

    /// Ways to break a repository or the mirror of it, in the shell; `$1` is the commit that nobody has yet.
    enum Damage: String, CaseIterable, Sendable, CustomTestStringConvertible {
        case serverLosesAnObject, mirrorLosesItsObjects, mirrorIsLocked

        var testDescription: String { rawValue }
    }

    @Test("objects that are lost or broken never reach the host, and the next fetch heals", arguments: Damage.allCases)
    func damage(_ damage: Damage) async throws {
        try await withRepository { bed, repository, first in
            let mirror = bed.stateDirectory + "/mirror.git"
            try await bed.daemon(repository) { daemon in
                try await daemon.awaitConvergence(on: first)
                let before = try await bed.members()
                switch damage {
                case .serverLosesAnObject:
                    // The commit is there, and its tree is not. It is made elsewhere: a daemon that looks before it is
                    // damaged would follow it.
                    let broken = try await bed.commit(
                        ["web": bed.workload("web", replicas: 3)], to: repository, on: "broken", after: first)
                    let tree = try await repository.git("rev-parse", "\(broken)^{tree}")
                    let file = "\(repository.path)/objects/\(tree.prefix(2))/\(tree.dropFirst(2))"
                    try await TestCommand.run("sh", ["-c", "chmod u+w '\(file)'; : > '\(file)'"])
                    try await repository.git("update-ref", "refs/heads/main", broken)
                    try await repository.git("update-ref", "-d", "refs/heads/broken")
                    let status = try await daemon.awaitStatus("the damage is seen") {
                        $0.source?.state == .failing
                    }
                    #expect(status.revision?.id == first)
                    #expect(try await bed.members() == before)
                    try await repository.git("update-ref", "refs/heads/main", first)
                    try await TestCommand.run("rm", ["-f", file])
                case .mirrorLosesItsObjects:
                    try await TestCommand.run(
                        "sh",
                        [
                            "-ec",
                            "cd '\(mirror)'; find . -name '*.pack' -exec truncate -s 60 {} +; find . -path '*/objects/??/*' -exec truncate -s 0 {} +",
                        ])
                case .mirrorIsLocked:
                    try await TestCommand.run(
                        "sh",
                        [
                            "-ec",
                            "cd '\(mirror)'; find . -name HEAD -execdir touch HEAD.lock packed-refs.lock config.lock \\;",
                        ])
                }
                let second = try await bed.commit(
                    ["web": bed.workload("web", replicas: 2)], to: repository, after: first)
                try await daemon.awaitConvergence(on: second)
                #expect(try await bed.members().first == before.first)
            }
        }
    }

    @Test("a file of four megabytes is refused with its name, and the daemon goes on")
    func hugeFile() async throws {
        try await withRepository { bed, repository, first in
            try await bed.daemon(repository) { daemon in
                try await daemon.awaitConvergence(on: first)
                let line = "# " + String(repeating: "x", count: 4 << 20)
                let huge = try await bed.commit(
                    ["web": bed.workload("web", replicas: 2), "huge": line], to: repository, after: first)
                let status = try await daemon.awaitStatus("refused") {
                    $0.source?.state == .failing || $0.source?.state == .rejected
                }
                #expect(status.revision?.id == first)
                #expect(status.source?.message.contains("huge.yaml") == true, "\(status.source?.message ?? "")")
                let second = try await bed.commit(
                    ["web": bed.workload("web", replicas: 2)], to: repository, after: huge)
                try await daemon.awaitConvergence(on: second)
            }
        }
    }

    @Test("commits are followed by descent, whatever their dates say")
    func dates() async throws {
        try await withRepository { bed, repository, first in
            try await bed.daemon(repository) { daemon in
                try await daemon.awaitConvergence(on: first)
                var last = first
                for (replicas, date) in [(2, "2099-01-01T00:00:00Z"), (3, "1971-01-01T00:00:00Z")] {
                    last = try await bed.commit(
                        ["web": bed.workload("web", replicas: replicas)], to: repository, after: last, date: date)
                    try await eventually("followed") {
                        try await bed.members().filter { $0.state.status == "running" }.count == replicas
                    }
                }
            }
        }
    }
}
