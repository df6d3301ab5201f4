import API
import ArgumentParser
import Reconciler

/// Has the daemon look at the repository and the host now.
struct SyncCommand: DaemonQuestion {
    static let configuration = CommandConfiguration(
        commandName: "sync",
        abstract: "Look at the repository and the host now, and try again what failed.",
        discussion: """
            Ends when the repository was looked at; with --wait when the host is as the revision says, or when nothing \
            more can be done without help. On a terminal it says meanwhile how far the host is, and how long the rest may \
            take.

            EXAMPLES
              reconcile sync --wait

            EXIT CODES
              0 looked at, with --wait also converged; 1 refused, the time is up, or no daemon answered,
              3 stalled, 4 something is held, 64 a command line that cannot be understood
            """)

    @ParentCommand var program: ReconcileCommand

    @Flag(help: "Wait until the host is as the revision says.")
    var wait = false

    @Option(
        help: ArgumentHelp("With --wait: give up after this time. (default: 5m)", valueName: "duration"),
        transform: Duration.parse(argument:))
    var waitFor: Duration?

    func validate() throws {
        if waitFor != nil && !wait { throw ValidationError("--wait-for needs --wait") }
    }

    func ask(_ client: DaemonClient, _ format: PlainFormat) async throws {
        let message = try await client.sync()
        guard wait else {
            return Terminal.print(format == .json ? try Terminal.json(["message": message]) : message)
        }
        if format == .human { Terminal.print(message) }
        let line = format == .human && StatusLine.isPossible() ? StatusLine() : nil
        let (status, outcome) = try await converge(client, line)
        switch format {
        case .human: Terminal.print(StatusRenderer.text(status))
        case .json: Terminal.print(try Terminal.json(status))
        }
        switch outcome {
        case .converged: return
        case .stalled: throw ExitStatus.stalled
        case .held: throw ExitStatus.held
        case .progressing: throw ClientFailure.timedOut
        }
    }

    private func converge(_ client: DaemonClient, _ line: StatusLine?) async throws -> (HostStatus, SyncOutcome) {
        let begun = ContinuousClock.now
        let end = begun + (waitFor ?? .seconds(300))
        var convergence = Convergence()
        defer { line?.show("") }
        while true {
            let asked = ContinuousClock.now
            let status = try await client.status()
            let outcome = SyncOutcome(status)
            if outcome != .progressing || ContinuousClock.now >= end { return (status, outcome) }
            if let line {
                let plan = try await client.plan()
                convergence.note(Convergence.Sight(plan), at: begun.duration(to: .now))
                line.show(ProgressText.line(convergence, pulls: [], width: StatusLine.width))
            }
            try await Task.sleep(for: StatusLine.pause(after: asked.duration(to: .now)))
        }
    }
}

/// Whether it is worth waiting for the host.
enum SyncOutcome: Hashable {
    case converged, stalled, held, progressing

    /// Whatever goes on by itself is waited for; only then does it count what does not.
    init(_ status: HostStatus) {
        let conditions = status.objects.flatMap(\.conditions)
        let unready = conditions.filter { $0.type == .ready && !$0.status }
        let isGoingOn = conditions.contains { $0.type == .reconciling && $0.status }
        if !status.engine.reachable || isGoingOn || unready.contains(where: { $0.state == .unknown }) {
            self = .progressing
        } else if conditions.contains(where: { $0.type == .stalled && $0.status }) {
            self = .stalled
        } else {
            self = unready.isEmpty ? .converged : .held
        }
    }
}
