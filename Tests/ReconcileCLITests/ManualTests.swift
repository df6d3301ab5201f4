import Foundation
import ReconcileTesting
import Testing

@testable import ReconcileCLI

@Suite("The manual page")
struct ManualTests {
    private static let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "docs/man/reconcile.1")

    @Test("the page in docs is what the commands say")
    func page() throws {
        #expect(try String(contentsOf: Self.file, encoding: .utf8) == ManualPage.text + "\n", "stale: run scripts/docs")
    }

    @Test("every command that people see has its section, and no other")
    func commands() throws {
        let sections = try ManualPage.text.split(separator: "\n").filter { $0.hasPrefix(".Ss ") }
            .map { String($0.dropFirst(4)) }
        let wanted = HelpTests.Command.all.filter { !$0.path.isEmpty }.map(\.testDescription)
        #expect(sections == wanted)
    }

    @Test("mandoc has nothing to say against it")
    func lint() async throws {
        try await ScratchFolder.with { folder in
            let file = try folder.write("reconcile.1", try ManualPage.text + "\n")
            // Fails with what it finds on standard output.
            let findings = try await TestCommand.run(
                "sh", ["-c", "mandoc -T lint -W warning \"$0\" || true", file])
            #expect(findings.isEmpty, "\(findings)")
            let shown = try await TestCommand.run("mandoc", ["-T", "utf8", file])
            #expect(shown.contains("reconcile rollout undo web --to 1a2b3c4"))
        }
    }

    @Test("prose, and lines under their heading, are told apart")
    func help() {
        let help = HelpText(
            """
            Some prose, and
            more of it.

            EXAMPLES
              reconcile a
              reconcile b

            OUTPUT (-o)
              human    for people
            and this.

            THE END is prose.
            """)
        #expect(
            help.blocks == [
                .prose("Some prose, and more of it."), .lines(heading: "EXAMPLES", ["reconcile a", "reconcile b"]),
                .lines(heading: "OUTPUT (-o)", ["human    for people"]), .prose("and this."),
                .prose("THE END is prose."),
            ])
        #expect(help.lines(under: "EXAMPLES") == ["reconcile a", "reconcile b"])
    }
}
