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

    /// `--state-dir`, `--config` and `--output` are the program's own options, whichever command they stand behind.
    @ParentCommand var program: ReconcileCommand

    func run() async throws {
        let format = try PlainFormat(program.output)
        do {
            let directory = try EffectiveSettings.stateDirectory(program.host)
            let status = try await StatusClient.status(socketPath: StateDirectory.socket(in: directory))
            switch format {
            case .human: Terminal.print(StatusRenderer.text(status))
            case .json: Terminal.print(try Terminal.json(status))
            }
        } catch {
            Terminal.complain("error: \(error)")
            throw ExitStatus.error
        }
    }
}
