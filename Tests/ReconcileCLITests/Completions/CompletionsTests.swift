import ArgumentParser
import ReconcileTesting
import Testing

@testable import ReconcileCLI

/// Command lines as real shells complete them.
@Suite(.timeLimit(.minutes(5)))
struct CompletionsTests {
    @Test("every shell completes commands, options and their values", arguments: CompletingShell.allCases)
    func words(shell: CompletingShell) async throws {
        #expect(try await shell.candidates(for: "reconcile sta") == ["status"])
        #expect(try await shell.candidates(for: "reconcile rollout und") == ["undo"])
        #expect(try await shell.candidates(for: "reconcile events --sev") == ["--severity"])
        let shells = try await shell.candidates(for: "reconcile completions ")
        #expect(Set(["bash", "zsh", "fish"]).isSubset(of: shells), "\(shells)")
        let formats = try await shell.candidates(for: "reconcile -o ")
        #expect(Set(OutputFormat.allCases.map(\.rawValue)).isSubset(of: formats), "\(formats)")
        let ofPlans = try await shell.candidates(for: "reconcile --dry-run -o ")
        #expect(ofPlans.contains("gitlab") && !ofPlans.contains("ics"), "\(ofPlans)")
    }

    @Test(
        "only formats are offered that the command of the line can print",
        arguments: [
            ("reconcile -o", OutputFormat.allCases), ("reconcile describe Workload/web -o", [.human, .json]),
            ("reconcile --state-dir /s status -o", [.human, .json]), ("reconcile --once -o", [.human, .json]),
            ("reconcile --dry-run -o", [.human, .json, .github, .sarif, .markdown, .gitlab]),
            ("reconcile validate -o", [.human, .json, .github, .sarif]),
            ("reconcile calendar -o", [.human, .json, .ics]),
        ])
    func formats(line: String, formats: [OutputFormat]) {
        #expect(OutputFormat.known(to: line.split(separator: " ").map { String($0) }) == formats)
    }

    @Test(
        "kinds are known without a daemon, objects are not, and nobody complains", arguments: CompletingShell.allCases)
    func withoutDaemon(shell: CompletingShell) async throws {
        try await ScratchFolder.with { folder in
            let line = "reconcile --state-dir \(folder.path) "
            #expect(try await shell.candidates(for: line + "get Workl") == ["Workload"])
            // Flags may be offered; objects are unknown.
            let offered = try await shell.candidates(for: line + "describe ")
            #expect(offered.allSatisfy { $0.hasPrefix("-") }, "\(offered)")
        }
    }

    @Test(
        "the daemon is asked where the command line says",
        arguments: [
            (["reconcile", "describe", "W"], []),
            (["reconcile", "--state-dir", "/s", "describe", "W"], ["--state-dir", "/s"]),
            (["reconcile", "--state-dir='/a b'", "get"], ["--state-dir", "/a b"]),
            (
                ["reconcile", "--config", "\"c.yaml\"", "--set", "api.socket=/s"],
                ["--config", "c.yaml", "--set", "api.socket=/s"]
            ),
        ])
    func options(words: [String], found: [String]) { #expect(LiveCompletion(words: words).options == found) }
}
