import Drivers
import FoundationEssentials
import ReconcileTesting
import Reconciler
import Testing

@Suite("snapshots of a real host", .serialized, .timeLimit(.minutes(4)))
struct SnapshotTests {
    private func key(_ bed: Bed) async throws -> (file: String, line: String) {
        let file = bed.folder.path + "/snapshot.key"
        let made = try await bed.program.run(["snapshot", "keygen", file, "--only-for", "bed"])
        #expect(made.exitCode == 0, "\(made)")
        return (file, String(made.output.prefix { $0 != "\n" }))
    }

    @Test("a plan against the snapshot is the plan of the host, with drift, and making it only reads")
    func samePlan() async throws {
        try await Bed.with { bed in
            let env = #"env: {LEVEL: "secret-one"}"#
            let files = [
                "web": bed.workload("web", replicas: 2, template: env), "api": bed.workload("api", template: env),
                "warm": bed.warmPool("warm"),
            ]
            let (repository, first) = try await bed.repository(files)
            try await bed.daemon(repository) { daemon in try await daemon.awaitConvergence(on: first) }
            let (file, line) = try await key(bed)

            let member = try #require(try await bed.members().first { $0.name.hasSuffix("api-0-1") })
            try await bed.engine.send(.post, "/containers/\(member.id)/pause")
            bed.proxy.forget()
            let path = bed.folder.path + "/bed.json"
            let taken = try await bed.program.run(bed.arguments(["snapshot", "--file", path, "--key", file]))
            #expect(taken.exitCode == 0, "\(taken)")
            // The daemon has left its socket.
            #expect(
                taken.errors.hasPrefix("note: no daemon answers") && taken.errors.contains("host 'bed'"), "\(taken)")
            let methods = Set(bed.proxy.calls.map(\.method))
            #expect(!methods.isEmpty && methods.isSubset(of: ["GET", "HEAD"]), "\(methods)")
            let text = try String(contentsOfFile: path, encoding: .utf8)
            #expect(text.contains("api-0-1") && !text.contains("secret-one") && !text.contains("LEVEL"))

            var next = files
            next["web"] = bed.workload("web", replicas: 3, template: #"env: {LEVEL: "secret-two"}"#)
            next["new"] = bed.workload("new")
            next["warm"] = nil
            try await bed.commit(next, to: repository, after: first)
            let source = ["--dry-run", "--repo", repository.url, "--allow-insecure", "-o", "json"]
            let live = try await bed.program.run(bed.arguments(source + ["--detailed-exitcode"]))
            bed.proxy.forget()
            // Without an engine, a state and a name of its own.
            let distant = try await bed.program.run(
                source + ["--detailed-exitcode", "--against", path, "--snapshot-key", line])
            #expect(live.exitCode == 2 && distant.exitCode == 2, "\(live)\n\(distant)")
            #expect(bed.proxy.calls.isEmpty)
            func plan(_ ending: Program.Ending) throws -> PlanDocument {
                var document = try JSONDecoder().decode(PlanDocument.self, from: Data(ending.output.utf8))
                document.snapshot = nil
                return document
            }
            #expect(try plan(distant) == plan(live), "\(distant)\n\(live)")
            let origins = Set(try plan(live).actions.compactMap(\.origin))
            #expect(origins == [.commit, .drift], "\(live)")
        }
    }

    @Test("the daemon writes one on its interval, whole and signed, and serves one")
    func published() async throws {
        try await Bed.with { bed in
            let (file, line) = try await key(bed)
            let (repository, first) = try await bed.repository(["web": bed.workload("web")])
            let path = bed.folder.path + "/published.json"
            let settings = ["snapshot.path=\(path)", "snapshot.keyFile=\(file)", "snapshot.interval=10s"]
            try await bed.daemon(repository, settings.flatMap { ["--set", $0] }) { daemon in
                try await daemon.awaitConvergence(on: first)
                let plan = try await eventually("a snapshot of the converged host", within: .seconds(60)) {
                    () async throws -> Program.Ending? in
                    let plan = try await bed.program.run([
                        "--dry-run", "--repo", repository.url, "--allow-insecure", "--against", path, "--snapshot-key",
                        line, "--max-age", "1m",
                    ])
                    return plan.output.contains("No changes, 1 already right") ? plan : nil
                }
                #expect(plan.exitCode == 0 && plan.output.hasPrefix("Host bed, as it was "), "\(plan)")
                let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions]
                #expect("\(mode ?? "")" == "\(0o644)")
                let socket = bed.stateDirectory + "/reconcile.sock"
                let served = try await Program(path: "/usr/bin/curl").run([
                    "--silent", "--fail", "--unix-socket", socket, "http://localhost/v1/snapshot",
                ])
                #expect(served.output.contains("reconcile-snapshot") && served.output.contains("web-0-1"), "\(served)")
                // Asked without the daemon's own labels, the command says what the daemon is.
                let asked = try await bed.program.run(["snapshot", "--state-dir", bed.stateDirectory, "--key", file])
                #expect(asked.exitCode == 0 && asked.output.contains(#""labels":{"bed":"\#(bed.name)"}"#), "\(asked)")
                try bed.folder.write("served.json", served.output)
                let again = try await bed.program.run([
                    "--dry-run", "--repo", repository.url, "--allow-insecure", "--against",
                    bed.folder.path + "/served.json", "--snapshot-key", line,
                ])
                #expect(again.exitCode == 0 && again.output.contains("No changes, 1 already right"), "\(again)")
            }
        }
    }

    @Test("a key that others may read ends the start, and says what would be right")
    func openKey() async throws {
        try await Bed.with { bed in
            let (file, _) = try await key(bed)
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: file)
            try bed.write(bed.workload("web"))
            let taken = try await bed.program.run(bed.arguments(["snapshot", "--key", file]))
            #expect(taken.exitCode == 1 && taken.errors.contains("chmod 600"), "\(taken)")
            let (repository, _) = try await bed.repository(["web": bed.workload("web")])
            let daemon = try await bed.program.run(
                bed.arguments([
                    "--repo", repository.url, "--allow-insecure", "--set", "snapshot.keyFile=\(file)",
                ]))
            #expect(daemon.exitCode == 1 && daemon.errors.contains("chmod 600"), "\(daemon)")
        }
    }
}
