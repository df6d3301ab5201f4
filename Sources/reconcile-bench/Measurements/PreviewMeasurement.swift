import Crypto
import Foundation
import ReconcileTesting
import Reconciler
import Specs

/// A dry-run of a commit against the snapshot of a host with a thousand objects, as CI runs it: fetch, check, compare, print.
struct PreviewMeasurement {
    let reconcile: String
    let objects: Int
    let repetitions: Int

    func measure(into report: inout Report) async throws {
        progress("a dry-run of \(objects) objects against a snapshot")
        try await ScratchFolder.with { folder in
            let repository = try await ScratchRepository.make(at: folder.path + "/specs.git")
            let before = Self.files(objects, changed: false)
            let first = try await commit(before, to: repository, after: nil)
            _ = try await commit(Self.files(objects, changed: true), to: repository, after: first)
            let size = try publish(before, first, to: folder.path)
            let arguments = [
                "--dry-run", "--repo", repository.url, "--allow-insecure", "--against", folder.path + "/host.json",
                "--snapshot-key", folder.path + "/keys",
            ]
            var (walls, processors, peak): ([Double], [Double], Int) = ([], [], 0)
            for number in 0...repetitions {
                let run = try ChildProcess(reconcile, arguments, errorFile: folder.path + "/stderr").wait()
                // The first one warms the caches of the disk.
                guard number > 0 else { continue }
                walls.append(run.wall.milliseconds)
                processors.append(run.cpu.milliseconds)
                peak = max(peak, run.peakMemory)
            }
            let title = "`--dry-run --against FILE`, \(objects) objects, \((Double(size) / 1e6).text(1)) MB of snapshot"
            report.add("\(title): process time", milliseconds: Samples(processors), below: 150)
            report.add("from start to end", milliseconds: Samples(walls))
            report.add(
                "its largest resident set", peak.mebibytes, "",
                goal: .init(text: "< 60 MB", isMet: peak < 60_000_000))
        }
    }

    private func commit(
        _ files: [SpecFile], to repository: ScratchRepository, after parent: String?
    ) async throws -> String {
        var tree: [String: ScratchRepository.Node] = [:]
        for file in files { tree[file.path] = .file(String(decoding: file.bytes, as: UTF8.self)) }
        return try await repository.commit(tree, parent: parent)
    }

    /// Ten objects a file, of which the first one has another image in the change.
    private static func files(_ objects: Int, changed: Bool) -> [SpecFile] {
        let pool = "apiVersion: reconcile.dev/v1\nkind: HostPool\nmetadata: {name: all}\nspec: {hosts: {name: bench}}\n"
        let files = stride(from: 0, to: objects, by: 10).map { start in
            let texts = (start..<min(start + 10, objects)).map { number in
                """
                apiVersion: reconcile.dev/v1
                kind: Workload
                metadata: {name: service-\(number), labels: {team: team-\(number % 50)}}
                spec:
                  hostPool: all
                  template:
                    image: registry.example.com/service-\(number):\(changed && number == start ? 2 : 1)
                    command: [/bin/service, --port, "8080"]
                    env: {LEVEL: info, NAME: "service-\(number)", UPSTREAM: "http://service-\(number + 1):8080"}
                    ports: [8080/tcp]
                    resources: {cpus: 100m, memory: 64Mi, pids: 64}

                """
            }
            return SpecFile(path: "team-\(start).yaml", bytes: Array(texts.joined(separator: "---\n").utf8))
        }
        return [SpecFile(path: "pool.yaml", bytes: Array(pool.utf8))] + files
    }

    /// Writes the snapshot of a host that is as the first commit says, and the key that it is signed with.
    ///
    /// - Returns: its size in bytes.
    private func publish(_ files: [SpecFile], _ commit: String, to folder: String) throws -> Int {
        guard let specs = SpecLoader.load(files).specs else { throw BenchError("the specs of the bench are not valid") }
        let revision = Revision(id: commit, reference: "main")
        let host = HostSettings(identity: HostIdentity(name: "bench"))
        let desired = DesiredState(specs: specs, revision: revision, host: host)
        var memory = StoredState()
        memory.accepted = AcceptedRevision(revision: revision, files: files)
        let now = Instant(secondsSince1970: Int64(Date.now.timeIntervalSince1970))
        for object in desired.objects.values {
            var rollout = RolloutState(generation: object.generation, revision: revision, at: now)
            rollout.complete(with: 1, at: now)
            memory.rollouts[object.id] = rollout
        }
        let snapshot = PublishedSnapshot(
            of: ObservedState(converged: desired), remembering: memory, on: host, at: now, by: "bench", salt: [1])
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let content = try encoder.encode(snapshot)
        // The format from outside, as docs/preview.md and docs/design/0032 have it.
        let key = Curve25519.Signing.PrivateKey()
        let message = Data("reconcile host snapshot, version \(PublishedSnapshot.currentFormat)\n".utf8) + content
        let signature = try key.signature(for: message).base64EncodedString()
        let seal = #"{"format":"reconcile-snapshot","signature":"\#(signature)","version":1}"#
        try (content + Data("\n\(seal)\n".utf8)).write(to: URL(filePath: folder + "/host.json"))
        let line = "reconcile-snapshot-key ed25519 \(key.publicKey.rawRepresentation.base64EncodedString())\n"
        try Data(line.utf8).write(to: URL(filePath: folder + "/keys"))
        return content.count
    }
}
