import API
import ArgumentParser
import Reconciler
import Specs

/// Lists claims.
struct ClaimsCommand: DaemonQuestion {
    static let configuration = CommandConfiguration(
        commandName: "claims",
        abstract: "List who has which container of the pools, or show one claim.",
        discussion: """
            EXAMPLES
              reconcile claims --pool agents
              reconcile claims --label tenant_id=acme --all

            \(questionExitCodes)
            """)

    @ParentCommand var program: ReconcileCommand

    @Argument(help: "One claim; all without it.", completion: .openClaims)
    var id: String?

    @Option(help: "Only of this pool.")
    var pool: String?

    @Option(help: ArgumentHelp("Only of this holder.", valueName: "name"))
    var holder: String?

    @Option(help: ArgumentHelp("Only with this label; several with commas.", valueName: "key=value"))
    var label: String?

    @Flag(help: "Also the newest that are over.")
    var all = false

    func validate() throws { if let pool { _ = try PoolWord.name(pool) } }

    func ask(_ client: DaemonClient, _ format: PlainFormat) async throws {
        if let id {
            let claim = try await client.claim(id)
            return Terminal.print(
                format == .json ? try Terminal.json(claim) : ClaimRenderer.text(claim, now: .ofWallClock))
        }
        let pool = try pool.map(PoolWord.name)
        var claims: [ClaimDocument] = []
        var after: String?
        repeat {
            let page = try await client.claims([
                "pool": pool, "holder": holder, "label": label, "phase": all ? nil : "open", "after": after,
            ])
            claims += page.items
            after = page.next
        } while after != nil
        switch format {
        case .human: Terminal.print(claims.isEmpty ? "no claims" : ClaimRenderer.table(claims, now: .ofWallClock))
        case .json: Terminal.print(try Terminal.json(["items": claims]))
        }
    }
}
