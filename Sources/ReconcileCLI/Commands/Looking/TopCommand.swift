import API
import ArgumentParser
import Foundation
import Reconciler

/// Watches one host, or several, on a terminal.
struct TopCommand: DaemonQuestion {
    static let configuration = CommandConfiguration(
        commandName: "top",
        abstract: "Watch objects, pools, what waits, and events, on a terminal.",
        discussion: """
            It is drawn anew every second. Keys filter, describe, pause and resume; '?' lists them. -o json prints what \
            there is to see once, one document for each host. Sockets of other hosts come by ssh -L.

            EXAMPLES
              reconcile top
              reconcile top /run/reconcile.sock /tmp/b.sock

            \(questionExitCodes)
            """)

    @ParentCommand var program: ReconcileCommand

    @Argument(help: "Sockets of daemons; without any, that of this host.")
    var sockets: [String] = []

    func ask(_ client: DaemonClient, _ format: PlainFormat) async throws {
        let clients = sockets.isEmpty ? [client] : sockets.map { DaemonClient(socketPath: $0) }
        if format == .json {
            for client in clients { Terminal.print(try Terminal.json(try await client.overview())) }
            return
        }
        guard let terminal = TerminalSession() else {
            throw ClientFailure(
                description: "top needs a terminal; 'reconcile status --watch' does not, and '-o json' is for programs")
        }
        let names = clients.map(\.socketPath)
        let style = Style(isColored: program.color.isOn(for: STDOUT_FILENO))
        let session = TopSession(clients: clients, screen: TopScreen(hosts: names), terminal: terminal, style: style)
        await session.run()
    }
}
