import Foundation
import ReconcileTesting
import Testing

/// The real program on a real engine: what it says, and that it leaves no trace.
@Suite("The doctor")
struct DoctorTests {
    private struct Report: Decodable {
        struct Check: Decodable {
            var check: String
            var status: String
            var found: String
        }

        var ok: Bool
        var checks: [Check]

        subscript(_ name: String) -> Check? { checks.first { $0.check == name } }
    }

    private func report(_ ending: Program.Ending) throws -> Report {
        try JSONDecoder().decode(Report.self, from: Data(ending.output.utf8))
    }

    @Test("a working host passes, the engine hears of nothing that would change it, and no file is made")
    func passes() async throws {
        try await Bed.with { bed in
            let repository = try await ScratchRepository.make(at: bed.folder.path + "/specs.git")
            try await repository.commit(["pool.yaml": .file(bed.pool())], parent: nil)
            let arguments = bed.arguments(["doctor", "--repo", repository.url, "--allow-insecure", "-o", "json"])
            let before = try FileManager.default.subpathsOfDirectory(atPath: bed.folder.path).sorted()
            let calls = bed.proxy.calls.count
            let ending = try await bed.program.run(arguments)
            let report = try report(ending)
            #expect(ending.exitCode == 0, "\(ending)")
            #expect(report.ok)
            for name in ["configuration", "state", "engine", "engine.api", "git", "cgroups", "limits", "seccomp"] {
                #expect(report[name] != nil, "\(name)")
            }
            #expect(report["engine"]?.status == "ok")
            #expect(report["git"]?.found.contains(repository.url) == true)
            #expect(report["engine.disk"]?.status != "unknown", "the private engine is of this machine")
            #expect(try FileManager.default.subpathsOfDirectory(atPath: bed.folder.path).sorted() == before)
            let asked = bed.proxy.calls.dropFirst(calls)
            #expect(!asked.isEmpty && asked.allSatisfy(\.isRead), "\(asked)")
        }
    }

    @Test("it may run beside the daemon, and sees it")
    func besideDaemon() async throws {
        try await Bed.with { bed in
            let repository = try await ScratchRepository.make(at: bed.folder.path + "/specs.git")
            try await repository.commit(["pool.yaml": .file(bed.pool())], parent: nil)
            try await bed.daemon(repository) { daemon in
                try await daemon.awaitStatus("answers") { _ in true }
                let ending = try await bed.program.run(bed.arguments(["doctor", "--no-source"]))
                #expect(ending.exitCode == 0, "\(ending)")
                #expect(ending.output.contains("a daemon answers there"))
            }
        }
    }

    @Test("a host that uses both of the kernel's packet filters is told so, and nothing is added to either")
    func mixedFirewall() async throws {
        // In a network namespace of its own, which goes with the shell.
        let script = """
            iptables-legacy -A INPUT -j ACCEPT && iptables-nft -A INPUT -j ACCEPT || exit 9
            before=$(iptables-legacy-save | grep -c ^-A; iptables-nft-save | grep -c ^-A)
            "$1" doctor --no-source -o json --docker-host "unix://$2"
            test "$before" = "$(iptables-legacy-save | grep -c ^-A; iptables-nft-save | grep -c ^-A)" || exit 8
            """
        try await Bed.with { bed in
            let output = try await TestCommand.run(
                "unshare", ["--net", "sh", "-c", script, "sh", bed.program.path, bed.engine.socketPath])
            let report = try JSONDecoder().decode(Report.self, from: Data(output.utf8))
            #expect(report["firewall"]?.status == "warning", "\(output)")
            #expect(report["firewall"]?.found.contains("rules: 1 in nf_tables, 1 in legacy") == true)
            #expect(report["engine"]?.status == "ok", "the socket is reached from everywhere")
            #expect(report["firewall.docker"]?.status == "unknown", "the engine's firewall is another one")
        }
    }

    @Test("an engine that accepts and never answers ends with 1, in bounded time")
    func hungEngine() async throws {
        try await Bed.with { bed in
            bed.proxy.inject(ProxyFault(.beforeForwarding, .hang, when: { _ in true }))
            let begun = ContinuousClock.now
            let ending = try await bed.program.run(bed.arguments(["doctor", "--no-source"]), deadline: .seconds(60))
            #expect(ending.exitCode == 1, "\(ending)")
            #expect(ContinuousClock.now - begun < .seconds(40))
        }
    }

    @Test("what keeps the controller from working ends with 1 and is named: engine, repository, configuration")
    func fails() async throws {
        try await Bed.with { bed in
            let nobody = try await bed.program.run(
                ["doctor", "--no-source", "-o", "json", "--docker-host", "unix://\(bed.folder.path)/nobody.sock"])
            #expect(nobody.exitCode == 1)
            #expect(try report(nobody)["engine"]?.status == "failed")
            let repository = try await bed.program.run(
                bed.arguments([
                    "doctor", "--repo", "file://\(bed.folder.path)/none.git", "--allow-insecure", "-o", "json",
                ]))
            #expect(repository.exitCode == 1)
            #expect(try report(repository)["git"]?.status == "failed")
            let path = try bed.folder.write("config.yaml", "ownr: a\n")
            let wrong = try await bed.program.run(["doctor", "--config", path, "-o", "json"])
            #expect(wrong.exitCode == 1)
            #expect(try report(wrong)["configuration"]?.found.contains("config.yaml:1:1") == true)
        }
    }
}
