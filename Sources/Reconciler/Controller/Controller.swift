package import Logging
import Specs
import Synchronization

/// Runs the control loop in real time: carries out what it asks for by a driver, and tells it what came of it.
///
/// All of the thinking is `ControlLoop`'s. Here are the tasks, the clock and the engine's event stream.
package actor Controller {
    package typealias Mode = ControlLoop.Mode

    private let driver: any Driver
    /// Measures for autoscalers; nil where nothing can.
    private let metrics: (any MetricSource)?
    private let logger: Logger
    private let settings: ControllerSettings
    private let owner: String
    private let clock: any Clock<Duration>
    private let started: ContinuousClock.Instant
    var loop: ControlLoop

    /// Calls under way, by the ticket of the effect that asked for them.
    private var calls: [Ticket: Task<Void, Never>] = [:]
    /// Wakes the loop at its next deadline.
    private var timer: (deadline: Duration, task: Task<Void, Never>)?
    /// Whoever waits for the loop to change: each looks for itself whether it was what it waits for.
    private var changes: AsyncStream<Void>
    var change: AsyncStream<Void>.Continuation
    /// Whoever waits for a claim.
    var claimants: [Ticket: CheckedContinuation<Result<Claim, ClaimRefusal>, Never>] = [:]
    var lastClaimant: Ticket = 0
    private var awaitingDesired: [CheckedContinuation<Void, Never>] = []
    /// The running task was cancelled: known at once, before it comes to its turn on this actor.
    private let isCancelled = Mutex(false)

    package init(
        driver: any Driver, metrics: (any MetricSource)? = nil, store: any StateJournal,
        audit: (any AuditTrail)? = nil, host: HostSettings,
        settings: ControllerSettings = .init(),
        logger: Logger, clock: any Clock<Duration> = ContinuousClock(), seed: UInt64 = .random(in: 0...(.max))
    ) {
        self.driver = driver
        self.metrics = metrics
        self.logger = logger
        self.settings = settings
        self.clock = clock
        owner = host.owner
        started = ContinuousClock.now
        loop = ControlLoop(journal: store, audit: audit, host: host, settings: settings, logger: logger, seed: seed)
        (changes, change) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    // MARK: What others ask of it

    /// Puts a revision in force, after a look at the host that covers what it names.
    package func setDesired(_ state: DesiredState) async {
        tell(.desired(state))
        if loop.nextDesired == nil { return }
        await withCheckedContinuation { awaitingDesired.append($0) }
    }

    /// Hears a person's word, which is on the disk and holds when this returns.
    ///
    /// - Throws: `StateStoreError` when it cannot be written down; it has no effect then.
    package func command(_ command: Command) throws(StateStoreError) {
        stopIfCancelled()
        perform(try loop.take(command, now: now))
        change.yield()
    }

    /// Does what a person asks for by name, and answers what holds now, as a sentence for them.
    ///
    /// - Parameter name: who asks, for the audit log.
    /// - Throws: `CommandRefusal`; nothing has changed then.
    package func carryOut(_ request: CommandRequest, by name: String) throws(CommandRefusal) -> String {
        stopIfCancelled()
        let (message, effects) = try loop.take(request, by: name, now: now)
        perform(effects)
        change.yield()
        return message
    }

    /// Lets what waits for windows past those that let persons through.
    ///
    /// - Returns: how many objects that is about.
    /// - Throws: `StateStoreError` when it cannot be written down; nothing holds then.
    package func syncManually(by name: String) throws(StateStoreError) -> Int {
        stopIfCancelled()
        let (effects, objects) = try loop.syncManually(by: name, now: now)
        perform(effects)
        change.yield()
        return objects
    }

    /// The plan for the whole host as of now; nil before there is a revision and an observation.
    package func currentPlan() -> Plan? { loop.currentPlan() }

    /// Makes the loop take a turn, which shows that it still can.
    ///
    /// - Returns: false while it does not run, and once it was told to stop.
    package func takeTurn() -> Bool {
        if loop.isRunning { tell(.time) }
        return loop.isRunning && !loop.isStopping
    }

    package func status() -> HostStatus { loop.status() }

    /// Everything that may be asked about, as of now.
    package func report() -> HostReport {
        let begun = ContinuousClock.now
        var report = loop.report(asOf: now)
        report.figures.planDuration = begun.duration(to: .now)
        return report
    }

    /// Looks at the whole host from now on, and lets keys that failed try again at once.
    package func lookAgain() {
        stopIfCancelled()
        perform(loop.lookAgain(now: now))
        change.yield()
    }

    /// How long ago the newest full observation was taken in; nil before the first.
    package var observationAge: Duration? { loop.informer.lastObservation.map { now.uptime - $0 } }

    // MARK: Running

    /// Works until the mode says so. Steps in flight when the task is cancelled are finished first.
    ///
    /// - Throws: `DriverError` in `untilSettled` when the engine cannot be observed, and when the state store cannot be
    ///   read.
    package func run(_ mode: Mode) async throws(DriverError) {
        isCancelled.withLock { $0 = false }
        // A stream is over for good once somebody was cancelled who waited for it.
        (changes, change) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        do throws(StateStoreError) {
            perform(try loop.start(mode, now: now))
        } catch {
            throw DriverError(.terminal, .serverError, error.message, at: "state store")
        }
        await withTaskCancellationHandler {
            switch mode {
            case .untilSettled: await settle()
            case .forever:
                await withDiscardingTaskGroup { group in
                    group.addTask { await self.followChanges() }
                    group.addTask { await self.followFirewall() }
                    await self.untilCancelled()
                    group.cancelAll()
                }
            }
            await stop()
        } onCancel: {
            isCancelled.withLock { $0 = true }
        }
        if let failure = loop.failure { throw failure }
    }

    private func settle() async {
        var changes = changes.makeAsyncIterator()
        while !Task.isCancelled && !loop.isSettled { await changes.next(isolation: self) }
    }

    private func untilCancelled() async {
        var changes = changes.makeAsyncIterator()
        while !Task.isCancelled { await changes.next(isolation: self) }
    }

    /// Lets steps in flight end, since half a step helps nobody, but not for ever. A step that is given up has an unknown
    /// outcome, which the next run finds by name and mark.
    private func stop() async {
        perform(loop.take(.stop, now: now))
        let deadline = now.uptime + settings.stopGrace
        while !loop.isStopped && now.uptime < deadline {
            // A task of its own, because in a cancelled one there is no sleep.
            await Task { try? await clock.sleep(for: .milliseconds(20)) }.value
        }
        timer?.task.cancel()
        timer = nil
        for call in calls.values { call.cancel() }
        for call in calls.values { await call.value }
        for waiting in awaitingDesired { waiting.resume() }
        awaitingDesired = []
    }

    /// Follows the engine's events. A lost stream means that the engine may have gone away; one that cannot be opened
    /// says nothing new, and asks for no look.
    private func followChanges() async {
        while !Task.isCancelled {
            do throws(DriverError) {
                let hints = try await driver.changes(owner: owner)
                tell(.streamOpened)
                for await hint in hints { tell(.hint(hint)) }
                if Task.isCancelled { return }
                // The status must not call an engine reachable until the next resync finds out.
                tell(.streamLost)
            } catch {
                logger.debug("no event stream", metadata: ["event": "engine.stream-failed", "message": "\(error)"])
            }
            // A cancelled sleep ends the loop by its condition.
            try? await clock.sleep(for: .milliseconds(500))
        }
    }

    /// Hears of the packet filter as long as somebody watches it.
    private func followFirewall() async {
        for await facts in await driver.firewallChanges() { tell(.firewall(facts)) }
    }

    // MARK: Between loop and world

    var now: Now { Now(uptime: started.duration(to: .now), wall: .now) }

    func stopIfCancelled() {
        if !loop.isStopping, isCancelled.withLock({ $0 }) { perform(loop.take(.stop, now: now)) }
    }

    func tell(_ input: Input) {
        stopIfCancelled()
        perform(loop.take(input, now: now))
        if loop.nextDesired == nil {
            for waiting in awaitingDesired { waiting.resume() }
            awaitingDesired = []
        }
        change.yield()
    }

    func perform(_ effects: [Effect]) {
        for effect in effects {
            switch effect {
            case .giveUp(let ticket): calls[ticket]?.cancel()
            case .answer(let ticket, let result): claimants.removeValue(forKey: ticket)?.resume(returning: result)
            // No child of the running task: a step in flight outlives its cancellation.
            default: calls[effect.ticket] = Task { await self.carryOut(effect) }
            }
        }
        setTimer()
    }

    private func carryOut(_ effect: Effect) async {
        let input = await answer(to: effect)
        calls[effect.ticket] = nil
        tell(input)
    }

    private func answer(to effect: Effect) async -> Input {
        switch effect {
        case .observe(let ticket, let interest):
            do throws(DriverError) {
                return .observed(ticket, .success(try await driver.observe(interest)))
            } catch {
                return .observed(ticket, .failure(error))
            }
        case .look(let ticket, let ids, let owner, let withPreflight):
            do throws(DriverError) {
                async let preflight = withPreflight ? driver.preflight() : nil
                return .looked(
                    ticket, .success(try await look(at: ids, owner: owner)), preflight: await preflight)
            } catch {
                return .looked(ticket, .failure(error))
            }
        case .apply(let ticket, let step):
            do throws(DriverError) {
                return .stepEnded(ticket, .success(try await driver.apply(step)))
            } catch {
                return .stepEnded(ticket, .failure(error))
            }
        case .bind(let ticket, let binding):
            do throws(DriverError) {
                return .bound(ticket, .success(try await driver.bind(binding)))
            } catch {
                return .bound(ticket, .failure(error))
            }
        case .run(let ticket, let hook, let container):
            do throws(DriverError) {
                return .ran(ticket, .success(try await driver.run(hook, in: container)))
            } catch {
                return .ran(ticket, .failure(error))
            }
        case .measure(let ticket, let questions):
            let none = MetricReading.unsupported("nothing is measured here")
            return .measured(ticket, await metrics?.measure(questions) ?? questions.map { _ in none })
        case .order(let ticket, let order, let hook):
            return .ordered(ticket, await metrics?.order(order, from: hook) ?? "there are no hooks here")
        case .rewrite(_, let claim):
            do throws(DriverError) {
                try await driver.rewrite(claim)
            } catch {
                // The journal has it; the file only speaks where that is lost.
                logger.warning(
                    "claim file not renewed",
                    metadata: ["event": "claim.file-failed", "claim": "\(claim.id)", "message": "\(error)"])
            }
            return .time
        case .answer, .giveUp: return .time
        }
    }

    private func look(at ids: [String], owner: String) async throws(DriverError) -> [String: ObservedContainer?] {
        var found: [String: ObservedContainer?] = [:]
        for id in ids { found[id] = .some(try await driver.observe(container: id, owner: owner)) }
        return found
    }

    private func setTimer() {
        let deadline = loop.nextDeadline
        if timer?.deadline == deadline { return }
        timer?.task.cancel()
        timer = deadline.map { deadline in
            let wait = max(.zero, deadline - now.uptime)
            let task = Task {
                // Even the shortest sleep comes back through a timer.
                if wait > .zero { do { try await clock.sleep(for: wait) } catch { return } }
                if Task.isCancelled { return }
                self.timer = nil
                self.tell(.time)
            }
            return (deadline, task)
        }
    }
}
