import API
import ArgumentParser
import Foundation
import Reconciler
import Storage

/// Asks the running daemon how things are.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show what the daemon of this host knows: revision, objects, and what stands in the way.",
        discussion: """
            EXIT CODES
              0 the daemon answered, 1 it did not
            """)

    @Option(help: ArgumentHelp("State directory of the daemon. (default: /var/lib/reconcile)", valueName: "dir"))
    var stateDir: String = EffectiveSettings.defaultStateDirectory

    @Option(name: .shortAndLong, help: "Format of the result.")
    var output = OutputFormat.human

    func run() async throws {
        do {
            let status = try await StatusClient.status(socketPath: StateDirectory.socket(in: stateDir))
            switch output {
            case .human: Terminal.print(StatusRenderer.text(status))
            case .json: Terminal.print(try Terminal.json(status))
            }
        } catch {
            Terminal.complain("error: \(error)")
            throw ExitStatus.error
        }
    }
}
