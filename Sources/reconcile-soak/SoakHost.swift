import Drivers
import FoundationEssentials
import Glibc
import ReconcileTesting
import Reconciler
import Synchronization

/// One host: an engine of its own, a proxy before it, foreign things on it, and a daemon that is started again whenever
/// it ends.
final class SoakHost: Sendable {
    let name: String
    let engine: PrivateEngine
    let hand: EngineByHand
    /// What the daemon talks to; it sees the calls of the hosts that are not `isDirect`.
    let proxy: EngineProxy
    let foreign: ForeignThings
    let stateDirectory: String
    /// The daemon talks to the engine itself, so that it sees the engine's disk as on a real host.
    let isDirect: Bool
    private let program: Program
    private let git: SoakGit
    private let log: SoakLog
    private let state = Mutex(State())

    private struct State {
        var process: RunningProgram?
        var isOver = false
        var touched = ContinuousClock.now
    }

    private init(
        name: String, engine: PrivateEngine, hand: EngineByHand, proxy: EngineProxy, foreign: ForeignThings,
        isDirect: Bool, folder: String, program: Program, git: SoakGit, log: SoakLog
    ) {
        self.name = name
        self.engine = engine
        self.hand = hand
        self.proxy = proxy
        self.foreign = foreign
        self.isDirect = isDirect
        stateDirectory = folder + "/state"
        self.program = program
        self.git = git
        self.log = log
    }

    /// Makes so many hosts, and runs their daemons while the body runs.
    static func with(
        _ count: Int, program: Program, git: SoakGit, log: SoakLog, made: [SoakHost] = [],
        _ body: ([SoakHost]) async throws -> Void
    ) async throws {
        if made.count == count { return try await run(made, body) }
        let isDirect = made.count % 3 == 2
        let options = PrivateEngine.Options(diskMiB: 96, liveRestore: made.count % 3 == 1)
        try await PrivateEngine.with(options) { engine in
            try await EngineProxy.with(engine: engine.socketPath) { proxy in
                try await ScratchFolder.with { folder in
                    let hand = EngineByHand(socketPath: engine.socketPath)
                    let foreign = try await ForeignThings(on: engine, by: hand)
                    let host = SoakHost(
                        name: "host\(made.count)", engine: engine, hand: hand, proxy: proxy, foreign: foreign,
                        isDirect: isDirect, folder: folder.path,
                        program: program, git: git, log: log)
                    let outcome: Result<Void, any Error>
                    do {
                        try await with(count, program: program, git: git, log: log, made: made + [host], body)
                        outcome = .success(())
                    } catch {
                        outcome = .failure(error)
                    }
                    await hand.transport.shutdown()
                    try outcome.get()
                }
            }
        }
    }

    private static func run(_ hosts: [SoakHost], _ body: ([SoakHost]) async throws -> Void) async throws {
        try await withThrowingTaskGroup { group in
            for host in hosts { group.addTask { try await host.keepDaemon() } }
            defer { for host in hosts { host.end() } }
            try await body(hosts)
            for host in hosts { host.end() }
            try await group.waitForAll()
        }
    }

    // MARK: The daemon

    var process: RunningProgram? { state.withLock { $0.process } }

    private var arguments: [String] {
        [
            "--owner", SoakGit.name, "--host-name", name, "--host-label", "role=\(SoakGit.name)", "--state-dir",
            stateDirectory, "--prune-budget", "100%", "--docker-host",
            "unix://" + (isDirect ? engine.socketPath : proxy.socketPath),
            "--repo", git.url, "--allow-insecure", "--interval", "500ms",
        ]
    }

    /// Starts the daemon, and again whenever it has ended, as a supervisor does.
    private func keepDaemon() async throws {
        while !state.withLock({ $0.isOver }) {
            let (_, ending) = try await program.running(arguments) { process in
                state.withLock { $0.process = process }
                await process.waitUntilEnded()
            }
            state.withLock { $0.process = nil }
            log.count("daemon ended")
            if (ending.output + ending.errors).contains(SoakGit.secret) {
                log.violated("S19", "\(name): a secret in the log")
            }
            if ending.signal != SIGKILL, ending.exitCode != 0 {
                let end = (ending.output + ending.errors).suffix(1500)
                // An exit is the supervisor's to answer; a crash is a bug.
                if ending.signal != nil { log.violated("crash", "\(name): \(ending.signal ?? 0): \(end)") }
                log.say("\(name): the daemon ended with \(ending.exitCode ?? -1): \(end)")
                try await Task.sleep(for: .milliseconds(500))
            }
        }
    }

    private func end() {
        state.withLock { state in
            state.isOver = true
            state.process?.signal(SIGCONT)
            state.process?.kill()
        }
    }

    /// What a second controller comes to; it must not come to anything.
    func startSecond() async throws -> Program.Ending {
        try await program.run(
            ["--once", "--timeout", "20s"] + arguments.filter { $0 != "--interval" && $0 != "500ms" })
    }

    func status() async throws -> HostStatus? { try await process?.status(stateDirectory: stateDirectory) }

    // MARK: Trouble

    /// Somebody other than the daemon has changed something here.
    func touch() { state.withLock { $0.touched = .now } }

    var sinceTouched: Duration { .now - state.withLock { $0.touched } }

    // MARK: What is there

    /// Ours, by name; nil while the engine does not answer.
    func members() async -> [InspectedContainer]? {
        guard let all = try? await hand.containers(of: SoakGit.name + "-") else { return nil }
        return all.filter { $0.labels["dev.reconcile.owner"] == SoakGit.name }
    }
}
