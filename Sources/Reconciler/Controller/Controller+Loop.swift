import Logging

extension Controller {
    /// Works until the mode says so. Steps in flight when the task is cancelled are finished first.
    ///
    /// - Throws: `DriverError` in `untilSettled` when the engine cannot be observed at the start or at the end.
    package func run(_ mode: Mode) async throws(DriverError) {
        self.mode = mode
        try loadStore()
        switch mode {
        case .untilSettled:
            // What was just done is looked at again: a container may stop as soon as it has started.
            repeat {
                stepsTaken = 0
                try await requireObservation()
                enqueueChanges()
                await workUntilSettled()
            } while stepsTaken > 0 && !Task.isCancelled
        case .forever:
            await withDiscardingTaskGroup { group in
                group.addTask { await self.resync() }
                group.addTask { await self.followChanges() }
                await self.workForever()
                group.cancelAll()
            }
        }
    }

    private func loadStore() throws(DriverError) {
        do throws(StateStoreError) {
            observed.storedIncarnations = try store.incarnations()
            probedStarts = try store.probedStarts()
        } catch {
            throw DriverError(.terminal, .serverError, error.message, at: "state store")
        }
    }

    private func requireObservation() async throws(DriverError) {
        if await observeAll() { return }
        throw engineProblem ?? DriverError(.transient, .engineUnreachable, "not observed", at: "engine")
    }

    // MARK: Workers

    /// Hands out keys until the queue is empty, nothing is in flight, and no key waits for a time.
    private func workUntilSettled() async {
        await withDiscardingTaskGroup { group in
            var wakeUps = self.wakeUps.makeAsyncIterator()
            while !Task.isCancelled {
                startWorkers(in: &group)
                if queue.isDrained && !queue.hasDelayed { return }
                await pause(on: &wakeUps)
            }
            await finishSteps()
        }
    }

    private func workForever() async {
        await withDiscardingTaskGroup { group in
            var wakeUps = self.wakeUps.makeAsyncIterator()
            while !Task.isCancelled {
                startWorkers(in: &group)
                await pause(on: &wakeUps)
            }
            queue.shutDown(.afterDraining)
            await finishSteps()
        }
    }

    private func startWorkers(in group: inout DiscardingTaskGroup) {
        while slotsInUse < settings.concurrency, let key = queue.get(now: uptime)?.key {
            // No child of this task: a step in flight outlives its cancellation, see `finishSteps`.
            let worker = Task { await self.work(key) }
            workers[key] = worker
            group.addTask { await worker.value }
        }
    }

    /// A pull takes none: it may last many minutes, in which other keys have work to do. How many layers are fetched at
    /// once is the engine's business, which has a limit of its own.
    private var slotsInUse: Int { queue.processingCount - stepsInFlight.values.count(where: \.isPull) }

    /// Lets steps in flight end before we stop, since half a step helps nobody, but not for ever.
    ///
    /// A pull is given up at once: it may take many minutes, and the engine keeps the layers that it has. A step that
    /// is given up has an unknown outcome, which the next run finds by name and mark.
    private func finishSteps() async {
        for (key, step) in stepsInFlight where step.isPull { workers[key]?.cancel() }
        let deadline = uptime + settings.stopGrace
        while queue.processingCount > 0 && uptime < deadline {
            // A task of its own, because in a cancelled one there is no sleep.
            await Task { try? await self.sleep(for: .milliseconds(20)) }.value
        }
        for worker in workers.values { worker.cancel() }
    }

    /// Waits for news or for the next delayed key, whichever comes first.
    private func pause(on wakeUps: inout AsyncStream<Void>.Iterator) async {
        let timer = queue.nextDeadline.map { deadline in
            let wait = max(.zero, deadline - uptime)
            return Task {
                try await self.sleep(for: wait)
                self.wakeUp()
            }
        }
        await wakeUps.next(isolation: self)
        timer?.cancel()
    }

    // MARK: Looking

    /// A full observation at once and then on an interval; while the engine is away, with growing pauses.
    private func resync() async {
        var random = SplitMix64(seed: .random(in: 0...(.max)))
        var failures = 0
        var lastImageRefresh = uptime
        while !Task.isCancelled {
            let isSeen = await observeAll()
            if uptime - lastImageRefresh >= settings.imageRefreshInterval {
                observed.refreshedImages = []
                lastImageRefresh = uptime
            }
            failures = isSeen ? 0 : failures + 1
            if isSeen { enqueueChanges() }
            let pause =
                isSeen
                ? settings.resyncInterval : min(settings.resyncInterval, .milliseconds(250) * (1 << min(failures, 10)))
            let jitter = Double.random(in: 0..<0.1, using: &random)
            // A cancelled sleep ends the loop by its condition.
            try? await sleep(for: pause + pause * jitter)
        }
    }

    /// Follows the engine's events. A lost stream means that the engine went away: everything is looked at again.
    private func followChanges() async {
        while !Task.isCancelled {
            do throws(DriverError) {
                let changes = try await driver.changes(owner: host.owner)
                if await observeAll() { enqueueChanges() }
                for await hint in changes { await look(at: hint) }
                if Task.isCancelled { return }
                logger.warning("event stream lost", metadata: ["event": "engine.stream-lost"])
            } catch {
                logger.debug("no event stream", metadata: ["event": "engine.stream-failed", "message": "\(error)"])
                // The status must not call an engine reachable until the next resync finds out.
                await observeAll()
            }
            // A cancelled sleep ends the loop by its condition.
            try? await sleep(for: .milliseconds(500))
        }
    }
}
