import ArgumentParser
import Reconciler
import Specs

/// Whose rollout a request is about.
struct RolledOutWorkload: ParsableArguments {
    @Argument(
        help: ArgumentHelp("The Workload.", valueName: "name"), completion: .names(of: .workload),
        transform: ResourceID.workload)
    var object: ResourceID
}

/// Back to an earlier revision.
struct RolloutUndoCommand: DaemonRequest {
    static let configuration = CommandConfiguration(
        commandName: "undo",
        abstract: "Bring a Workload back to an earlier revision.",
        discussion: """
            Without --to that is the last revision with another template under which all members were available. It is a \
            pin: the next commit that changes the Workload's spec, or 'reconcile unpin', releases it.

            EXAMPLES
              reconcile rollout undo web
              reconcile rollout undo web --to 1a2b3c4 --reason "web:2 loses orders"

            \(requestExitCodes)
            """)

    @ParentCommand var program: ReconcileCommand

    @OptionGroup var workload: RolledOutWorkload

    @Option(help: ArgumentHelp("The commit, of which seven digits are enough.", valueName: "id"))
    var to: String?

    @Option(help: ArgumentHelp("Why, for whoever finds it pinned.", valueName: "text"))
    var reason: String?

    var request: CommandRequest { .rollout(RolloutRequest(.undo(to: to), of: workload.object, reason: reason)) }
}

/// New members of the same template.
struct RolloutRestartCommand: DaemonRequest {
    static let configuration = CommandConfiguration(
        commandName: "restart",
        abstract: "Replace all members of a Workload by new ones of the same template.",
        discussion: """
            By the same rules as a rollout of another template. A rollout that has failed is tried again.

            EXAMPLES
              reconcile rollout restart web

            \(requestExitCodes)
            """)

    @ParentCommand var program: ReconcileCommand

    @OptionGroup var workload: RolledOutWorkload

    var request: CommandRequest { .rollout(RolloutRequest(.restart, of: workload.object)) }
}

/// On with what waits for a person.
struct RolloutPromoteCommand: DaemonRequest {
    static let configuration = CommandConfiguration(
        commandName: "promote",
        abstract: "Let a rollout go on that waits for a person.",
        discussion: """
            A blue-green rollout with 'promotion: manual' makes its switch. A canary goes on by one step as soon as the \
            members of this one are available, whatever is left of its pause and whatever could not be measured; --full \
            passes over all steps that are left.

            EXAMPLES
              reconcile rollout promote web
              reconcile rollout promote web --full

            \(requestExitCodes)
            """)

    @ParentCommand var program: ReconcileCommand

    @OptionGroup var workload: RolledOutWorkload

    @Flag(help: "Replace all members now, without the steps that are left.")
    var full = false

    var request: CommandRequest { .rollout(RolloutRequest(.promote(isFull: full), of: workload.object)) }
}

/// Back in the middle.
struct RolloutAbortCommand: DaemonRequest {
    static let configuration = CommandConfiguration(
        commandName: "abort",
        abstract: "Bring a Workload back to its last good revision in the middle of a rollout.",
        discussion: """
            EXAMPLES
              reconcile rollout abort web --reason "errors in the new one"

            \(requestExitCodes)
            """)

    @ParentCommand var program: ReconcileCommand

    @OptionGroup var workload: RolledOutWorkload

    @Option(help: ArgumentHelp("Why, for whoever finds it pinned.", valueName: "text"))
    var reason: String?

    var request: CommandRequest { .rollout(RolloutRequest(.abort, of: workload.object, reason: reason)) }
}
