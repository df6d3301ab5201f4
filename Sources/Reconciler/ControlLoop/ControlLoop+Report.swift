import Specs

/// What the outside may see of the loop, and how it asks it to look.
extension ControlLoop {
    /// Everything that may be asked about, as of this moment; makes one plan for the whole host.
    package func report(asOf now: Now) -> HostReport {
        var moment = self
        moment.now = now
        let plan = moment.currentPlan()
        let status = moment.status(with: plan)
        var figures = ControllerFigures()
        figures.queue = queue.metrics(now: now.uptime)
        figures.stepsInFlight = flights.count
        figures.concurrencyLimit = concurrency.current
        figures.stalledKeys = stalls.count
        figures.firewall = firewallMeter
        figures.observationAge = informer.lastObservation.map { now.uptime - $0 }
        figures.pools = pools.mapValues(\.meter)
        var report = HostReport(
            status: status, plan: plan, desired: desired, observed: informer.observed,
            retiring: Set(phases.filter { $0.value == .retiring }.keys), figures: figures)
        report.pools = status.pools ?? []
        report.claims = claims.open
        report.autoscalers = autoscalerReports
        report.rollouts = rolloutReports
        report.tasks = taskReports
        return report
    }

    func status(with plan: Plan?) -> HostStatus {
        var status = HostStatus(
            host: host, desired: desired, observed: informer.observed, plan: plan, stalls: allStalls,
            pauses: gates.pauses, crashLoops: crashLoops(at: now), isObserved: informer.lastObservation != nil,
            engineProblem: informer.problem, pools: poolStatuses)
        status.add(autoscalerReports)
        status.drains = drainReports(plan)
        status.add(taskReports)
        status.overrides = gates.windowOverrides.filter { $0.until > now.wall }
        return status
    }

    /// Stalls of keys, and of pools in which nothing becomes ready.
    var allStalls: [Key: Stall] {
        stalls.merging(slowPools.map { (Key.object($0.key), $0.value) }) { own, _ in own }
            .merging(failedRollouts) { own, _ in own }
    }

    /// Members that keep stopping. A daemon starts them for ever, later and later, so they are no stalls of its.
    func crashLoops(at now: Now) -> [MemberID: Int] {
        restarts.crashLoops(from: settings.failuresBeforeStall, at: now.uptime)
    }

    /// Looks at the whole host from now on, and lets keys that failed try again at once: somebody asks for it.
    package mutating func lookAgain(now: Now) -> [Effect] {
        self.now = now
        limiter.forgetAll()
        observe()
        return conclude()
    }
}
