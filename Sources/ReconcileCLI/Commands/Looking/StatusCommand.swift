import API
import ArgumentParser
import Glibc
import Reconciler

/// Asks the running daemon how things are.
struct StatusCommand: DaemonQuestion {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show what the daemon of this host knows: revision, objects, and what stands in the way.",
        discussion: """
            With --watch it is shown anew whenever it has changed, until it is interrupted; -o json prints one document \
            for each change.

            EXAMPLES
              reconcile status
              reconcile status --watch

            \(questionExitCodes)
            """)

    @ParentCommand var program: ReconcileCommand

    @Flag(name: .shortAndLong, help: "Show it anew whenever it changes.")
    var watch = false

    func ask(_ client: DaemonClient, _ format: PlainFormat) async throws {
        var shown = try await client.status()
        try show(shown, format)
        while watch {
            try await Task.sleep(for: .seconds(1))
            let status = try await client.status()
            if status != shown { try show(status, format) }
            shown = status
        }
    }

    private func show(_ status: HostStatus, _ format: PlainFormat) throws {
        switch format {
        case .human:
            // As `watch` does: the newest picture is at the top of an empty screen.
            let top = watch && isatty(STDOUT_FILENO) == 1 ? "\u{1B}[H\u{1B}[2J" : ""
            Terminal.print(top + StatusRenderer.text(status) + (watch && top.isEmpty ? "\n" : ""))
        case .json: Terminal.print(try Terminal.json(status))
        }
    }
}
