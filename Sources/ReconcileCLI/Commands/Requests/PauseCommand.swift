import ArgumentParser
import Reconciler
import Specs

/// Leaves an object, or the whole host, alone.
struct PauseCommand: DaemonRequest {
    static let configuration = CommandConfiguration(
        commandName: "pause",
        abstract: "Leave an object, or the whole host, alone until it is resumed.",
        discussion: """
            Nothing is started, changed or removed meanwhile, repair included. It outlasts restarts of the daemon and of \
            the host.

            EXAMPLES
              reconcile pause Workload/web --reason "moving its data, ask alice"
              reconcile pause --reason "replacing the disk"

            \(requestExitCodes)
            """)

    @ParentCommand var program: ReconcileCommand

    @Argument(
        help: ArgumentHelp("The object; without one, the whole host.", valueName: "kind/name"), completion: .objects,
        transform: ResourceID.parse)
    var object: ResourceID?

    @Option(help: ArgumentHelp("Why, for whoever finds it paused.", valueName: "text"))
    var reason: String

    var request: CommandRequest { .pause(object, reason: reason) }
}

/// Takes a pause away.
struct ResumeCommand: DaemonRequest {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Take the pause of an object, or of the whole host, away.",
        discussion: """
            Objects that are paused by themselves stay so when the host is resumed. A pause in git is taken away by a \
            commit.

            EXAMPLES
              reconcile resume Workload/web

            \(requestExitCodes)
            """)

    @ParentCommand var program: ReconcileCommand

    @Argument(
        help: ArgumentHelp("The object; without one, the whole host.", valueName: "kind/name"), completion: .objects,
        transform: ResourceID.parse)
    var object: ResourceID?

    var request: CommandRequest { .resume(object) }
}
