import API
import ArgumentParser
import Drivers
import Logging
import NameFilter
import Reconciler
import Storage

/// The daemon as its API sees it.
struct DaemonHost: ServedHost {
    let controller: Controller
    let watcher: SourceWatcher
    let store: any StateJournal
    let bell: SourceBell
    let source: SourceMeter
    let steps: StepMeter
    let usage: UsageMeter
    let look: UsageLook
    let names: FilterEngine
    let conditions: ConditionFile
    let snapshots: SnapshotPublisher
    let logger: Logger
    /// What the logger said.
    let log: LogMemory

    func report() async -> HostReport {
        var report = await controller.report()
        report.status.source = await watcher.status
        report.usage = usage.summaries
        return report
    }

    func carryOut(_ request: CommandRequest, by name: String) async throws(CommandRefusal) -> String {
        let message = try await controller.carryOut(request, by: name)
        logger.notice("command", metadata: ["event": "command.heard", "by": "\(name)", "message": "\(message)"])
        return message
    }

    func sync(by name: String) async -> SyncAnswer {
        logger.notice("command", metadata: ["event": "command.heard", "by": "\(name)", "message": "sync"])
        var answer = await bell.ringAndWait()
        do throws(StateStoreError) {
            let count = try await controller.syncManually(by: name)
            if count > 0 {
                answer.message += "; windows let \(count) object\(count == 1 ? "" : "s") through for you"
            }
        } catch {
            answer.message += "; windows hold what they held, since it cannot be written down: \(error)"
        }
        await lookAtHost()
        return answer
    }

    /// What is shown from now on is no older than the question; an engine that is away is not waited for.
    private func lookAtHost() async {
        let asked = ContinuousClock.now
        await controller.lookAgain()
        while asked.duration(to: .now) < .seconds(10) {
            if let age = await controller.observationAge, age < asked.duration(to: .now) { return }
            // A cancelled sleep only shortens the pause, and the request has gone.
            try? await Task.sleep(for: .milliseconds(10))
            if Task.isCancelled { return }
        }
    }

    func hint(from name: String) {
        logger.info("hint", metadata: ["event": "source.hint", "by": "\(name)"])
        bell.ring()
    }

    func events(limit: Int) throws(StateStoreError) -> [EventRecord] { try store.events(limit: limit) }

    func history(limit: Int) throws(StateStoreError) -> [RevisionRecord] { try store.history(limit: limit) }

    func snapshot() async throws -> [UInt8] { [UInt8](try await snapshots.bytes()) }

    func logPage(_ query: LogQuery, limit: Int, after cursor: String?) -> LogPage {
        log.page(query, limit: limit, after: cursor)
    }

    func rememberedConditions() -> ConditionLedger { conditions.read() }

    func remember(_ ledger: ConditionLedger) {
        do {
            try conditions.write(ledger)
        } catch {
            logger.warning(
                "since when conditions hold is not written down",
                metadata: ["event": "conditions.not-kept", "message": "\(error)"])
        }
    }

    func presentUsage() async -> PresentUsage? { look.usage() }

    func metrics() -> [MetricFamily] {
        var build = MetricFamily("reconcile_build_info", .gauge, "Always 1; the version of the program is a label.")
        build.add(1, .init("version", ReconcileCommand.configuration.version))
        return [build] + source.families + names.figures.families + HostMetrics.families(steps.figures)
    }
}
