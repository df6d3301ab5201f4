import GitSource
import Logging
import Reconciler
import ServiceLifecycle
import Specs

/// Polls the source and puts what it brings in force.
struct SourceService: Service {
    let watcher: SourceWatcher
    let controller: Controller
    let interval: Duration
    let trigger: SourceTrigger
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var schedule = PollSchedule(interval: interval)
            var random = SystemRandomNumberGenerator()
            var reported: SourceStatus?
            while !Task.isCancelled {
                await poll(&schedule)
                let status = await watcher.status
                // The same trouble is worth one line, not one for every poll.
                if status != reported { report(status) }
                reported = status
                await trigger.wait(for: schedule.delay(using: &random))
            }
        }
    }

    private func poll(_ schedule: inout PollSchedule) async {
        do {
            let outcome = try await watcher.poll()
            if case .accepted(let desired) = outcome { await controller.setDesired(desired) }
            if case .failed = outcome { schedule.recordFailure() } else { schedule.recordSuccess() }
        } catch {
            schedule.recordFailure()
            logger.error("revision not stored", metadata: ["event": "store.failed", "message": "\(error)"])
        }
    }

    private func report(_ status: SourceStatus) {
        if status.state != .current {
            var metadata: Logger.Metadata = [
                "event": "source.\(status.state.rawValue)", "message": "\(status.message)",
            ]
            if let candidate = status.candidate { metadata["revision"] = "\(candidate)" }
            logger.error("source", metadata: metadata)
        }
        for diagnostic in status.diagnostics {
            logger.log(level: diagnostic.severity.level, "finding", metadata: diagnostic.metadata)
        }
    }
}
