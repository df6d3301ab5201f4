import Foundation
import ReconcileTesting
import Testing

/// `--base`: what one revision changes since another, without a host.
@Suite("two revisions")
struct BaseRevisionTests {
    private static func specs(_ image: String, _ more: String = "") -> String {
        Declared.workloadText(image: image, spec: "replicas: 2,") + more
    }

    private static let old = """
        ---
        apiVersion: reconcile.dev/v1
        kind: Workload
        metadata: {name: old}
        spec: {hostPool: local, template: {image: "old:1"}}
        """

    @Test("a branch, a commit and a remote branch of a checkout are compared with, and say the same")
    func names() async throws {
        try await ScratchFolder.with { folder in
            let repository = try await ScratchRepository.make(at: folder.path + "/specs.git")
            let first = try await repository.commit(["all.yaml": .file(Self.specs("web:1", Self.old))], parent: nil)
            try await repository.git("update-ref", "refs/heads/release", first)
            try await repository.git("update-ref", "refs/remotes/origin/stable", first)
            try await repository.commit(["all.yaml": .file(Self.specs("web:2"))], parent: first)
            func run(_ base: String, _ more: String...) async throws -> Program.Ending {
                try await Program().run(
                    ["--dry-run", "--repo", repository.url, "--allow-insecure", "--base", base] + more)
            }
            let branch = try await run("release", "--detailed-exitcode")
            #expect(branch.exitCode == 2, "\(branch)")
            #expect(
                branch.output == """
                      -    Workload/old    remove network reconcile-old  no longer used                             last declared all.yaml:11:1
                      -    Workload/old/0  remove                        ours, no longer declared                   last declared all.yaml:11:1
                      +/-  Workload/web/0  replace                       image web:1 -> web:2 # forces replacement  all.yaml:9:56
                      +/-  Workload/web/1  replace                       image web:1 -> web:2 # forces replacement  all.yaml:9:56

                    Members on the way:
                      Workload/web  2 replaced, at least 2 of 2 ready on the way  all.yaml:9:48
                    Plan: 2 to replace, 2 to remove, 0 already right.

                    """)
            for name in [first, "origin/release", "origin/stable"] {
                let other = try await run(name)
                #expect(other.exitCode == 0 && other.output == branch.output, "\(name): \(other)")
            }
            let same = try await run("main", "--detailed-exitcode")
            #expect(same.exitCode == 0 && same.output == "No changes, 2 already right.\n", "\(same)")
            let missing = try await run("nowhere")
            #expect(missing.exitCode == 1 && missing.errors.contains("nowhere"), "\(missing)")
        }
    }

    @Test("a revision to compare with that is not valid is an error, and said")
    func invalid() async throws {
        try await ScratchFolder.with { folder in
            let repository = try await ScratchRepository.make(at: folder.path + "/specs.git")
            let first = try await repository.commit(["all.yaml": .file("kind: Nonsense\n")], parent: nil)
            try await repository.commit(["all.yaml": .file(Self.specs("web:2"))], parent: first)
            let ending = try await Program().run(
                ["--dry-run", "--repo", repository.url, "--allow-insecure", "--base", first])
            #expect(ending.exitCode == 1 && ending.errors.contains("the revision to compare with"), "\(ending)")
        }
    }
}
