import API
import ArgumentParser
import Reconciler
import Specs

/// How tasks stand, and what a person may say about them.
struct TaskCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "task",
        abstract: "Show when ScheduledTasks run and how their runs ended, run one now.",
        discussion: """
            EXAMPLES
              reconcile task
              reconcile task run report
            """,
        subcommands: [TaskStatusCommand.self, TaskRunCommand.self], defaultSubcommand: TaskStatusCommand.self)
}

extension ResourceID {
    /// `report` is `ScheduledTask/report`, since nothing else has runs.
    ///
    /// - Throws: `ValidationError` that says what would be right.
    static func task(argument: String) throws -> ResourceID {
        if !argument.contains("/"), !argument.isEmpty { return ResourceID(.scheduledTask, argument) }
        return try parse(argument: argument)
    }
}

/// How tasks stand.
struct TaskStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show when tasks run, what is under way, and how the last runs ended.",
        discussion: """
            EXAMPLES
              reconcile task status
              reconcile task status report

            EXIT CODES
              0 shown, 1 no daemon answered or there is no such task, 64 a command line that cannot be understood
            """)

    @ParentCommand var program: ReconcileCommand

    @Argument(
        help: ArgumentHelp("The ScheduledTask; without one, all of them.", valueName: "name"),
        completion: .names(of: .scheduledTask), transform: ResourceID.task
    )
    var task: ResourceID?

    func run() async throws {
        try await answering {
            let format = try PlainFormat(program.output)
            let client = DaemonClient(socketPath: try EffectiveSettings.socket(program.host))
            var reports = try await client.tasks()
            if let task {
                let known = reports.map(\.task.description)
                reports = reports.filter { $0.task == task }
                if reports.isEmpty {
                    let hint = known.isEmpty ? "there is none" : "there are \(Diagnostic.list(known, word: "and"))"
                    throw PolicyProblem("there is no task \(task); \(hint)")
                }
            }
            switch format {
            case .human:
                let text = task == nil ? TaskRenderer.list(reports) : reports.map(TaskRenderer.text).joined()
                Terminal.print(text)
            case .json: Terminal.print(try Terminal.json(reports))
            }
            return .success
        }
    }
}

/// One run now.
struct TaskRunCommand: DaemonRequest {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run a ScheduledTask once, now, whatever its schedule says.",
        discussion: """
            Its retries, deadline and concurrencyPolicy hold as for any run: under Forbid it is refused while another one \
            is under way. A suspended task may be run like this.

            EXAMPLES
              reconcile task run report

            \(requestExitCodes)
            """)

    @ParentCommand var program: ReconcileCommand

    @Argument(
        help: ArgumentHelp("The ScheduledTask.", valueName: "name"), completion: .names(of: .scheduledTask),
        transform: ResourceID.task)
    var task: ResourceID

    var request: CommandRequest { .runTask(task) }
}
