import Foundation
import Glibc

/// What all measurements share: the program, the engine, the specs of fifty containers, and a folder that goes away.
struct Workbench: Sendable {
    let reconcile: String
    let engine: RawEngine
    let folder: String
    let replicas: Int
    let hasHealthCheck: Bool
    /// Whether the template names a SecurityProfile that asks for everything.
    let isConfined: Bool

    static let owner = "bench"

    /// - Throws: unless the engine is empty: whatever runs beside us would be measured too.
    init(
        reconcile: String, socketPath: String, replicas: Int, hasHealthCheck: Bool = false, isConfined: Bool = false
    ) throws(BenchError) {
        self.isConfined = isConfined
        self.reconcile = reconcile
        self.replicas = replicas
        self.hasHealthCheck = hasHealthCheck
        engine = RawEngine(socketPath: socketPath, owner: Self.owner)
        let present = try engine.containerCount()
        guard present == 0 else {
            throw BenchError("the engine holds \(present) containers; the bench wants one of its own: scripts/bench")
        }
        var template = Array((NSTemporaryDirectory() + "/reconcile-bench.XXXXXX").utf8CString)
        guard mkdtemp(&template) != nil else { throw BenchError("no temporary folder can be made (errno \(errno))") }
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        try write(specs, to: "specs/bench.yaml")
        try commitSpecs()
    }

    /// Removes the containers, the network and the folder.
    func cleanUp() throws(BenchError) {
        try engine.removeContainers()
        do throws(BenchError) {
            try engine.removeNetworks()
        } catch {
            // Docker 20.10 now and then counts an endpoint of a container that is gone, and keeps the network for ever.
            progress("a network stays behind: \(error)")
        }
        // A folder that stays behind among the temporary ones does no harm.
        try? FileManager.default.removeItem(atPath: folder)
    }

    // MARK: The program

    enum Source {
        case folder, repository
    }

    /// Starts the program on the specs of fifty containers.
    ///
    /// - Parameters:
    ///   - state: the name of its state directory.
    ///   - socketPath: of the engine, or of a proxy before it.
    func start(
        _ mode: [String], from source: Source = .folder, state: String? = nil, socketPath: String? = nil
    ) throws(BenchError) -> ChildProcess {
        var arguments = mode + ["--host-label", "role=bench", "--owner", Self.owner]
        switch source {
        case .folder: arguments += ["--specs", folder + "/specs"]
        case .repository: arguments += ["--repo", "file://\(folder)/specs", "--allow-insecure"]
        }
        if let state { arguments += ["--state-dir", "\(folder)/\(state)"] }
        return try start(arguments: arguments, socketPath: socketPath)
    }

    func start(arguments: [String], socketPath: String? = nil) throws(BenchError) -> ChildProcess {
        let host = "unix://" + (socketPath ?? engine.socketPath)
        return try ChildProcess(
            reconcile, arguments, environment: ["DOCKER_HOST": host], errorFile: folder + "/stderr")
    }

    /// Brings the host from what it is to all replicas, and checks that they run.
    func converge(
        from source: Source = .folder, state: String, socketPath: String? = nil
    ) throws(BenchError) -> Run {
        let run = try start(["--once"], from: source, state: state, socketPath: socketPath).wait()
        try requireAllRunning()
        return run
    }

    func requireAllRunning() throws(BenchError) {
        let running = try engine.runningCount()
        guard running == replicas else { throw BenchError("\(running) containers run, \(replicas) should") }
    }

    /// A proxy before the engine.
    func makeProxy(_ name: String) throws(BenchError) -> (proxy: RecordingProxy, socketPath: String) {
        let path = "\(folder)/\(name).sock"
        return (try RecordingProxy(listeningAt: path, for: engine.socketPath), path)
    }

    // MARK: The specs

    /// Without a health check unless asked for: the bare API has nobody to look at one.
    private var specs: String {
        """
        apiVersion: reconcile.dev/v1
        kind: HostPool
        metadata: {name: bench}
        spec:
          hosts:
            matchLabels: {role: bench}
          scope: perHost
        ---
        apiVersion: reconcile.dev/v1
        kind: Workload
        metadata: {name: bench}
        spec:
          hostPool: bench
          replicas: \(replicas)
          template:
            image: busybox:local
            pullPolicy: Never
            command: [sleep, "2147483647"]
            stopTimeout: 0s\(hasHealthCheck ? "\n    healthCheck: {command: [\"true\"], interval: 30s}" : "")
            resources: {cpus: 500m, memory: 64Mi, pids: 64}
        \(isConfined ? Self.profile : "")
        """
    }

    private static let profile = """
            securityProfile: bench
        ---
        apiVersion: reconcile.dev/v1
        kind: SecurityProfile
        metadata: {name: bench}
        spec:
          seccomp: {base: sandbox}
          capabilities: {drop: [ALL]}
          readOnlyRootFilesystem: true
          user: "1000:1000"

        """

    /// Puts a file into the repository, as somebody's next commit.
    func commit(_ text: String, as name: String) throws(BenchError) {
        try write(text, to: "specs/" + name)
        try commitSpecs()
    }

    /// Writes a file beside the repository.
    ///
    /// - Returns: its full path.
    func write(_ text: String, beside name: String) throws(BenchError) -> String {
        try write(text, to: name)
        return "\(folder)/\(name)"
    }

    private func write(_ text: String, to name: String) throws(BenchError) {
        let url = URL(fileURLWithPath: folder).appendingPathComponent(name)
        do {
            try FileManager.default.createDirectory(
                at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: url)
        } catch {
            throw BenchError("'\(url.path)' cannot be written: \(error)")
        }
    }

    private func commitSpecs() throws(BenchError) {
        let commands = [
            ["init", "--quiet", "--initial-branch=main"], ["add", "."],
            ["-c", "user.name=bench", "-c", "user.email=bench@example.org", "commit", "--quiet", "--message=specs"],
        ]
        for command in commands {
            let arguments = ["git", "-C", folder + "/specs"] + command
            _ = try ChildProcess("/usr/bin/env", arguments, errorFile: folder + "/stderr").wait()
        }
    }
}
