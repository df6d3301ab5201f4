import FoundationEssentials
import Subprocess

/// A Docker engine for tests, which the host does not notice and which cannot outlive this process.
///
/// It has its own network, mounts, processes and data; `scripts/engine` makes it and describes it. It has the images of
/// `TestImage` when it is handed out.
package final class PrivateEngine: Sendable {
    /// What `scripts/engine` said when it could not do its work.
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    /// Where it listens, while its `dockerd` runs.
    package let socketPath: String
    /// nil for an engine that somebody else started and will remove.
    private let keeper: EngineKeeper?

    private init(socketPath: String, keeper: EngineKeeper?) {
        self.socketPath = socketPath
        self.keeper = keeper
    }

    /// The same as a value for `DOCKER_HOST` or `--docker-host`.
    package var dockerHost: String { "unix://" + socketPath }

    private static let sharedStart = Task {
        guard let host = ProcessInfo.processInfo.environment["DOCKER_HOST"], !host.isEmpty else {
            return try await start()
        }
        guard host.hasPrefix("unix://") else {
            throw Failure(description: "DOCKER_HOST is '\(host)', expected unix:///path of an engine for tests")
        }
        return PrivateEngine(socketPath: String(host.dropFirst("unix://".count)), keeper: nil)
    }

    /// The engine that all tests of this run use side by side: the one at `DOCKER_HOST`, or else one of this process.
    ///
    /// Others use it too, so look only at what is yours, and never stop it.
    package static func shared() async throws -> PrivateEngine { try await sharedStart.value }

    /// How an engine differs from an ordinary one.
    package struct Options: Sendable {
        /// Keeps images and containers on a file system of this size; nil for the one that is there.
        package var diskMiB: Int?
        /// Containers run on while `dockerd` does not.
        package var liveRestore: Bool

        package init(diskMiB: Int? = nil, liveRestore: Bool = false) {
            self.diskMiB = diskMiB
            self.liveRestore = liveRestore
        }

        var arguments: [String] {
            (diskMiB.map { ["--disk", String($0)] } ?? []) + (liveRestore ? ["--live-restore"] : [])
        }
    }

    /// Starts another engine, for a test that stops or kills it; call `remove` in the end, or use `with`.
    ///
    /// - Throws: `Failure`. Takes about half a second.
    package static func start(_ options: Options = Options()) async throws -> PrivateEngine {
        // Below the outer engine's folder, when there is one, so that both go together.
        let outer = ProcessInfo.processInfo.environment["RECONCILE_ENGINE"]
        let parent = outer ?? FileManager.default.temporaryDirectory.path
        // Short, because the path of a socket may have no more than 107 bytes.
        let name = "reconcile-engine." + String(UInt32.random(in: 0x1000_0000...(.max)), radix: 16)
        let keeper = try await EngineKeeper(
            folder: URL(filePath: parent).appending(path: name).path, options: options.arguments)
        return PrivateEngine(socketPath: keeper.folder + "/docker.sock", keeper: keeper)
    }

    /// Starts another engine for the time of the body.
    package static func with<Value>(
        _ options: Options = Options(), _ body: (PrivateEngine) async throws -> Value
    ) async throws -> Value {
        let engine = try await start(options)
        do {
            let value = try await body(engine)
            try await engine.remove()
            return value
        } catch {
            try await engine.remove()
            throw error
        }
    }

    /// Ends `dockerd` as a restart of the service does: with SIGTERM, which also stops the containers.
    package func stop() async throws { try await own("stop").control("stop") }

    /// Ends `dockerd` as the kernel does when memory is short: with SIGKILL. The containers run on until the next start.
    package func kill() async throws { try await own("kill").control("kill") }

    /// Stops `dockerd` unless it has ended already, and starts it again on the same data; it answers afterwards.
    package func restart() async throws { try await own("restart").control("restart") }

    /// Removes the engine with its containers, images and files; may be called again.
    package func remove() async throws { try await own("remove").remove() }

    func own(_ verb: String) throws -> EngineKeeper {
        guard let keeper else {
            throw Failure(description: "cannot \(verb) the engine of DOCKER_HOST, which others use; start another one")
        }
        return keeper
    }
}
