import Foundation
import ReconcileTesting
import Testing

/// The files in `examples/ci`, run as a runner runs them: their own commands, the variables of the code host, a git server and an
/// API that keeps comments.
@Suite("examples of pipelines", .timeLimit(.minutes(3)))
struct PipelineExampleTests {
    private static let examples = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "examples/ci").path

    private static func specs(replicas: Int, image: String) -> String {
        Declared.workloadText(image: image, spec: "replicas: \(replicas), strategy: {type: recreate},")
    }

    /// A repository `acme/specs.git` behind a git server, with a branch that changes what `main` says.
    private struct Forge {
        let repository: ScratchRepository
        let server: GitHTTPServer
        let host: CodeHost
        let folder: ScratchFolder
        let main: String

        /// The commit that is to be looked at, under the names that code hosts give it.
        func propose(replicas: Int, image: String = "web:1") async throws {
            let merge = try await repository.commit(files(replicas, image), on: "topic", parent: main)
            try await repository.git("update-ref", "refs/pull/7/merge", merge)
            try await repository.git("update-ref", "refs/merge-requests/7/head", merge)
        }

        private func files(_ replicas: Int, _ image: String) -> [String: ScratchRepository.Node] {
            ["specs": .folder(["web.yaml": .file(PipelineExampleTests.specs(replicas: replicas, image: image))])]
        }

        static func with(_ body: (Forge) async throws -> Void) async throws {
            try await ScratchFolder.with { folder in
                try FileManager.default.createDirectory(
                    atPath: folder.path + "/git/acme", withIntermediateDirectories: true)
                let repository = try await ScratchRepository.make(at: folder.path + "/git/acme/specs.git")
                let specs = PipelineExampleTests.specs(replicas: 1, image: "web:1")
                let main = try await repository.commit(
                    ["specs": .folder(["web.yaml": .file(specs)])], parent: nil)
                try await GitHTTPServer.with(root: folder.path + "/git", token: CodeHost.token) { server in
                    try await CodeHost.with { host in
                        try await body(
                            Forge(repository: repository, server: server, host: host, folder: folder, main: main))
                    }
                }
            }
        }

        /// Runs a script as a runner does: bash that ends at the first failure, in a folder of its own.
        func run(_ script: String, _ environment: [String: String]) async throws -> String {
            let program = URL(filePath: Program().path).deletingLastPathComponent().path
            var variables = environment
            variables["PATH"] = "\(program):/usr/bin:/bin"
            // https on a code host; here it is the loopback.
            variables["RECONCILE_SOURCE_ALLOW_INSECURE"] = "true"
            let settings = variables.map { "\($0.key)=\($0.value)" }.sorted()
            let file = try folder.write("step.sh", "cd '\(folder.path)'\n" + script)
            return try await TestCommand.run("env", settings + ["bash", "-e", "-o", "pipefail", file])
        }
    }

    /// The blocks of commands in a file of a code host, in their order: what stands below a `|`.
    private static func scripts(_ file: String) throws -> [String] {
        let lines = try String(contentsOfFile: "\(examples)/\(file)", encoding: .utf8)
            .split(separator: "\n", omittingEmptySubsequences: false)
        var scripts: [String] = []
        var index = 0
        while index < lines.count {
            let line = lines[index]
            index += 1
            guard line.hasSuffix("run: |") || line.hasSuffix("- |") else { continue }
            let indent = line.prefix { $0 == " " }.count
            var block: [Substring] = []
            while index < lines.count, lines[index].isEmpty || lines[index].prefix(while: { $0 == " " }).count > indent
            {
                block.append(lines[index])
                index += 1
            }
            let margin = block.filter { !$0.isEmpty }.map { $0.prefix { $0 == " " }.count }.min() ?? 0
            scripts.append(block.map { $0.dropFirst(margin) }.joined(separator: "\n") + "\n")
        }
        return scripts
    }

    @Test("GitHub: one comment, kept up to date, annotations at the lines, and the summary of the step")
    func github() async throws {
        let scripts = try Self.scripts("github/reconcile-plan.yaml")
        #expect(scripts.count == 2)
        try await Forge.with { forge in
            let variables = [
                "GITHUB_ACTIONS": "true", "GITHUB_SERVER_URL": forge.server.url, "GITHUB_REPOSITORY": "acme/specs",
                "GITHUB_API_URL": forge.host.url, "GITHUB_BASE_REF": "main", "GITHUB_TOKEN": CodeHost.token,
                "GITHUB_STEP_SUMMARY": forge.folder.path + "/summary.md", "PULL_REQUEST": "7",
                "RECONCILE_SOURCE_TOKEN_VARIABLE": "GITHUB_TOKEN", "SPECS": "specs",
            ]
            try await forge.propose(replicas: 3)
            let output = try await forge.run(scripts[0], variables)
            #expect(output.contains("::notice file=specs/web.yaml,line="), "\(output)")
            _ = try await forge.run(scripts[1], variables)
            let first = try forge.host.comments()
            #expect(first.count == 1 && first[0].body.contains("`create 2 members`"), "\(first)")
            #expect(first[0].body.contains("**2 to create, 1 already right**"), "\(first)")

            try await forge.propose(replicas: 1, image: "web:2")
            for script in scripts { _ = try await forge.run(script, variables) }
            let second = try forge.host.comments()
            #expect(second.map(\.id) == first.map(\.id) && second[0].edits == 1, "\(second)")
            #expect(second[0].body.contains("`image web:1 -> web:2 # forces replacement`"), "\(second)")
            #expect(second[0].body.contains("**NoReadyMember** `Workload/web`"), "\(second)")
            let summary = try String(contentsOfFile: forge.folder.path + "/summary.md", encoding: .utf8)
            #expect(summary.contains("create 2 members") && summary.contains("web:2"))
        }
    }

    @Test("GitLab: one note, kept up to date, and a code quality report")
    func gitlab() async throws {
        let scripts = try Self.scripts("gitlab/.gitlab-ci.yml")
        #expect(scripts.count == 2)
        try await Forge.with { forge in
            var variables = [
                "GITLAB_CI": "true", "CI_SERVER_URL": forge.server.url, "CI_PROJECT_PATH": "acme/specs",
                "CI_API_V4_URL": forge.host.url + "/api/v4", "CI_PROJECT_ID": "42", "CI_MERGE_REQUEST_IID": "7",
                "CI_MERGE_REQUEST_DIFF_BASE_SHA": forge.main, "RECONCILE_TOKEN": CodeHost.token, "SPECS": "specs",
            ]
            variables["RECONCILE_SOURCE_TOKEN_VARIABLE"] = "RECONCILE_TOKEN"
            try await forge.propose(replicas: 1, image: "web:2")
            // All of a job runs in one shell.
            for _ in 0..<2 { _ = try await forge.run(scripts.joined(), variables) }
            let notes = try forge.host.comments()
            #expect(notes.count == 1 && notes[0].edits == 1, "\(notes)")
            #expect(notes[0].body.contains("image web:1 -> web:2"), "\(notes)")
            let quality = try JSONDocument(
                Data(contentsOf: URL(filePath: forge.folder.path + "/quality.json")))
            #expect(quality.items.contains { $0["check_name"]?.text == "plan-replace" }, "\(quality)")
            #expect(quality.items.allSatisfy { $0["location"]?["path"]?.text == "specs/web.yaml" }, "\(quality)")
        }
    }

    @Test("a plain shell: files for whoever wants them, and an exit code that says whether anything changes")
    func shell() async throws {
        try await Forge.with { forge in
            let script = "\(Self.examples)/shell/plan.sh"
            let variables = ["RECONCILE_SOURCE_TOKEN_VARIABLE": "TOKEN", "TOKEN": CodeHost.token]
            func plan(_ revision: String) async throws -> String {
                let command =
                    "'\(script)' '\(forge.server.url)/acme/specs.git' \(revision) main specs && code=0 || code=$?"
                return try await forge.run(command + "\necho \"ended with $code\"\n", variables)
            }
            try await forge.propose(replicas: 2)
            let changed = try await plan("topic")
            #expect(changed.contains("Workload/web/1") && changed.hasSuffix("ended with 42"), "\(changed)")
            for name in ["plan.md", "plan.json", "plan.sarif"] {
                #expect(FileManager.default.fileExists(atPath: "\(forge.folder.path)/\(name)"), "\(name)")
            }
            let same = try await plan("main")
            #expect(same.hasSuffix("No changes, 1 already right.\nended with 0"), "\(same)")
        }
    }
}
