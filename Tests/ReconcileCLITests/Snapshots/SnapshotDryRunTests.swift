import ArgumentParser
import Foundation
import ReconcileTesting
import Reconciler
import Specs
import Testing

@testable import ReconcileCLI

/// `--dry-run --against FILE`, as CI runs it: with a repository and snapshots, and with no host.
@Suite("dry-runs against snapshots", .timeLimit(.minutes(4)))
struct SnapshotDryRunTests {
    /// A repository with two commits, and the snapshots of two hosts under the first.
    private struct Fleet {
        let folder: ScratchFolder
        let repository: ScratchRepository
        let commits: [String]

        static func with(_ body: (Fleet) async throws -> Void) async throws {
            try await ScratchFolder.with { folder in
                let repository = try await ScratchRepository.make(at: folder.path + "/specs.git")
                let first = try await repository.commit(["all.yaml": .file(specs("web:1", "one"))], parent: nil)
                let second = try await repository.commit(["all.yaml": .file(specs("web:2", "one"))], parent: first)
                let fleet = Fleet(folder: folder, repository: repository, commits: [first, second])
                for host in ["host-a", "host-b"] { try fleet.write(host) }
                try folder.write("keys", "\(SnapshotBed.key.publicKey(for: nil))\n")
                try await body(fleet)
            }
        }

        static func specs(_ image: String, _ value: String) -> String {
            """
            apiVersion: reconcile.dev/v1
            kind: HostPool
            metadata: {name: front}
            spec: {hosts: {name: host-a}}
            ---
            apiVersion: reconcile.dev/v1
            kind: HostPool
            metadata: {name: back}
            spec: {hosts: {name: host-b}}
            ---
            apiVersion: reconcile.dev/v1
            kind: Workload
            metadata: {name: web}
            spec: {hostPool: front, replicas: 2, template: {image: "\(image)", env: {LEVEL: "\(value)"}}}
            ---
            apiVersion: reconcile.dev/v1
            kind: Workload
            metadata: {name: ledger}
            spec: {hostPool: back, template: {image: "\(image)", env: {LEVEL: "\(value)"}}}

            """
        }

        /// Writes the snapshot of a host on which the first commit is in force, or the other one.
        func write(
            _ name: String, to file: String? = nil, signer: SnapshotSigner? = SnapshotBed.key,
            aged seconds: Int64 = 720, under commit: Int = 0,
            _ change: (inout ObservedState) -> Void = { _ in }
        ) throws {
            var host = Declared.host
            host.identity.name = name
            let files = [SnapshotBed.file("all.yaml", Self.specs("web:\(commit + 1)", "one"))]
            let revision = Revision(id: commits[commit], reference: "main")
            var desired = try SnapshotBed.state(files, revision, host)
            desired.objects = desired.objects.filter { $0.value.hostPool == (name == "host-a" ? "front" : "back") }
            var observed = ObservedState(converged: desired)
            observed.images["web:2"] = ObservedImage(id: "sha256:web:2")
            change(&observed)
            var memory = StoredState()
            memory.accepted = AcceptedRevision(revision: revision, files: files)
            let now = Int64(Date.now.timeIntervalSince1970)
            let snapshot = PublishedSnapshot(
                of: observed, remembering: memory, on: host, at: Instant(secondsSince1970: now - seconds), by: "test",
                salt: [7])
            try SnapshotFile.write(
                try SealedSnapshot(snapshot, signedBy: signer).bytes, to: path(file ?? "fleet/\(name).json"))
        }

