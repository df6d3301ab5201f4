import Glibc
import ReconcileTesting
import Reconciler
import Specs
import Testing

/// Claims as people and programs ask for them, on a real engine.
@Suite("claims, from the command line to the engine", .serialized, .timeLimit(.minutes(4)))
struct ClaimingTests {
    private func claim(_ bed: Bed, _ words: [String], started: @Sendable (RunningProgram) -> Void = { _ in })
        async throws -> Program.Ending
    {
        try await bed.program.run(
            [
                "claim", "WarmPool/\(bed.name)-warm", "--state-dir", bed.stateDirectory, "--docker-host",
                "unix://\(bed.engine.socketPath)",
            ] + words, started: started)
    }

    @Test("a command runs in a claimed container with what it brought along, and its container is gone afterwards")
    func exec() async throws {
        try await Bed.with { bed in
            let (repository, commit) = try await bed.repository(["warm": bed.warmPool("warm", size: 2)])
            try await bed.daemon(repository) { daemon in
                try await daemon.awaitConvergence(on: commit)
                let file = try bed.folder.write("task.txt", "count to three\n")
                let script =
                    "cat /run/reconcile/files/task; echo $TOKEN; . /run/reconcile/env; echo $TOKEN; hostname; exit 3"
                let ending = try await claim(
                    bed,
                    [
                        "--env", "TOKEN=very secret", "--file", "task=\(file)", "--label", "conversation_id=42",
                        "--exec",
                        "sh", "-c", script,
                    ])
                #expect(ending.exitCode == 3, "\(ending)")
                let lines = ending.output.split(separator: "\n").map { String($0) }
                try #require(lines.count == 4, "\(ending)")
                #expect(lines[..<3] == ["count to three", "very secret", "very secret"])
                let claims = try await daemon.tell("claims", "--all")
                #expect(claims.output.contains("ended (released)"), "\(claims)")
                try await eventually("the claimed container is gone") {
                    try await !bed.members().contains { $0.id.hasPrefix(lines[3]) }
                }
                try await daemon.awaitStatus("full again") { $0.pools?.first?.ready == 2 }
            }
        }
    }

    @Test("a command that is told to end gives its claim back")
    func signal() async throws {
        try await Bed.with { bed in
            let (repository, commit) = try await bed.repository(["warm": bed.warmPool("warm")])
            try await bed.daemon(repository) { daemon in
                try await daemon.awaitConvergence(on: commit)
                let ending = try await claim(bed, ["--exec", "sleep", "600"]) { process in
                    Task {
                        _ = try await daemon.awaitStatus("claimed") { $0.pools?.first?.claimed == 1 }
                        process.signal(SIGTERM)
                    }
                }
                #expect(ending.exitCode == 143, "\(ending)")
                let claims = try await daemon.tell("claims", "--all")
                #expect(claims.output.contains("ended (released)"), "\(claims)")
            }
        }
    }

