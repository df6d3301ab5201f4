import ArgumentParser
import Reconciler
import Specs

/// Passes over maintenance windows for some time, in an emergency.
struct OverrideCommand: DaemonRequest {
    static let configuration = CommandConfiguration(
        commandName: "override",
        abstract: "Let changes past all maintenance windows for some time, in an emergency.",
        discussion: """
            Nothing of the object, or of the whole host, waits for a window meanwhile; all other gates hold as ever. It is \
            written into the audit log, ends by itself, and outlasts restarts of the daemon.

            EXAMPLES
              reconcile override Workload/web --reason "CVE-2026-1234, ask alice" --for 2h
              reconcile override Workload/web --end

            \(requestExitCodes)
            """)

    @ParentCommand var program: ReconcileCommand

    @Argument(
        help: ArgumentHelp("The object; without one, the whole host.", valueName: "kind/name"), completion: .objects,
        transform: ResourceID.parse)
    var object: ResourceID?

    @Option(help: ArgumentHelp("Why, for whoever reads the audit log.", valueName: "text"))
    var reason: String?

    @Option(
        name: .customLong("for"), help: ArgumentHelp("For how long, 1m to 168h.", valueName: "duration"),
        transform: Duration.parse(argument:))
    var duration: Duration?

    @Flag(help: "End it before its time.")
    var end = false

    func validate() throws {
        if end {
            guard reason == nil, duration == nil else {
                throw ValidationError("--end needs neither --reason nor --for")
            }
        } else if reason == nil || duration == nil {
            throw ValidationError("say why and for how long: --reason TEXT --for 2h")
        }
    }

    var request: CommandRequest {
        guard let reason, let duration else { return .endOverride(object) }
        return .override(object, for: duration, reason: reason)
    }
}
