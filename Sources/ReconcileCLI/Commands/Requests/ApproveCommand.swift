import ArgumentParser
import Reconciler

/// Lets a revision remove more than the prune budget allows.
struct ApproveCommand: DaemonRequest {
    static let configuration = CommandConfiguration(
        commandName: "approve",
        abstract: "Let the revision in force remove what the prune budget holds.",
        discussion: """
            The digest stands for one revision and one set of containers and networks; 'reconcile status' shows it. What \
            comes to the set later, or with another revision, needs another approval.

            EXAMPLES
              reconcile approve 1a2b3c4d

            \(requestExitCodes)
            """)

    @ParentCommand var program: ReconcileCommand

    @Argument(help: "The digest of what is to be removed, as the status shows it.")
    var digest: String

    var request: CommandRequest { .approve(digest: digest) }
}
