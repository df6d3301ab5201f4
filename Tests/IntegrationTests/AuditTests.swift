import Foundation
import ReconcileTesting
import Testing

/// The audit log of a daemon that worked on a real engine, read and tampered with by hand.
@Suite("The audit log of a daemon")
struct AuditTests {
    @Test("it tells what was done and by whom, holds no secret, and shows where somebody changed it")
    func tampering() async throws {
        try await Bed.with { bed in
            let canary = "canary-\(UInt64.random(in: 0...(.max)))"
            let repository = try await ScratchRepository.make(at: bed.folder.path + "/specs.git")
            let web = bed.workload("web", template: "env: {PASSWORD: \(canary)}")
            let commit = try await repository.commit(
                ["pool.yaml": .file(bed.pool()), "web.yaml": .file(web)], parent: nil)
            let ending = try await bed.daemon(repository) { daemon in
                try await daemon.awaitConvergence(on: commit)
                let paused = try await daemon.tell("pause", "Workload/\(bed.name)-web", "--reason", "a test")
                #expect(paused.exitCode == 0, "\(paused)")
                daemon.process.terminate()
                await daemon.process.waitUntilEnded()
            }
            #expect(ending.exitCode == 0)
            let state = ["--state-dir", bed.stateDirectory]
            let created = try await bed.program.run(["audit", "--action", "create-container"] + state)
            #expect(created.output.contains("Workload/\(bed.name)-web/0") && created.output.contains(commit.prefix(7)))
            let paused = try await bed.program.run(["audit", "--action", "pause"] + state)
            #expect(paused.output.contains("a test"), "\(paused)")
            #expect(try await bed.program.run(["audit", "verify"] + state).exitCode == 0)

            let file = bed.stateDirectory + "/audit.jsonl"
            let text = try String(contentsOfFile: file, encoding: .utf8)
            for (text, place) in [(text, "audit log"), (ending.errors, "log"), (ending.output, "output")] {
                #expect(!text.contains(canary), "the \(place) holds what only the container should know")
            }
            var lines = text.split(separator: "\n").map(String.init)
            let index = try #require(lines.firstIndex { $0.contains("\"action\":\"pause\"") })
            lines[index] = lines[index].replacing("a test", with: "a lie")
            try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(filePath: file))
            let verdict = try await bed.program.run(["audit", "verify"] + state)
            #expect(verdict.exitCode == 6)
            #expect(verdict.output.hasPrefix("\(file):\(index + 1): altered"), "\(verdict)")
        }
    }
}