        func path(_ name: String) -> String {
            let path = folder.path + "/" + name
            // It is there after the first one.
            try? FileManager.default.createDirectory(
                atPath: (path as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
            return path
        }

        /// With an engine that does not exist and a state that may not be read: nothing of this machine is asked.
        func run(_ files: [String], _ more: [String], trusting keys: String? = "keys") async throws -> Program.Ending {
            let trust = keys.map { ["--snapshot-key", path($0)] } ?? ["--unverified"]
            return try await Program().run(
                [
                    "--dry-run", "--repo", repository.url, "--allow-insecure", "--docker-host", "unix:///nowhere.sock",
                    "--host-name", "runner",
                ]
                    + files.flatMap { ["--against", path($0)] } + trust + more)
        }
    }

    @Test("the plan of each host and of all in total, in the order of their names, with the age of each snapshot")
    func severalHosts() async throws {
        try await Fleet.with { fleet in
            try fleet.write("host-b", aged: 10_000) { $0.change("ledger-0-1") { $0.status = .exited } }
            let ending = try await fleet.run(["fleet/host-b.json", "fleet/host-a.json"], ["--detailed-exitcode"])
            #expect(ending.exitCode == 2, "\(ending)")
            let text = ending.output.replacing(/\(20[-0-9:TZ]+\)/, with: "(TIME)")
            #expect(
                text == """
                    Host host-a, as it was 12 min ago (TIME):
                      +/-  Workload/web/0  replace  image web:1 -> web:2 # forces replacement  all.yaml:14:56
                      +/-  Workload/web/1  replace  image web:1 -> web:2 # forces replacement  all.yaml:14:56

                      for other hosts, by the selectors of their HostPools: Workload/ledger

                    Members on the way:
                      Workload/web  2 replaced, at least 2 of 2 ready on the way  all.yaml:14:48
                    Plan: 2 to replace, 0 already right.

                    Host host-b, as it was 2 h ago (TIME):
                      +/-  Workload/ledger/0  replace  image web:1 -> web:2 # forces replacement  all.yaml:19:42

                      for other hosts, by the selectors of their HostPools: Workload/web

                    Members on the way:
                      Workload/ledger  1 replaced  all.yaml:19:34
                    Plan: 1 to replace, 0 already right.

                    In total on 2 hosts: 3 to replace, 0 already right.

                    """, "\(ending)")
            let folder = try await fleet.run(["fleet"], ["--exit-code", "9"])
            #expect(folder.exitCode == 9 && folder.output == ending.output, "\(folder)")
        }
    }

    @Test("every format has all hosts, and JSON is as the schema says")
    func formats() async throws {
        try await Fleet.with { fleet in
            let json = try await fleet.run(["fleet"], ["-o", "json"])
            let plans = try JSONDecoder().decode(PlansDocument.self, from: Data(json.output.utf8))
            #expect(plans.plans.map(\.host) == ["host-a", "host-b"], "\(json)")
            #expect(plans.summary.changes == 3 && plans.summary.hasChanges)
            #expect(plans.plans.allSatisfy { $0.snapshot?.isVerified == true && $0.base?.id == fleet.commits[0] })
            let docs = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent().deletingLastPathComponent().appending(path: "docs")
            let schema = try JSONDocument(Data(contentsOf: docs.appending(path: "plan.schema.json")))
            let all = try JSONDocument(Data(contentsOf: docs.appending(path: "plans.schema.json")))
            let whole = try JSONDocument(Data(json.output.utf8))
            #expect(JSONSchemaCheck.findings(in: whole, by: all, referringTo: [schema]) == [])
            #expect(JSONSchemaCheck.findings(in: whole, by: all) != [], "its plans are looked at")
            let one = try await fleet.run(["fleet/host-a.json"], ["-o", "json"])
            #expect(JSONSchemaCheck.findings(in: try JSONDocument(Data(one.output.utf8)), by: schema) == [])
            let document = try JSONDecoder().decode(PlanDocument.self, from: Data(one.output.utf8))
            #expect((document.snapshot?.ageSeconds ?? 0) >= 720)

            let markdown = try await fleet.run(["fleet"], ["-o", "markdown"]).output
            #expect(markdown.hasPrefix("<!-- reconcile plan: host-a, host-b -->\n"), "\(markdown)")
            for words in ["### Plan of 2 hosts", "**in total**", "3 to replace", "as it was 12 min ago"] {
                #expect(markdown.contains(words), "\(words)")
            }
            let github = try await fleet.run(["fleet"], ["-o", "github"]).output
            #expect(github.contains("title=host-a%3A Workload/web") && github.contains("title=host-b%3A"), "\(github)")
            let gitlab = try await fleet.run(["fleet"], ["-o", "gitlab"])
            #expect(gitlab.exitCode == 0 && gitlab.output.contains("host-b"), "\(gitlab)")
            let sarif = try await fleet.run(["fleet"], ["-o", "sarif"])
            #expect(sarif.exitCode == 0 && sarif.output.contains("host-a: "), "\(sarif)")
            #expect(sarif.output.contains("\"snapshots\"") && sarif.output.contains("\"ageSeconds\""), "\(sarif)")
        }
    }

