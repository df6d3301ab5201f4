import ArgumentParser
import Drivers
import Logging
import Reconciler
import Specs

/// Applies one revision and ends when the host has converged, or when nothing more can be done.
struct Once {
    let settings: EffectiveSettings
    let output: PlainFormat
    let style: Style
    let timeout: Duration
    /// A plan that is carried out as long as nothing of it has moved; nil for whatever the source says.
    let plan: String?

    func run() async throws -> ExitCode {
        if settings.lacksSignatures {
            throw UsageError(
                "source.verify asks for signatures, and a folder has none: use --repo, or --dry-run --specs to look at the plan"
            )
        }
        let bound = try plan.map { try BoundPlan(file: $0) }
        let line = output == .human && StatusLine.isPossible() ? StatusLine() : nil
        let logger = settings.log.logger(unlessSaid: .warning, above: line)
        guard let installation = try Installation(settings, logger) else {
            Installation.complainAboutLock(settings)
            return ExitStatus.locked
        }
        if let code = try await bound?.refusal(settings, style) {
            await installation.transport.shutdown()
            return code
        }
        _ = try await installation.watcher.restore()
        let outcome = try await apply(with: installation, bound, line)
        await installation.transport.shutdown()
        return outcome
    }

    private func apply(
        with installation: Installation, _ bound: BoundPlan?, _ line: StatusLine?
    ) async throws -> ExitCode {
        let desired: DesiredState
        switch try await installation.watcher.poll() {
        case .failed(let error): throw error
        case .rejected(_, let diagnostics):
            complain(diagnostics)
            return ExitStatus.error
        case .held(_, let state, let message):
            Terminal.complain("held: \(state.rawValue): \(message)")
            return ExitStatus.held
        case .accepted(let new): desired = new
        case .unchanged:
            guard let restored = try await installation.watcher.restore() else { return ExitStatus.error }
            desired = restored
        }
        // The source may have moved while we looked: nothing is done about it here.
        if let code = bound?.refusal(of: desired) { return code }
        await installation.controller.setDesired(desired)
        complain(await installation.watcher.status.diagnostics)
        let watch = line.map { ProgressWatch(line: $0, controller: installation.controller, pulls: installation.pulls) }
        try await settle(installation.controller, watch)
        return try report(await installation.controller.status(), plan: await installation.controller.currentPlan())
    }

    private func complain(_ diagnostics: [Diagnostic]) {
        // What is not carried out is a part of the status.
        let findings = diagnostics.filter { $0.severity > .info }
        guard !findings.isEmpty else { return }
        var renderer = FindingsRenderer(style: style)
        Terminal.complain(renderer.text(findings))
    }

    /// Runs until nothing is left to do, or the time is up.
    private func settle(_ controller: Controller, _ watch: ProgressWatch?) async throws {
        let timeout = timeout
        try await withThrowingTaskGroup { group in
            group.addTask { try await controller.run(.untilSettled) }
            group.addTask { try await Task.sleep(for: timeout) }
            if let watch { group.addTask { await watch.run() } }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func report(_ status: HostStatus, plan: Plan?) throws -> ExitCode {
        switch output {
        case .human: Terminal.print(StatusRenderer.text(status))
        case .json: Terminal.print(try Terminal.json(status))
        }
        let isStalled = status.objects.contains { $0.conditions.contains { $0.type == .stalled && $0.status } }
        // A member that is not ready is not converged either, whatever is left to do about it.
        let isFinished = plan?.actions.allSatisfy { $0.isHeld || $0.verb == .pull } == true
        guard let plan, !isStalled, isFinished else { return ExitStatus.stalled }
        return plan.held.isEmpty ? .success : ExitStatus.held
    }
}
