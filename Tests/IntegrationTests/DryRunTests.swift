import Drivers
import FoundationEssentials
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