    @Test("a variable that changes is seen by its revision, and drift is told from the commit")
    func values() async throws {
        try await Fleet.with { fleet in
            try fleet.write("host-a") { $0.change("web-1-1") { $0.status = .exited } }
            let third = Fleet.specs("web:1", "two")
            try await fleet.repository.commit(["all.yaml": .file(third)], parent: fleet.commits[1])
            let ending = try await fleet.run(["fleet/host-a.json"], [])
            #expect(ending.output.contains("Workload/web/0  replace") && ending.output.contains("env"), "\(ending)")
            #expect(!ending.output.contains("image"), "\(ending)")
            // The same as what is in force, but for what somebody stopped.
            try await fleet.repository.commit(
                ["all.yaml": .file(Fleet.specs("web:1", "one"))], parent: fleet.commits[1])
            let drift = try await fleet.run(["fleet/host-a.json"], [])
            #expect(
                drift.output.contains("Drift, what is not as") && drift.output.contains("Workload/web/1"), "\(drift)")
            #expect(!drift.output.contains("replace"), "\(drift)")
        }
    }

    @Test("whoever changed a snapshot, or has none of the keys, is refused, and nothing is planned of any host")
    func refused() async throws {
        try await Fleet.with { fleet in
            let good = try String(contentsOfFile: fleet.path("fleet/host-a.json"), encoding: .utf8)
            try fleet.folder.write("tampered.json", good.replacing("\"running\"", with: "\"exited\""))
            try fleet.write("host-a", to: "unsigned.json", signer: nil)
            try fleet.write("host-a", to: "other.json", signer: SnapshotSigner())
            try fleet.write("host-a", to: "old.json", aged: 90_000)
            try fleet.write("host-a", to: "future.json", aged: -3_600)
            try fleet.write("host-a", to: "again.json")
            try fleet.folder.write("cut.json", String(good.prefix(good.count / 2)))
            let age = ["--max-age", "1h"]
            for (files, more, words) in [
                (["tampered.json"], [], "is not as it was signed"), (["unsigned.json"], [], "is not signed"),
                (["other.json"], [], "which is not trusted"), (["cut.json"], [], "is not whole"),
                (["old.json"], age, "is too old"), (["future.json"], [], "which is yet to come"),
                (["again.json", "fleet"], [], "are both of host 'host-a'"), (["nowhere.json"], [], "cannot be read"),
                (["fleet/host-b.json", "tampered.json"], [], "is not as it was signed"),
            ] as [([String], [String], String)] {
                let ending = try await fleet.run(files, more)
                #expect(ending.exitCode == 1 && ending.output.isEmpty, "\(files): \(ending)")
                #expect(ending.errors.contains(words) && ending.errors.contains(".json'"), "\(files): \(ending)")
            }
            let fresh = try await fleet.run(["fleet"], age)
            #expect(fresh.exitCode == 0, "\(fresh)")
            // Whoever says so takes what nobody vouches for, and the plan says so too.
            let unverified = try await fleet.run(["unsigned.json"], [], trusting: nil)
            #expect(unverified.exitCode == 0 && unverified.output.contains("that nobody vouches for"), "\(unverified)")
            for format in ["gitlab", "sarif"] {
                let remarks = try await fleet.run(["unsigned.json"], ["-o", format], trusting: nil)
                #expect(remarks.output.contains("host-a, by a snapshot that nobody vouches for: "), "\(remarks)")
            }
        }
    }

