import ArgumentParser
import Reconciler
import Specs

/// Empties this host.
struct DrainCommand: DaemonRequest {
    static let configuration = CommandConfiguration(
        commandName: "drain",
        abstract: "Empty this host, as budgets and claims let it.",
        discussion: """
            Nothing new is started. Unclaimed members of pools go at once, claimed ones when they are given back, members of \
            Workloads within their disruption budgets, and all of it in maintenance windows. 'reconcile status' names what is \
            in the way. At the deadline what is left stays, and nothing more is taken away; with --force it goes. Objects \
            that tolerate the taint 'reconcile.dev/drain' stay.

            EXAMPLES
              reconcile drain --deadline 1h --reason "a new kernel, ask alice"
              reconcile drain --deadline 10m --force --reason "this host goes"

            \(requestExitCodes)
            """)

    @ParentCommand var program: ReconcileCommand

    @Option(
        help: ArgumentHelp(
            "How long members may take to go by themselves, up to \(HostPool.Drain.longestDeadline.goText).",
            valueName: "duration"), transform: Duration.parse(argument:))
    var deadline: Duration?

    @Flag(help: "What is left at the deadline goes in spite of budgets and claims.")
    var force = false

    @Option(help: ArgumentHelp("Why, for whoever finds it so.", valueName: "text"))
    var reason: String

    func validate() throws {
        if force && deadline == nil { throw ValidationError("--force needs --deadline: it says what happens then") }
    }

    var request: CommandRequest { .drain(deadline: deadline, force: force, reason: reason) }
}

/// Ends the drain of this host.
struct UncordonCommand: DaemonRequest {
    static let configuration = CommandConfiguration(
        commandName: "uncordon",
        abstract: "End the drain of this host: what is missing is started.",
        discussion: """
            What git drains or cordons stays so until a commit says something else.

            EXAMPLES
              reconcile uncordon --state-dir /var/lib/reconcile

            \(requestExitCodes)
            """)

    @ParentCommand var program: ReconcileCommand

    var request: CommandRequest { .uncordon }
}
