import ArgumentParser
import Reconciler
import Specs

/// Keeps an object as an earlier revision says.
struct PinCommand: DaemonRequest {
    static let configuration = CommandConfiguration(
        commandName: "pin",
        abstract: "Keep an object as an earlier revision says.",
        discussion: """
            The next commit that changes the object's spec releases the pin. Without --revision it is the revision before \
            the one in force, whatever became of it: 'rollout undo' goes back to the last one that was good. What five more \
            revisions say is known, and what revisions say that pins name.

            EXAMPLES
              reconcile pin Workload/web --reason "web:2 loses orders"
              reconcile pin Workload/web --revision 1a2b3c4 --reason "web:2 loses orders"

            \(requestExitCodes)
            """)

    @ParentCommand var program: ReconcileCommand

    @Argument(
        help: ArgumentHelp("The object.", valueName: "kind/name"), completion: .objects, transform: ResourceID.parse)
    var object: ResourceID

    @Option(
        help: ArgumentHelp(
            "The commit, of which seven digits are enough. (default: the revision before the one in force)",
            valueName: "id"))
    var revision: String?

    @Option(help: ArgumentHelp("Why, for whoever finds it pinned.", valueName: "text"))
    var reason: String

    /// The word that the daemon's API has for the revision before is understood here as well.
    var request: CommandRequest {
        .pin(object, revision: revision == "previous" ? nil : revision, reason: reason)
    }
}

/// Takes a pin away.
struct UnpinCommand: DaemonRequest {
    static let configuration = CommandConfiguration(
        commandName: "unpin",
        abstract: "Let an object follow the revision in force again.",
        discussion: """
            EXAMPLES
              reconcile unpin Workload/web

            \(requestExitCodes)
            """)

    @ParentCommand var program: ReconcileCommand

    @Argument(
        help: ArgumentHelp("The object.", valueName: "kind/name"), completion: .objects, transform: ResourceID.parse)
    var object: ResourceID

    var request: CommandRequest { .unpin(object) }
}