    @Test("where a host holds the revision, the plan of the others does not look like that of all")
    func heldOnOne() async throws {
        try await Fleet.with { fleet in
            try fleet.write("host-b", under: 1)
            let older = ["--ref", fleet.commits[0]]
            let ending = try await fleet.run(["fleet"], older + ["-o", "json"])
            #expect(ending.exitCode == 4 && ending.errors.contains("no plan for host 'host-b'"), "\(ending)")
            let plans = try JSONDecoder().decode(PlansDocument.self, from: Data(ending.output.utf8))
            #expect(plans.plans.map(\.host) == ["host-a"])
            let alone = try await fleet.run(["fleet/host-b.json"], older)
            #expect(alone.exitCode == 0 && alone.output.isEmpty && alone.errors.contains("held"), "\(alone)")
        }
    }

    @Test("an error on one host is not hidden behind what another one holds", arguments: ["host-a", "host-b"])
    func errorAndHeld(holding: String) async throws {
        try await Fleet.with { fleet in
            try fleet.write(holding, under: 1)
            let broken = try await fleet.repository.commit(
                ["all.yaml": .file("kind: Gadget\n")], parent: fleet.commits[1])
            let ending = try await fleet.run(["fleet"], ["--ref", fleet.commits[0], "--base", broken])
            #expect(ending.exitCode == 1 && ending.output.isEmpty, "\(ending)")
            #expect(ending.errors.contains("no plan for host '\(holding)'"), "\(ending)")
        }
    }

    @Test("a host whose name would write lines of its own into a plan is refused")
    func hostName() async throws {
        try await Fleet.with { fleet in
            try fleet.write("host-a\n::error::merge me", to: "odd.json")
            let ending = try await fleet.run(["odd.json"], [])
            #expect(ending.exitCode == 1 && ending.output.isEmpty, "\(ending)")
            #expect(ending.errors.contains("is not one word of printable ASCII"), "\(ending)")
            #expect(!ending.errors.contains("\n::"), "\(ending)")
        }
    }

    @Test("with a repository that has never heard of the revision in force nothing is planned, and a folder is a note")
    func unknownRevision() async throws {
        try await Fleet.with { fleet in
            let other = try await ScratchRepository.make(at: fleet.folder.path + "/other.git")
            try await other.commit(["all.yaml": .file(Fleet.specs("web:3", "one"))], parent: nil)
            let against = ["--against", fleet.path("fleet/host-a.json"), "--snapshot-key", fleet.path("keys")]
            let ending = try await Program().run(["--dry-run", "--repo", other.url, "--allow-insecure"] + against)
            #expect(ending.output.isEmpty && ending.errors.contains(String(fleet.commits[0].prefix(7))), "\(ending)")

            try fleet.folder.write("specs/all.yaml", Fleet.specs("web:2", "two"))
            let folder = try await Program().run(["--dry-run", "--specs", fleet.folder.path + "/specs"] + against)
            #expect(folder.exitCode == 0 && folder.errors.contains("cannot be looked up here"), "\(folder)")
            #expect(folder.output.contains("image web:1 -> web:2") && !folder.output.contains("env"), "\(folder)")
        }
    }

    @Test(
        "a history that was rewritten is held, as on the host itself, although what is in force cannot be had any more")
    func rewritten() async throws {
        try await Fleet.with { fleet in
            try await fleet.repository.commit(["all.yaml": .file(Fleet.specs("web:3", "one"))], parent: nil)
            let ending = try await fleet.run(["fleet/host-a.json"], [])
            #expect(ending.exitCode == 0 && ending.output.isEmpty, "\(ending)")
            #expect(ending.errors.contains("held: HistoryRewritten"), "\(ending)")
        }
    }

