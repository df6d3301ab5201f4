import API
import Foundation
import GitSource
import Logging
import Reconciler
import ServiceLifecycle
import Specs

/// Looks at the source on its interval, and when somebody asks for it, and puts what it brings in force.
struct SourceService: Service {
    /// Between two looks that were asked for: a forge that sends ten webhooks for one push causes two.
    private static let leastPause = Duration.seconds(1)

    let watcher: SourceWatcher
    let controller: Controller
    let interval: Duration
    let bell: SourceBell
    let meter: SourceMeter
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            var schedule = PollSchedule(interval: interval)
            var random = SystemRandomNumberGenerator()
            var reported: SourceStatus?
            while !Task.isCancelled {
                let begun = ContinuousClock.now
                bell.begin()
                let answer = await poll(&schedule)
                let status = await watcher.status
                // The same trouble is worth one line, not one for every poll.
                if status != reported { report(status) }
                reported = status
                bell.end(answer)
                let delay = schedule.delay(using: &random)
                await bell.wait(upTo: delay)
                // A cancelled sleep ends the loop by its condition.
                try? await Task.sleep(for: max(.zero, min(delay, Self.leastPause) - begun.duration(to: .now)))
            }
            bell.close()
        }
    }

    private func poll(_ schedule: inout PollSchedule) async -> SyncAnswer {
        let begun = ContinuousClock.now
        do {
            let outcome = try await watcher.poll()
            if case .accepted(let desired) = outcome { await controller.setDesired(desired) }
            if case .failed = outcome { schedule.recordFailure() } else { schedule.recordSuccess() }
            let status = await watcher.status
            meter.note(status, isRead: status.state != .failing, begun.duration(to: .now))
            return Self.answer(outcome)
        } catch {
            schedule.recordFailure()
            logger.error("revision not stored", metadata: ["event": "store.failed", "message": "\(error)"])
            return SyncAnswer(.refused, "the revision could not be written down, so it is not followed: \(error)")
        }
    }

    private static func answer(_ outcome: SourceWatcher.Outcome) -> SyncAnswer {
        switch outcome {
        case .accepted(let desired): SyncAnswer(.current, "\(desired.revision) is in force now")
        case .unchanged: SyncAnswer(.current, "nothing new in the repository; the host is looked at")
        case .rejected(let candidate, let diagnostics):
            SyncAnswer(
                .refused, "nothing of \(candidate) is applied, findings: \(diagnostics.count); see 'reconcile status'")
        case .held(let candidate, let state, let message):
            SyncAnswer(.refused, "\(candidate) is held: \(state.rawValue): \(message)")
        case .failed(let error): SyncAnswer(.failed, "the repository cannot be read: \(error)")
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
