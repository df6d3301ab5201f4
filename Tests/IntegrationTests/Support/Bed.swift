import Drivers
import FoundationEssentials
import ReconcileTesting
import Reconciler

/// One test's part of a host: names that nobody else uses, a proxy before the engine, specs and a state directory.
struct Bed: Sendable {
    /// The owner, and the beginning of the name of everything that the test makes.
    let name: String
    let engine: EngineByHand
    let proxy: EngineProxy
    let folder: ScratchFolder
    var program = Program()

    /// Makes a bed; afterwards nothing is left of it, on the engine or on disk.
    ///
    /// - Parameter socketPath: another engine than the one that tests share.
    static func with(engine socketPath: String? = nil, _ body: (Bed) async throws -> Void) async throws {
        let path = if let socketPath { socketPath } else { try await PrivateEngine.shared().socketPath }
        let engine = EngineByHand(socketPath: path)
        let name = "it" + String(UInt32.random(in: 0x1000_0000...(.max)), radix: 16)
        let outcome: Result<Void, any Error>
        do {
            try await EngineProxy.with(engine: path) { proxy in
                try await ScratchFolder.with { folder in
                    try await body(Bed(name: name, engine: engine, proxy: proxy, folder: folder))
                }
            }
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        await engine.cleanUp(name)
        // Without pools there is none.
        try? FileManager.default.removeItem(atPath: "/dev/shm/\(name)")
        await engine.transport.shutdown()
        try outcome.get()
    }

    // MARK: The program

    var specsDirectory: String { folder.path + "/specs" }
    var stateDirectory: String { folder.path + "/state" }
    /// In memory, and in sight of every engine of this machine.
    var claimRoot: String { "/dev/shm/\(name)" }

    /// Arguments that every run on this bed has in common.
    ///
    /// - Parameters:
    ///   - throughProxy: false talks to the engine itself.
    ///   - pruneBudget: a bed is small enough for one object to be more than a tenth of it.
    func arguments(_ more: [String], throughProxy: Bool = true, pruneBudget: String = "100%") -> [String] {
        more + [
            "--owner", name, "--host-name", "bed", "--host-label", "bed=\(name)", "--state-dir", stateDirectory,
            "--prune-budget", pruneBudget, "--set", "pools.runtimeDirectory=\(claimRoot)", "--docker-host",
            "unix://" + (throughProxy ? proxy.socketPath : engine.socketPath),
        ]
    }

    func once(_ more: String..., started: @Sendable (RunningProgram) -> Void = { _ in }) async throws -> Program.Ending
    {
        let arguments = arguments(["--once", "--specs", specsDirectory] + more)
        return try await program.run(arguments, started: started)
    }

    func dryRun(_ more: String...) async throws -> Program.Ending {
        try await program.run(arguments(["--dry-run", "--specs", specsDirectory] + more))
    }

    /// Runs the daemon on a repository while the body runs, and looks at it every 300 ms.
    ///
    /// - Parameters:
    ///   - throughProxy: false talks to the engine itself.
    ///   - launcher: what the daemon is started by, see `Program.launcher`.
    @discardableResult
    func daemon(
        _ repository: ScratchRepository, _ more: [String] = [], throughProxy: Bool = false,
        pruneBudget: String = "100%", launcher: [String] = [], body: (RunningDaemon) async throws -> Void
    ) async throws -> Program.Ending {
        try await daemon(
            from: ["--repo", repository.url, "--allow-insecure"] + more, throughProxy: throughProxy,
            pruneBudget: pruneBudget, launcher: launcher, body: body)
    }

    /// The same with any options that say where the specs come from.
    @discardableResult
    func daemon(
        from source: [String], throughProxy: Bool = false, pruneBudget: String = "100%", launcher: [String] = [],
        body: (RunningDaemon) async throws -> Void
    ) async throws -> Program.Ending {
        let arguments = arguments(
            source + ["--interval", "300ms"], throughProxy: throughProxy, pruneBudget: pruneBudget)
        var program = program
        program.launcher = launcher
        return try await program.running(arguments) { process in
            try await body(RunningDaemon(process: process, bed: self))
        }.ending
    }

    // MARK: What is there

    func containers() async throws -> [InspectedContainer] { try await engine.containers(of: name) }

    /// A repository with the pool of the bed and these objects, by the names of their files.
    func repository(_ files: [String: String]) async throws -> (ScratchRepository, commit: String) {
        let repository = try await ScratchRepository.make(at: folder.path + "/repo.git")
        return (repository, try await commit(files, to: repository, after: nil))
    }

    /// Commits the pool of the bed and these objects, and nothing else.
    @discardableResult
    func commit(
        _ files: [String: String], to repository: ScratchRepository, on branch: String = "main",
        after parent: String?, date: String? = nil
    ) async throws -> String {
        var all: [String: ScratchRepository.Node] = ["pool.yaml": .file(pool())]
        for (name, text) in files { all[name + ".yaml"] = .file(text) }
        return try await repository.commit(all, on: branch, parent: parent, date: date)
    }

    /// Only what carries our mark.
    func members() async throws -> [InspectedContainer] {
        try await containers().filter { $0.labels["dev.reconcile.owner"] == name }
    }
}

/// The daemon of a bed, as long as it runs.
struct RunningDaemon: Sendable {
    let process: RunningProgram
    let bed: Bed

    /// Waits until the status is as it should be.
    @discardableResult
    func awaitStatus(
        _ what: String, within deadline: Duration = .seconds(30), _ condition: (HostStatus) -> Bool
    ) async throws -> HostStatus {
        var last: HostStatus?
        do {
            return try await eventually(what, within: deadline, every: .milliseconds(100)) {
                guard let status = try await process.status(stateDirectory: bed.stateDirectory) else { return nil }
                last = status
                return condition(status) ? status : nil
            }
        } catch let error as NotInTime {
            throw NotInTime(what: what + "; at last " + (last?.inShort ?? "no status"), deadline: error.deadline)
        }
    }

    /// Tells it something, as a person does.
    func tell(_ words: String...) async throws -> Program.Ending {
        try await process.tell(words, stateDirectory: bed.stateDirectory)
    }

    /// Waits until everything of this revision is ready.
    func awaitConvergence(on commit: String, within deadline: Duration = .seconds(30)) async throws {
        try await awaitStatus("converged on \(commit.prefix(7))", within: deadline) { status in
            status.revision?.id == commit && status.isConverged
        }
    }
}

extension HostStatus {
    /// What a test shows that waited in vain.
    fileprivate var inShort: String {
        let all = objects.map { object in
            "\(object.id) \(object.ready)/\(object.desired): "
                + object.conditions.map { "\($0.reason) \($0.message)" }.joined(separator: ", ")
        }
        let what = [
            "revision \(revision?.id.prefix(7) ?? "none")", engine.message, source?.state.rawValue, source?.message,
        ]
        return (what.compactMap(\.self) + all).joined(separator: "; ")
    }
}
