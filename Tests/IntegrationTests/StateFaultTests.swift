import Drivers
import FoundationEssentials
import ReconcileTesting
import Reconciler
import Testing

/// Rows H6, C2, C7 and C8 of the fault matrix: the state directory on a disk that fills up, breaks or loses its power.
@Suite("a state directory in trouble", .serialized, .timeLimit(.minutes(3)))
struct StateFaultTests {
    /// A converged daemon whose state directory, and nothing else, is on a disk of its own.
    private func withDaemon(
        _ body: (Bed, LoopDisk, RunningDaemon, ScratchRepository, _ commit: String) async throws -> Void
    ) async throws {
        try await LoopDisk.with(megabytes: 16) { disk in
            try await Bed.with { bed in
                try FileManager.default.createSymbolicLink(
                    atPath: bed.stateDirectory, withDestinationPath: disk.path)
                let (repository, commit) = try await bed.repository(["web": bed.workload("web", replicas: 2)])
                try await bed.daemon(repository, throughProxy: true) { daemon in
                    try await daemon.awaitConvergence(on: commit)
                    try await body(bed, disk, daemon, repository, commit)
                }
            }
        }
    }

    enum Trouble: String, CaseIterable, Sendable, CustomTestStringConvertible {
        case full, readOnly, failingSync

        var testDescription: String { rawValue }
    }

    @Test(
        "who cannot write down what he does, does nothing: containers run on, and the status says so",
        arguments: Trouble.allCases)
    func cannotWrite(_ trouble: Trouble) async throws {
        try await withDaemon { bed, disk, daemon, repository, first in
            let before = try await bed.members()
            bed.proxy.forget()
            var strace: FaultInjector?
            switch trouble {
            case .full: try await disk.fill()
            case .readOnly: try await disk.turnReadOnly()
            case .failingSync:
                strace = try await FaultInjector(
                    process: daemon.process.process, "fdatasync,fsync:error=EIO")
            }
            try await bed.commit(
                ["web": bed.workload("web", replicas: 2, image: TestImage.other)], to: repository, after: first)
            try await bed.engine.send(.post, "/containers/\(try #require(before.last).id)/kill")
            try await Task.sleep(for: .seconds(3))
            #expect(daemon.process.isRunning)
            let during = try await bed.members()
            #expect(during.first == before.first, "nothing is disrupted")
            let disruptive = bed.proxy.changes.filter { $0.path.hasSuffix("/stop") || $0.method == "DELETE" }
            #expect(disruptive.isEmpty, "\(disruptive)")
            #expect(try await daemon.process.status(stateDirectory: bed.stateDirectory) != nil)

            switch trouble {
            case .full: try await disk.free()
            case .failingSync: try await strace?.end()
            case .readOnly:
                daemon.process.kill()
                await daemon.process.waitUntilEnded()
                try await disk.remount()
                try await bed.daemon(repository) { try await awaitEverything(bed, $0) }
                return
            }
            try await awaitEverything(bed, daemon)
        }
    }

    private func awaitEverything(_ bed: Bed, _ daemon: RunningDaemon) async throws {
        try await eventually("all of the new revision runs", within: .seconds(60)) {
            let members = try await bed.members()
            return members.count == 2
                && members.allSatisfy { $0.state.status == "running" && $0.configuration.image == TestImage.other }
        }
    }

    @Test("after a power loss of the state's disk nothing that was acted on is forgotten")
    func powerLoss() async throws {
        try await withDaemon { bed, disk, daemon, repository, first in
            // Numbers that must not be used a second time.
            try await bed.engine.remove(try #require(try await bed.members().first).id)
            try await eventually("made again") {
                try await bed.members().map(\.name) == ["/\(bed.name)-web-0-2", "/\(bed.name)-web-1-1"]
            }
            let second = try await bed.commit(
                ["web": bed.workload("web", replicas: 3)], to: repository, after: first)
            try await daemon.awaitConvergence(on: second)
            try await disk.losePower()
            daemon.process.kill()
            await daemon.process.waitUntilEnded()
            try await disk.remount()
            // Only the store can know the revision, and only it knows the numbers.
            try FileManager.default.removeItem(atPath: repository.path)
            let before = try await bed.members()
            try await bed.engine.remove(try #require(before.first).id)
            try await bed.daemon(repository) { daemon in
                try await daemon.awaitConvergence(on: second)
                let after = try await bed.members()
                #expect(after.map(\.name) == ["0-3", "1-1", "2-1"].map { "/\(bed.name)-web-\($0)" })
                #expect(Array(after.dropFirst()) == Array(before.dropFirst()))
            }
        }
    }

    @Test("a lost state file is made again from git and labels, and no container is touched for it")
    func lost() async throws {
        try await Bed.with { bed in
            let (repository, commit) = try await bed.repository(["web": bed.workload("web", replicas: 2)])
            try await bed.daemon(repository) { try await $0.awaitConvergence(on: commit) }
            let before = try await bed.members()
            for file in ["state.sqlite", "state.sqlite-wal", "state.sqlite-shm"] {
                try await TestCommand.run("rm", ["-f", bed.stateDirectory + "/" + file])
            }
            bed.proxy.forget()
            try await bed.daemon(repository, throughProxy: true) { try await $0.awaitConvergence(on: commit) }
            #expect(bed.proxy.changes.isEmpty, "\(bed.proxy.changes)")
            #expect(try await bed.members() == before)
        }
    }

    @Test("the state of another host is refused before anything is done")
    func ofAnotherHost() async throws {
        try await Bed.with { bed in
            let (repository, commit) = try await bed.repository(["web": bed.workload("web", replicas: 2)])
            try await bed.daemon(repository) { try await $0.awaitConvergence(on: commit) }
            let before = try await bed.members()
            try bed.folder.write("state/host-id", "00000000-0000-4000-8000-000000000000\n")
            bed.proxy.forget()
            let ending = try await bed.daemon(repository, throughProxy: true) { daemon in
                try await eventually("it gives up") { !daemon.process.isRunning }
            }
            #expect(ending.exitCode == 1, "\(ending)")
            #expect(ending.errors.contains("belongs to host"), "\(ending)")
            #expect(bed.proxy.changes.isEmpty)
            #expect(try await bed.members() == before)
        }
    }
}
