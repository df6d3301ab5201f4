import Drivers
import Foundation
import ReconcileTesting
import Testing

@Suite("dry-run against a live engine", .serialized, .timeLimit(.minutes(2)))
struct DryRunTests {
    @Test("nothing is written: the event stream stays empty and only GET and HEAD arrive")
    func writesNothing() async throws {
        // An engine of its own, so that every event on it would be ours.
        try await PrivateEngine.with { engine in
            try await Bed.with(engine: engine.socketPath) { bed in
                try bed.write(bed.workload("web", replicas: 2), bed.warmPool("warm"))
                #expect(try await bed.once().exitCode == 0)
                // Something of every sort to plan: create, update, replace and remove.
                try bed.write(
                    bed.workload("web", replicas: 3, template: "resources: {memory: 32Mi}"),
                    bed.workload("new", template: "mounts: [{type: tmpfs, target: /data}]"))
                bed.proxy.forget()
                let events = try await EngineEvents.during(bed.engine, name: bed.name) {
                    for _ in 0..<2 {
                        let ending = try await bed.dryRun("--detailed-exitcode")
                        #expect(ending.exitCode == 2, "\(ending)")
                        #expect(ending.output.contains("WarmPool/\(bed.name)-warm"), "\(ending)")
                    }
                }
                #expect(events.isEmpty, "\(events)")
                #expect(bed.proxy.calls.count > 10)
                let writes = bed.proxy.calls.filter { !$0.isRead }
                #expect(writes.isEmpty, "\(writes)")
            }
        }
    }

    @Test("over all examples and in all formats only GET and HEAD arrive, and every one of them is asked")
    func onlyReads() async throws {
        let examples = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "examples/specs").path
        let folders = try FileManager.default.contentsOfDirectory(atPath: examples).filter { !$0.hasSuffix(".md") }
        #expect(folders.count >= 8)
        // Which host each of them is for, as its HostPools say.
        let roles = [
            "agent-workspaces": "workspaces", "ai-services": "inference", "microservices": "shop",
            "price-alerts": "alerts", "publish": "edge", "quickstart": "demo", "rag": "knowledge",
        ]
        let formats = ["human", "json", "markdown", "github", "gitlab", "sarif"]
        try await Bed.with { bed in
            // Something is there, so that there is something to be tempted by.
            try bed.write(bed.workload("web"))
            #expect(try await bed.once().exitCode == 0)
            bed.proxy.forget()
            for (folder, format) in folders.flatMap({ folder in formats.map { (folder, $0) } }) {
                let before = bed.proxy.calls.count
                let ending = try await bed.program.run(
                    bed.arguments([
                        "--dry-run", "--specs", "\(examples)/\(folder)", "-o", format, "--out",
                        bed.folder.path + "/plan.json",
                    ]) + (roles[folder].map { ["--host-label", "role=\($0)"] } ?? ["--host-name", "agents-1"]))
                #expect(ending.exitCode == 0, "\(folder) \(format): \(ending)")
                // Something of the example is for this host, and would be made.
                #expect(
                    ending.output.contains("/0") && ending.output.contains("create"), "\(folder) \(format): \(ending)")
                #expect(bed.proxy.calls.count > before, "\(folder) \(format) asked nothing")
            }
            let methods = Set(bed.proxy.calls.map(\.method))
            #expect(methods.isSubset(of: ["GET", "HEAD"]), "\(methods)")
        }
    }

    @Test("--exit-code chooses the number for changes, and no other")
    func chosenExitCode() async throws {
        try await Bed.with { bed in
            try bed.write(bed.workload("web"))
            #expect(try await bed.dryRun("--exit-code", "42").exitCode == 42)
            #expect(try await bed.dryRun("--exit-code", "42", "--detailed-exitcode").exitCode == 42)
            #expect(try await bed.once().exitCode == 0)
            #expect(try await bed.dryRun("--exit-code", "42").exitCode == 0)
        }
    }

    @Test("what the commit does stands apart from what somebody did to the host")
    func drift() async throws {
        try await Bed.with { bed in
            try bed.write(bed.workload("web"), bed.workload("api"))
            #expect(try await bed.once().exitCode == 0)
            let member = try #require(try await bed.members().first { $0.name.hasSuffix("api-0-1") })
            try await bed.engine.send(.post, "/containers/\(member.id)/pause")
            try bed.write(bed.workload("web", replicas: 2), bed.workload("api"))
            let ending = try await bed.dryRun()
            let parts = ending.output.components(separatedBy: "Drift, what is not as ")
            #expect(parts.count == 2 && parts[0].contains("-web/1") && parts[1].contains("-api/0"), "\(ending)")
            #expect(!parts[0].contains("-api/0"), "\(ending)")
        }
    }

    @Test("--detailed-exitcode is 2 with changes, 0 without, and 0 when all that is left is held")
    func exitCodes() async throws {
        try await Bed.with { bed in
            try bed.write(bed.workload("web", replicas: 2))
            #expect(try await bed.dryRun().exitCode == 0)
            #expect(try await bed.dryRun("--detailed-exitcode").exitCode == 2)
            #expect(try await bed.once().exitCode == 0)
            let quiet = try await bed.dryRun("--detailed-exitcode")
            #expect(quiet.exitCode == 0, "\(quiet)")

            // Drift is a change too.
            let member = try #require(try await bed.members().first)
            try await bed.engine.send(.post, "/containers/\(member.id)/pause")
            #expect(try await bed.dryRun("--detailed-exitcode").exitCode == 2)
            try await bed.engine.send(.post, "/containers/\(member.id)/unpause")

            try bed.write(bed.workload("web", replicas: 3))
            try bed.folder.write("specs/pool.yaml", bed.pool(isShared: true))
            let held = try await bed.dryRun("--detailed-exitcode")
            #expect(held.exitCode == 0, "\(held)")
            #expect(held.output.contains("nobody divides it"), "\(held)")
        }
    }

    @Test("an error is 1: broken specs, and an engine that is not there")
    func errors() async throws {
        try await Bed.with { bed in
            try bed.write("apiVersion: reconcile.dev/v1\nkind: Nonsense\n")
            #expect(try await bed.dryRun("--detailed-exitcode").exitCode == 1)
            try bed.write(bed.workload("web"))
            let nowhere = ["--docker-host", "unix://\(bed.folder.path)/none.sock"]
            let ending = try await bed.program.run(
                ["--dry-run", "--detailed-exitcode", "--specs", bed.specsDirectory] + nowhere)
            #expect(ending.exitCode == 1, "\(ending)")
            #expect(ending.errors.contains("there is no socket"), "\(ending)")
        }
    }
}
