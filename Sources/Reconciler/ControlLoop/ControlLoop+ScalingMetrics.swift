import Specs

/// What autoscalers go by: what the loop knows by itself, and what it must ask for.
extension ControlLoop {
    /// A question with the position of its metric.
    struct ScalingQuestion {
        var metric: Int
        var question: MetricQuestion
    }

    /// What must be asked for one evaluation.
    func questions(of watch: ScalingWatch) -> [ScalingQuestion] {
        watch.spec.metrics.enumerated().compactMap { index, metric in
            question(of: metric, watch.target).map { ScalingQuestion(metric: index, question: $0) }
        }
    }

    private func question(of metric: Autoscaler.Metric, _ target: ResourceID) -> MetricQuestion? {
        switch metric.type {
        case .poolUtilization, .poolExhausted, .claimRate: nil
        case .resource:
            metric.name.map { name in
                // Those that are frozen are members too, and have files to read as all others.
                let running = membersAtWork(of: target).filter { $0.scalingPhase == .running }
                return .members(name, containers: running.map(\.id).sorted())
            }
        case .hostResource: metric.name.map { .host($0) }
        case .prometheus: metric.prometheus.map { .prometheus($0, maxAge: metric.maxAge) }
        case .external: metric.external.map { .external($0) }
        case .queue: metric.queue.map { .queue($0) }
        }
    }

    func scalingInput(for watch: inout ScalingWatch, current: Int) -> ScalingInput {
        let readings = watch.spec.metrics.enumerated().map { index, metric in
            ownReading(metric, watch, current) ?? watch.readings[index] ?? .failed("it was not measured yet")
        }
        return ScalingInput(
            now: now.wall, current: current, members: members(of: &watch, current: current), readings: readings)
    }

    // MARK: Pools

    /// What the loop knows by itself; nil for what it asks for.
    private func ownReading(_ metric: Autoscaler.Metric, _ watch: ScalingWatch, _ current: Int) -> MetricReading? {
        let pool = watch.target
        switch metric.type {
        case .poolUtilization:
            let claimed = claims.open(of: pool).count { $0.container != nil }
            // Members that are on their way count: what was done about the last claim is not done again for this one.
            let total = max(current, presentMembers(of: pool))
            let isEmpty = claims.waiting[pool]?.isEmpty ?? true
            let share = total == 0 ? (isEmpty ? 0 : 100) : Double(claimed) * 100 / Double(total)
            return .whole(share, at: now.wall)
        case .poolExhausted:
            return .whole(Double(watch.newMisses(of: pools[pool])), at: now.wall)
        case .claimRate:
            var arrivals = pools[pool]?.arrivals ?? ArrivalRate()
            guard let rate = arrivals.perSecond(at: now.uptime) else {
                return .failed("claims are counted for less than 15 s")
            }
            return .whole(rate, at: now.wall)
        case .resource, .hostResource, .prometheus, .external, .queue: return nil
        }
    }

    // MARK: Members

    private func members(of watch: inout ScalingWatch, current: Int) -> [ScaledMember] {
        // With every claim of a pool that is not cheap, and mostly nobody asks.
        guard watch.asksForMembers else { return [] }
        let containers = informer.observed.containers(of: watch.target)
        watch.readiness.keep(Set(containers.map(\.id)))
        let atWork = Set(membersAtWork(of: watch.target).map(\.id))
        var members = containers.compactMap { container -> ScaledMember? in
            let started = try? Instant.parse(container.startedAt)
            let since = watch.readiness.note(container, started: started, at: now.wall)
            if !atWork.contains(container.id) { return nil }
            return ScaledMember(
                container.id, container.scalingPhase, isLeaving: isLeaving(container), isReady: container.isReady,
                started: started, readyChanged: since, limits: limits(of: container))
        }
        // Numbers that are about a pool or a host as a whole are about all the members that there are to be, and these
        // come up within moments: else every look at a pool that fills up would call it too large.
        if !watch.spec.metrics.contains(where: { $0.type == .resource }), watch.target.kind != .workload {
            let staying = members.count { !$0.isLeaving }
            for index in members.indices where !members[index].isLeaving {
                members[index].phase = .running
                members[index].isReady = true
            }
            members += (0..<max(0, current - staying)).map { ScaledMember("to-come-\($0)") }
        }
        return members
    }

    /// Those that load comes to: of the two sets of a blue-green rollout the one that does the work, or what the other does not
    /// use would look like room to spare.
    private func membersAtWork(of target: ResourceID) -> [ObservedContainer] {
        let all = informer.observed.containers(of: target)
        guard desired?.objects[target]?.strategy.type == .blueGreen, let view = view(of: target) else { return all }
        return view.serving(of: all)
    }

    func presentMembers(of object: ResourceID) -> Int {
        informer.observed.containers(of: object).count { !isLeaving($0) }
    }

    private func isLeaving(_ container: ObservedContainer) -> Bool {
        phases[container.instance] == .retiring || container.status == .removing || container.status == .dead
    }

    /// In thousandths, as far as the container has limits.
    private func limits(of container: ObservedContainer) -> [Autoscaler.Metric.ResourceName: Int64] {
        var limits: [Autoscaler.Metric.ResourceName: Int64] = [:]
        if let nanoCPUs = container.live.nanoCPUs { limits[.cpu] = nanoCPUs / 1_000_000 }
        if let memory = container.live.memory, memory < .max / 1_000 { limits[.memory] = memory * 1_000 }
        return limits
    }
}

extension ObservedContainer {
    /// One that stopped is started again, so that it is on its way and does no work.
    fileprivate var scalingPhase: ScaledMember.Phase {
        switch self.status {
        case .running, .paused: .running
        case .created, .restarting, .exited: .pending
        case .removing, .dead: .failed
        }
    }
}