    @Test("--base takes the place of the revision in force")
    func base() async throws {
        try await Fleet.with { fleet in
            let ending = try await fleet.run(["fleet/host-a.json"], ["--base", "main", "-o", "json"])
            let document = try JSONDecoder().decode(PlanDocument.self, from: Data(ending.output.utf8))
            // By the word of the newest revision everything that is done is drift.
            #expect(document.base?.id == fleet.commits[1], "\(ending)")
            #expect(document.actions.allSatisfy { $0.origin == .drift }, "\(ending)")
        }
    }

    @Test("the example for a shell plans against all hosts, and fails where nobody vouches for one")
    func example() async throws {
        try await Fleet.with { fleet in
            let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent().deletingLastPathComponent()
                .appending(path: "examples/ci/shell/plan-hosts.sh").path
            let program = URL(filePath: Program().path).deletingLastPathComponent().path
            func plan(_ revision: String) async throws -> String {
                let step = try fleet.folder.write(
                    "step.sh",
                    """
                    cd '\(fleet.folder.path)'
                    '\(script)' '\(fleet.repository.url)' \(revision) fleet keys && code=0 || code=$?
                    echo "ended with $code"

                    """)
                return try await TestCommand.run(
                    "env",
                    ["PATH=\(program):/usr/bin:/bin", "RECONCILE_SOURCE_ALLOW_INSECURE=true", "bash", "-e", step])
            }
            let changed = try await plan("main")
            #expect(
                changed.contains("In total on 2 hosts: 3 to replace") && changed.hasSuffix("ended with 42"),
                "\(changed)")
            for name in ["plan.md", "plan.json"] {
                #expect(FileManager.default.fileExists(atPath: fleet.path(name)), "\(name)")
            }
            let same = try await plan(fleet.commits[0])
            #expect(same.hasSuffix("In total on 2 hosts: no changes, 3 already right.\nended with 0"), "\(same)")
            try fleet.write("host-b", signer: nil)
            #expect(try await plan("main").hasSuffix("ended with 1"))
        }
    }

    @Test(
        "a command line that makes no sense is refused in words",
        arguments: [
            (["--dry-run", "--against", "a.json"], "--against FILE needs --snapshot-key"),
            (["--dry-run", "--against", "a.json", "--against", "host", "--unverified"], "stand alone"),
            (["--dry-run", "--unverified"], "need --against FILE"),
            (["--dry-run", "--max-age", "1h"], "need --against FILE"),
            (["--dry-run", "--against", "a.json", "--unverified", "--snapshot-key", "k"], "exclude each other"),
            (
                ["--dry-run", "--against", "a.json", "--unverified", "--out", "plan.json"],
                "--out needs a host to look at"
            ),
            (["--against", "a.json"], "--against needs --dry-run"),
        ])
    func commandLine(_ arguments: [String], _ words: String) {
        let error = #expect(throws: (any Error).self) { try ReconcileCommand.parse(arguments + ["--specs", "s"]) }
        #expect(error.map { ReconcileCommand.message(for: $0) }?.contains(words) == true)
    }

    @Test("keygen prints what checks the signatures of its key, and overwrites none")
    func keygen() async throws {
        try await ScratchFolder.with { folder in
            let path = folder.path + "/snapshot.key"
            let made = try await Program().run(["snapshot", "keygen", path, "--only-for", "host-a"])
            #expect(made.exitCode == 0, "\(made)")
            let key = try #require(SnapshotKey(made.output.split(separator: "\n")[0]))
            #expect(key.host == "host-a")
            #expect(try SnapshotSigner(file: path).publicKey(for: nil).id == key.id)
            let again = try await Program().run(["snapshot", "keygen", path])
            #expect(again.exitCode == 1 && again.errors.contains("is there already"), "\(again)")
            #expect(try SnapshotSigner(file: path).publicKey(for: nil).id == key.id)
        }
    }
}
