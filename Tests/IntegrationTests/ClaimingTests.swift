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
}
