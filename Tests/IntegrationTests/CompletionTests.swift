import Foundation
import ReconcileTesting
import Testing

/// What only a running daemon knows, completed by real shells.
@Suite("completion", .timeLimit(.minutes(3)))
struct CompletionTests {
    @Test("objects, members, pools and claims are completed by asking the daemon")
    func live() async throws {
        try await Bed.with { bed in
            let (repository, commit) = try await bed.repository([
                "web": bed.workload("web"), "warm": bed.warmPool("agents"),
            ])
            try await bed.daemon(repository) { daemon in
                try await daemon.awaitConvergence(on: commit)
                let claimed = try await daemon.tell("claim", "\(bed.name)-agents", "--holder", "test", "-o", "json")
                let claim = try #require(try JSONDocument(Data(claimed.output.utf8))["id"]?.text, "\(claimed)")
                let line = "reconcile --state-dir \(bed.stateDirectory) "
                for shell in CompletingShell.allCases {
                    #expect(
                        try await shell.candidates(for: line + "describe Workl") == ["Workload/\(bed.name)-web"],
                        "\(shell)")
                    #expect(
                        try await shell.candidates(for: line + "logs Workload/\(bed.name)-web/")
                            == ["Workload/\(bed.name)-web/0"], "\(shell)")
                    #expect(
                        try await shell.candidates(for: line + "claim \(bed.name.prefix(4))") == ["\(bed.name)-agents"],
                        "\(shell)")
                    #expect(
                        try await shell.candidates(for: line + "release \(claim.prefix(3))") == [claim], "\(shell)")
                }
            }
        }
    }
}