    @Test("a claim is made, shown, renewed and released, and what is secret is nowhere to be read")
    func commands() async throws {
        try await Bed.with { bed in
            let (repository, commit) = try await bed.repository(["warm": bed.warmPool("warm")])
            let ending = try await bed.daemon(repository) { daemon in
                try await daemon.awaitConvergence(on: commit)
                let made = try await claim(bed, ["--env", "TOKEN=xyzzy-4711", "--holder", "ada", "--ttl", "10m"])
                #expect(made.exitCode == 0 && made.output.contains("phase      bound"), "\(made)")
                let id = try #require(made.output.split(whereSeparator: \.isWhitespace).dropFirst().first)
                let described = try await daemon.tell("describe", "WarmPool/\(bed.name)-warm")
                #expect(described.output.contains("CLAIMED"), "\(described)")
                let claims = try await daemon.tell("claims", "--holder", "ada")
                #expect(claims.output.contains("\(id)") && claims.output.contains("bound"), "\(claims)")
                #expect(try await daemon.tell("renew", "\(id)", "--ttl", "2h").exitCode == 0)
                #expect(try await daemon.tell("release", "\(id)").output == "\(id) released\n")
                #expect(try await daemon.tell("release", "\(id)", "c-0000000000000000").exitCode == 1)
                for words in [["events"], ["claims", "--all", "-o", "json"], ["status", "-o", "json"]] {
                    #expect(
                        !(try await bed.program.run(words + ["--state-dir", bed.stateDirectory])).output.contains(
                            "xyzzy"))
                }
                // Where nobody can say it, nothing is found: the whole state directory, as bytes.
                let found = try await TestCommand.run(
                    "sh", ["-c", "grep --recursive --text --files-with-matches xyzzy '\(bed.stateDirectory)' || true"])
                #expect(found.isEmpty)
            }
            #expect(!ending.errors.contains("xyzzy") && ending.errors.contains("claim.released"))
        }
    }

    @Test(
        "limits of one's own hold in the kernel of the member that was claimed, and none is looser than the template's")
    func limits() async throws {
        try await Bed.with { bed in
            let pool = bed.warmPool("warm", template: "resources: {memory: 64Mi, memorySwap: 64Mi, pids: 64}")
            let (repository, commit) = try await bed.repository(["warm": pool])
            try await bed.daemon(repository) { daemon in
                try await daemon.awaitConvergence(on: commit)
                let looser = try await claim(bed, ["--memory", "128Mi"])
                #expect(looser.exitCode != 0 && looser.errors.contains("memory"), "\(looser)")
                let made = try await claim(
                    bed, ["--memory", "32Mi", "--pids", "16", "--cpus", "500m", "--holder", "ada"])
                #expect(made.exitCode == 0, "\(made)")
                let name = try #require(made.output.split(separator: "\n").first { $0.hasPrefix("container") })
                let container = try #require(name.split(separator: " ").dropFirst().first)
                let kernel = try await KernelByHand(bed.engine, String(container))
                #expect(try kernel.cgroup("memory.limit_in_bytes") == "\(32 << 20)")
                #expect(try kernel.cgroup("pids.max") == "16")
                #expect(try kernel.cgroup("cpu.cfs_quota_us") == "50000")
                // They are no drift: another look leaves them.
                _ = try await daemon.tell("sync")
                try await daemon.awaitStatus("full again") { $0.pools?.first?.ready == 1 }
                #expect(try kernel.cgroup("memory.limit_in_bytes") == "\(32 << 20)")
            }
        }
    }

    @Test("a claimed member that fails its health check is lost, and another one takes over what was brought along")
    func unhealthy() async throws {
        try await Bed.with { bed in
            let template = """
                healthCheck: {command: [test, "!", -e, /tmp/sick], interval: 1s, timeout: 1s, retries: 1}
                """
            let pool = bed.warmPool("warm", size: 2, template: template)
                .replacing("  size: 2", with: "  size: 2\n  claim: {onLost: replace}")
            let (repository, commit) = try await bed.repository(["warm": pool])
            let ending = try await bed.daemon(repository, ["--log-level", "notice"]) { daemon in
                try await daemon.awaitConvergence(on: commit)
                let file = try bed.folder.write("task.txt", "count to three\n")
                let made = try await claim(
                    bed, ["--file", "task=\(file)", "--label", "tenant_id=acme", "--label", "conversation_id=42"])
                let words = made.output.split(whereSeparator: \.isWhitespace).map { String($0) }
                let id = try #require(words.firstIndex(of: "claim").map { words[$0 + 1] }, "\(made)")
                let first = try #require(words.firstIndex(of: "container").map { words[$0 + 1] }, "\(made)")
                _ = try await bed.engine.exec(["touch", "/tmp/sick"], in: first)
                let second = try await eventually("another member has it", within: .seconds(30)) { () -> String? in
                    let words = try await daemon.tell("claims", id).output.split(whereSeparator: \.isWhitespace)
                    guard let place = words.firstIndex(of: "container"), words.contains("bound") else { return nil }
                    return words[place + 1] == first ? nil : String(words[place + 1])
                }
                let found = try await bed.engine.exec(["cat", "/run/reconcile/files/task"], in: second)
                #expect(found.contains("count to three"))
                try await eventually("the sick one is gone") {
                    try await !bed.members().contains { $0.name.hasSuffix(first) }
                }
            }
            let line = try #require(
                ending.errors.split(separator: "\n").first { $0.contains("claim.lost") }, "\(ending)")
            for part in ["acme", "42", "failed its health check"] { #expect(line.contains(part), "\(line)") }
        }
    }
}
