import API
import ArgumentParser
import Reconciler
import Specs

/// A command that asks something of the running daemon and prints what holds then.
protocol DaemonRequest: AsyncParsableCommand {
    /// `--state-dir` and `--config` are the program's own options, whichever command they stand behind.
    var program: ReconcileCommand { get }
    var request: CommandRequest { get }
}

extension DaemonRequest {
    func run() async throws {
        // Whoever writes these expects another effect than the command has.
        if program.dryRun || program.once {
            throw ValidationError("this tells a running daemon something; it goes with neither --dry-run nor --once")
        }
        let format = try PlainFormat(program.output)
        do {
            let message = try await CommandClient.send(
                request, socketPath: try EffectiveSettings.socket(program.host))
            switch format {
            case .human: Terminal.print(message)
            case .json: Terminal.print(try Terminal.json(["message": message]))
            }
        } catch {
            Terminal.complain("error: \(Self.words(for: error, to: request))")
            throw ExitStatus.error
        }
    }

    /// Without a daemon there is nobody who would remember; for a single run there is another way.
    static func words(for error: any Error, to request: CommandRequest) -> String {
        guard let failure = error as? ClientFailure, failure.isAbsent, case .approve = request else {
            return "\(error)"
        }
        return "\(failure); to 'reconcile --once' removals are allowed by '--prune-budget 100%'"
    }
}

/// The exit codes of all commands that ask something of the daemon.
let requestExitCodes = """
    EXIT CODES
      0 it holds, 1 it was refused or no daemon answered,
      64 a command line that cannot be understood
    """

extension ResourceID {
    /// - Throws: `ValidationError` that says what would be right.
    static func parse(argument: String) throws -> ResourceID {
        guard argument.contains("/"), let id = try ObjectWord.parse(argument: argument).id else {
            throw ValidationError("'\(argument)' must be KIND/NAME, such as Workload/web")
        }
        return id
    }
}
