import Glibc
import ReconcileTesting
import Reconciler
import Specs
import Testing

/// The daemon as it is watched from outside: by its commands, by its metrics, and by what it says while it works.
@Suite("the daemon, watched", .serialized, .timeLimit(.minutes(4)))
struct WatchingTests {
    @Test("what happens is told, described and counted")
    func watching() async throws {
        try await Bed.with { bed in
            let repository = try await ScratchRepository.make(at: bed.folder.path + "/repo.git")
            let files = ["pool.yaml": ScratchRepository.Node.file(bed.pool())]
            let web = "Workload/\(bed.name)-web"
            let first = try await repository.commit(
                files.merging(["web.yaml": .file(bed.workload("web"))]) { _, new in new }, parent: nil)
            try await bed.daemon(repository) { daemon in
                try await daemon.awaitConvergence(on: first)
                let described = try await daemon.tell("describe", web)
                #expect(described.exitCode == 0, "\(described)")
                #expect(described.output.contains("declared  web.yaml:"))
                #expect(described.output.contains("1 desired, 1 present, 1 ready"))
                #expect(described.output.contains("Started"))
                #expect(
                    try await daemon.tell("get", "workloads").output.contains("\(web)  1        1        1      Ready"))

                let second = try await repository.commit(
                    files.merging(["web.yaml": .file(bed.workload("web", replicas: 2))]) { _, new in new },
                    parent: first)
                let synced = try await daemon.tell("sync", "--wait")
                #expect(synced.exitCode == 0, "\(synced)")
                #expect(try await bed.members().count == 2)
                let history = try await daemon.tell("history").output
                #expect(history.contains("\n\(second.prefix(7))   "))
                let events = try await daemon.tell("events", "--object", web, "-o", "json")
                #expect(events.output.contains("\"reason\" : \"Created\""))
                #expect(try await daemon.tell("events", "--severity", "warning").output.isEmpty)

                let metrics = try await TestCommand.run(
                    "curl",
                    ["--silent", "--fail", "--unix-socket", bed.stateDirectory + "/reconcile.sock", "http://d/metrics"])
                try await TestCommand.run("promtool", ["check", "metrics"], input: Array((metrics + "\n").utf8))
                #expect(metrics.contains("reconcile_steps_total{step=\"start\",outcome=\"done\"} 2"))
                #expect(metrics.contains("reconcile_source_fetches_total{state=\"Current\"}"))
            }
        }
    }

    @Test("a broken commit is refused by sync, and a port that is taken keeps nobody from working")
    func trouble() async throws {
        try await Bed.with { bed in
            let repository = try await ScratchRepository.make(at: bed.folder.path + "/repo.git")
            let good = ["pool.yaml": ScratchRepository.Node.file(bed.pool()), "web.yaml": .file(bed.workload("web"))]
            let first = try await repository.commit(good, parent: nil)
            let taken = try TakenPort()
            let config = try bed.folder.write("config.yaml", "api: {listen: '127.0.0.1:\(taken.number)'}\n")
            let ending = try await bed.daemon(repository, ["--config", config]) { daemon in
                try await daemon.awaitConvergence(on: first)
                _ = try await repository.commit(
                    good.merging(["bad.yaml": .file("kind: Nothing\n")]) { _, new in new }, parent: first)
                let synced = try await daemon.tell("sync", "--wait")
                #expect(synced.exitCode == 1)
                #expect(synced.errors.contains("is applied, findings: "), "\(synced)")
            }
            #expect(ending.errors.contains("api.failed"))
        }
    }
}

/// A port of this machine that somebody else listens on.
private final class TakenPort: Sendable {
    let number: Int
    private let descriptor: CInt

    init() throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && listen(descriptor, 1) == 0
                    && getsockname(descriptor, $0, &length) == 0
            }
        }
        self.descriptor = descriptor
        number = Int(UInt16(bigEndian: address.sin_port))
        try #require(isBound)
    }

    deinit { close(descriptor) }
}
