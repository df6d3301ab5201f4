import FoundationEssentials
import ReconcileTesting
import Testing

@Suite("bad input and refusals", .serialized, .timeLimit(.minutes(3)))
struct BadInputTests {
    struct BrokenSpec: Sendable, CustomTestStringConvertible {
        let testDescription: String
        /// Appended to a good Workload.
        let lines: String
        /// What stands before `: error`, after the path of the file.
        let place: String
        let message: String
    }

    static let broken = [
        BrokenSpec(
            testDescription: "malformed YAML", lines: "    env: {A: [1\n", place: "object0.yaml:", message: "error["),
        BrokenSpec(
            testDescription: "an unknown key", lines: "    imagee: busybox\n", place: "object0.yaml:12:5",
            message: "imagee"),
        BrokenSpec(
            testDescription: "a duplicate key", lines: "    image: busybox:local2\n", place: "object0.yaml:12:5",
            message: "image"),
        BrokenSpec(
            testDescription: "a wrong type", lines: "    env: [A]\n", place: "object0.yaml:12:10", message: "env"),
    ]

    @Test("broken specs are errors with a place, and nothing of them is applied", arguments: broken)
    func rejectsSpecs(_ spec: BrokenSpec) async throws {
        try await Bed.with { bed in
            try bed.write(bed.workload("web"))
            #expect(try await bed.once().exitCode == 0)
            let before = try await bed.containers()
            bed.proxy.forget()
            // The good part asks for more, and gets nothing.
            try bed.write(bed.workload("web", replicas: 2) + spec.lines, bed.workload("new"))
            let ending = try await bed.once()
            #expect(ending.exitCode == 1, "\(ending)")
            #expect(ending.errors.contains(spec.place), "\(ending)")
            #expect(ending.errors.contains(": error[S") && ending.errors.contains(spec.message), "\(ending)")
            #expect(bed.proxy.changes.isEmpty)
            #expect(try await bed.containers() == before)
        }
    }

    @Test("an image that is not there and must not be pulled stalls, and says so")
    func missingImage() async throws {
        try await Bed.with { bed in
            try bed.write(bed.workload("web", image: "none.invalid/none:1"), bed.workload("good"))
            let ending = try await bed.once()
            #expect(ending.exitCode == 3, "\(ending)")
            #expect(ending.output.contains("ImageMissing"), "\(ending)")
            // What can be done is done.
            #expect(try await bed.members().map(\.name) == ["/\(bed.name)-good-0-1"])
        }
    }

    @Test("an image that cannot be pulled stalls within a bounded time, and the old containers stay")
    func pullFails() async throws {
        try await Bed.with { bed in
            try bed.write(bed.workload("web", replicas: 2))
            #expect(try await bed.once().exitCode == 0)
            let before = try await bed.members()
            // Port 1 of the engine's own loopback: refused at once, as by a registry that is down.
            try bed.write(
                bed.workload("web", replicas: 2, image: "127.0.0.1:1/none:1", pullPolicy: "IfNotPresent"))
            let begin = ContinuousClock.now
            let ending = try await bed.once()
            #expect(ContinuousClock.now - begin < .seconds(60))
            #expect(ending.exitCode == 3, "\(ending)")
            #expect(ending.output.contains("127.0.0.1:1"), "\(ending)")
            #expect(try await bed.members() == before)
        }
    }

    @Test("a foreign container that holds a name we need is reported and not touched")
    func nameConflict() async throws {
        try await Bed.with { bed in
            let name = "\(bed.name)-web-0-1"
            try await bed.engine.makeForeignContainer(name)
            let before = try await bed.engine.get("/containers/\(name)/json")
            try bed.write(bed.workload("web", replicas: 2))
            let ending = try await bed.once()
            #expect(ending.exitCode == 3, "\(ending)")
            #expect(ending.output.contains("NameConflict") && ending.output.contains(name), "\(ending)")
            #expect(try await bed.engine.get("/containers/\(name)/json") == before)
            #expect(try await bed.members().map(\.name) == ["/\(bed.name)-web-1-1"])
        }
    }

    @Test("a foreign network that holds a name we need is reported and not touched")
    func networkConflict() async throws {
        try await Bed.with { bed in
            let name = "reconcile-\(bed.name)-web"
            try await bed.engine.makeForeignNetwork(name, subnet: "10.251.0.0/24")
            let before = try await bed.engine.get("/networks/\(name)")
            try bed.write(bed.workload("web"))
            let ending = try await bed.once()
            #expect(ending.exitCode == 3, "\(ending)")
            #expect(ending.output.contains("NameConflict"), "\(ending)")
            #expect(try await bed.engine.get("/networks/\(name)") == before)
            #expect(try await bed.members().isEmpty)
        }
    }

    @Test("what a gate holds gives exit code 4, and nothing of it is done")
    func held() async throws {
        try await Bed.with { bed in
            try bed.write(bed.workload("web", replicas: 1))
            #expect(try await bed.once().exitCode == 0)
            try bed.write(bed.workload("web", replicas: 3, template: "resources: {memory: 32Mi}"))
            try bed.folder.write("specs/pool.yaml", bed.pool(isShared: true))
            let before = try await bed.members()
            bed.proxy.forget()
            let ending = try await bed.once()
            #expect(ending.exitCode == 4, "\(ending)")
            #expect(ending.output.contains("NoCoordinator"), "\(ending)")
            #expect(bed.proxy.changes.isEmpty)
            #expect(try await bed.members() == before)
        }
    }

    @Test("a second instance is told who holds the lock, and exits with 5")
    func secondInstance() async throws {
        try await Bed.with { bed in
            let repository = try await ScratchRepository.make(at: bed.folder.path + "/repo.git")
            let commit = try await repository.commit(
                ["pool.yaml": .file(bed.pool()), "web.yaml": .file(bed.workload("web"))], parent: nil)
            try await bed.daemon(repository) { daemon in
                try await daemon.awaitConvergence(on: commit)
                try bed.write(bed.workload("other"))
                let second = try await bed.once()
                #expect(second.exitCode == 5, "\(second)")
                #expect(second.errors.contains("holds the lock"), "\(second)")
                #expect(try await bed.members().map(\.name) == ["/\(bed.name)-web-0-1"])
            }
        }
    }

    @Test("an engine that refuses a step for good stalls the object, with the engine's words")
    func refused() async throws {
        try await Bed.with { bed in
            try bed.write(bed.workload("web"))
            bed.proxy.inject(
                ProxyFault(.beforeForwarding, .answer(status: 400, message: "bad parameter: made up")) {
                    $0.path == "/containers/create"
                })
            let ending = try await bed.once()
            #expect(ending.exitCode == 3, "\(ending)")
            #expect(ending.output.contains("bad parameter: made up"), "\(ending)")
            #expect(try await bed.once().exitCode == 0)
        }
    }
}
