import FoundationEssentials
import ReconcileTesting
import Reconciler
import Synchronization

/// What one good commit declares, in short.
struct SoakRevision: Hashable, Sendable {
    var id: String
    /// Replicas of each object by its short name.
    var replicas: [String: Int]
    var images: [String: String]

    var containers: Int { replicas.values.reduce(0, +) }
}

/// The repository that all hosts follow, and the one that commits to it.
final class SoakGit: Sendable {
    /// Begins every name, and is the owner.
    static let name = "soak"
    /// Stands in every spec, and may stand in no log.
    static let secret = "c4n4ry-s3cr3t"

    let repository: ScratchRepository
    let root: String
    let port: UInt16
    let folder: ScratchFolder
    private let state: Mutex<State>

    private struct State {
        var random: SplitMix64
        var revisions: [SoakRevision] = []
        /// Where the branch stands; not always a good revision.
        var head: String
    }

    init(in folder: ScratchFolder, seed: UInt64) async throws {
        self.folder = folder
        root = folder.path + "/served"
        port = try LoopbackPort.unused()
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: false)
        repository = try await ScratchRepository.make(at: root + "/specs.git")
        state = Mutex(State(random: SplitMix64(seed: seed), head: ""))
        try await commitSomething()
    }

    var url: String { GitHTTPServer.url(port: port) + "/specs.git" }

    /// The good revisions so far, the newest last.
    var revisions: [SoakRevision] { state.withLock { $0.revisions } }

    // MARK: Good commits

    /// Another good revision on top of the branch.
    @discardableResult
    func commitSomething() async throws -> SoakRevision {
        let (replicas, images, parent) = state.withLock { state in
            var replicas = ["web": Int.random(in: 2...4, using: &state.random)]
            if Bool.random(using: &state.random) { replicas["side"] = 1 }
            if Bool.random(using: &state.random) { replicas["late"] = Int.random(in: 1...2, using: &state.random) }
            let choices = [TestImage.reference, TestImage.other]
            let images = replicas.keys.sorted().map { ($0, choices.randomElement(using: &state.random) ?? "") }
            return (replicas, Dictionary(uniqueKeysWithValues: images), state.revisions.last?.id)
        }
        let head = state.withLock { $0.head }
        let id = try await repository.commit(
            files(replicas, images), parent: head.isEmpty ? parent : head, message: "change")
        let revision = SoakRevision(id: id, replicas: replicas, images: images)
        state.withLock { state in
            state.revisions.append(revision)
            state.head = id
        }
        return revision
    }

    private func files(_ replicas: [String: Int], _ images: [String: String]) -> [String: ScratchRepository.Node] {
        var files: [String: ScratchRepository.Node] = ["pool.yaml": .file(Self.pool)]
        for (short, count) in replicas {
            files[short + ".yaml"] = .file(Self.workload(short, count, images[short] ?? TestImage.reference))
        }
        return files
    }

    private static let pool = """
        apiVersion: reconcile.dev/v1
        kind: HostPool
        metadata: {name: \(name)}
        spec:
          hosts: {matchLabels: {role: \(name)}}
          scope: perHost

        """

    private static func workload(_ short: String, _ replicas: Int, _ image: String) -> String {
        """
        apiVersion: reconcile.dev/v1
        kind: Workload
        metadata: {name: \(name)-\(short)}
        spec:
          hostPool: \(name)
          replicas: \(replicas)
          disruptionBudget: {maxUnavailable: 1}
          template:
            image: \(image)
            pullPolicy: Never
            command: [sh, -c, "trap 'exit 0' TERM; sleep 1000000 & wait"]
            stopTimeout: 0s
            env: {TOKEN: \(secret)}
            healthCheck: {command: [test, -d, /tmp], interval: 5s}

        """
    }

    // MARK: Bad ones

    /// A commit that nobody may follow; the next good one stands on top of it.
    func commitNonsense() async throws {
        let head = state.withLock { $0.head }
        let id = try await repository.commit(
            ["pool.yaml": .file(Self.pool), "bad.yaml": "kind: Wrokload\n"], parent: head)
        state.withLock { $0.head = id }
    }

    /// A commit without any file.
    func commitNothing() async throws {
        let head = state.withLock { $0.head }
        let id = try await repository.commit([:], parent: head)
        state.withLock { $0.head = id }
    }

    /// Another history for a while, with nearly nothing in it; then the branch stands where it stood.
    func rewrite(for duration: Duration) async throws {
        let head = state.withLock { $0.head }
        try await repository.commit(["pool.yaml": .file(Self.pool)], parent: nil, message: "another history")
        try await Task.sleep(for: duration)
        try await repository.git("update-ref", "refs/heads/main", head)
    }

    /// No branch for a while.
    func hideBranch(for duration: Duration) async throws {
        let head = state.withLock { $0.head }
        try await repository.git("update-ref", "-d", "refs/heads/main")
        try await Task.sleep(for: duration)
        try await repository.git("update-ref", "refs/heads/main", head)
    }
}
