import Drivers
import Foundation
import ReconcileTesting
import Testing

@Suite("plan files on a real engine", .serialized, .timeLimit(.minutes(3)))
struct PlanFileTests {
    @Test("a plan is carried out as it was printed, and refused with what moved when the host or the specs did")
    func boundPlan() async throws {
        try await Bed.with { bed in
            let plan = bed.folder.path + "/plan.json"
            try bed.write(bed.workload("web", replicas: 2))
            let made = try await bed.dryRun("--out", plan)
            #expect(made.exitCode == 0 && made.errors.contains("carry it out with"), "\(made)")
            let done = try await bed.once("--plan", plan)
            #expect(done.exitCode == 0, "\(done)")
            #expect(try await bed.members().count == 2)

            // The same plan again: what it created is there.
            bed.proxy.forget()
            let again = try await bed.once("--plan", plan)
            #expect(again.exitCode == 6 && again.errors.contains("planned, and not any more"), "\(again)")

            try bed.write(bed.workload("web", replicas: 3))
            #expect(try await bed.dryRun("--out", plan).exitCode == 0)
            try bed.write(bed.workload("web", replicas: 4))
            let specs = try await bed.once("--plan", plan)
            #expect(specs.exitCode == 6 && specs.errors.contains("the revision says something else of it"), "\(specs)")

            try bed.write(bed.workload("web", replicas: 3))
            let member = try #require(try await bed.members().first)
            try await bed.engine.send(.post, "/containers/\(member.id)/pause")
            let host = try await bed.once("--plan", plan)
            #expect(host.exitCode == 6 && host.errors.contains("it is not as it was seen on the host"), "\(host)")
            #expect(bed.proxy.changes.isEmpty, "nothing was done: \(bed.proxy.changes)")

            try await bed.engine.send(.post, "/containers/\(member.id)/unpause")
            #expect(try await bed.once("--plan", plan).exitCode == 0)
            #expect(try await bed.members().count == 3)
        }
    }

    @Test("what is no plan, or not as it was written, is an error")
    func damaged() async throws {
        try await Bed.with { bed in
            try bed.write(bed.workload("web"))
            let plan = try bed.folder.write("plan.json", "{}")
            let empty = try await bed.once("--plan", plan)
            #expect(empty.exitCode == 1 && empty.errors.contains("cannot be read as a plan"), "\(empty)")
            #expect(try await bed.dryRun("--out", plan).exitCode == 0)
            let text = try String(contentsOfFile: plan, encoding: .utf8)
            try bed.folder.write("plan.json", text.replacing("not on this host", with: "harmless"))
            let changed = try await bed.once("--plan", plan)
            #expect(changed.exitCode == 1 && changed.errors.contains("is not as it was written"), "\(changed)")
            #expect(try await bed.members().isEmpty)
        }
    }
}
