import API
import ArgumentParser
import Reconciler
import Specs

/// How rollouts stand, and what a person may say about them.
struct RolloutCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rollout",
        abstract: "Show how Workloads are rolled out, go back, restart.",
        discussion: """
            EXAMPLES
              reconcile rollout
              reconcile rollout undo web --reason "web:2 loses orders"
            """,
        subcommands: [
            RolloutStatusCommand.self, RolloutHistoryCommand.self, RolloutUndoCommand.self, RolloutRestartCommand.self,
            RolloutPromoteCommand.self, RolloutAbortCommand.self,
        ], defaultSubcommand: RolloutStatusCommand.self)
}

extension ResourceID {
    /// `web` is `Workload/web`, since nothing else has rollouts.
    ///
    /// - Throws: `ValidationError` that says what would be right.
    static func workload(argument: String) throws -> ResourceID {
        if !argument.contains("/"), !argument.isEmpty { return ResourceID(.workload, argument) }
        return try parse(argument: argument)
    }
}

/// Whose rollouts are shown.
struct RolloutScope: ParsableArguments {
    static let exitCodes = """
        EXIT CODES
          0 shown, 1 no daemon answered or there is no such rollout, 64 a command line that cannot be understood
        """

    @Argument(
        help: ArgumentHelp("The Workload; without one, all of them.", valueName: "name"),
        completion: .names(of: .workload),
        transform: ResourceID.workload
    )
    var object: ResourceID?
}

/// A command that shows rollouts.
protocol RolloutQuery: AsyncParsableCommand {
    var program: ReconcileCommand { get }
    var scope: RolloutScope { get }
    func text(_ reports: [RolloutReport]) -> String
}

extension RolloutQuery {
    func run() async throws {
        try await answering {
            let format = try PlainFormat(program.output)
            let client = DaemonClient(socketPath: try EffectiveSettings.socket(program.host))
            var reports = try await client.rollouts()
            if let object = scope.object {
                let known = reports.map(\.object.description)
                reports = reports.filter { $0.object == object }
                if reports.isEmpty {
                    let hint = known.isEmpty ? "there is none" : "there are \(Diagnostic.list(known, word: "and"))"
                    throw PolicyProblem("there is no rollout of \(object); \(hint)")
                }
            }
            switch format {
            case .human: Terminal.print(text(reports))
            case .json: Terminal.print(try Terminal.json(reports))
            }
            return .success
        }
    }
}

/// How far rollouts are.
struct RolloutStatusCommand: RolloutQuery {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show how far rollouts are, and what keeps them.",
        discussion: """
            EXAMPLES
              reconcile rollout status
              reconcile rollout status web

            \(RolloutScope.exitCodes)
            """)

    @ParentCommand var program: ReconcileCommand

    @OptionGroup var scope: RolloutScope

    func text(_ reports: [RolloutReport]) -> String {
        scope.object == nil ? RolloutRenderer.list(reports) : reports.map(RolloutRenderer.text).joined(separator: "\n")
    }
}

/// What was rolled out before.
struct RolloutHistoryCommand: RolloutQuery {
    static let configuration = CommandConfiguration(
        commandName: "history",
        abstract: "Show the last rollouts, and how they ended.",
        discussion: """
            EXAMPLES
              reconcile rollout history web

            \(RolloutScope.exitCodes)
            """)

    @ParentCommand var program: ReconcileCommand

    @OptionGroup var scope: RolloutScope

    func text(_ reports: [RolloutReport]) -> String { RolloutRenderer.history(reports) }
}
