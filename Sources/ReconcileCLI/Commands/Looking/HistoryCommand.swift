import API
import ArgumentParser
import Reconciler

/// Shows what became of revisions.
struct HistoryCommand: DaemonQuestion {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "Show what became of the last revisions on this host, newest first.",
        discussion: """
            Applied was reached at least once; Accepted is in force and not reached yet, or was replaced before; Held waits \
            for a person; Rejected was not valid.

            EXAMPLES
              reconcile history --limit 5

            \(questionExitCodes)
            """)

    @ParentCommand var program: ReconcileCommand

    @Option(help: "The newest so many, up to 1000.")
    var limit = 20

    func validate() throws {
        guard (1...1_000).contains(limit) else { throw ValidationError("--limit must be 1 to 1000") }
    }

    func ask(_ client: DaemonClient, _ format: PlainFormat) async throws {
        let records = try await client.history(limit: limit)
        switch format {
        case .human: Terminal.print(records.isEmpty ? "no revisions yet" : RevisionTable.text(records))
        case .json: Terminal.print(try Terminal.json(["items": records]))
        }
    }
}
