import Logging
import Specs

/// Autoscalers: when each is looked at, what it is asked by, and what becomes of its answer.
///
/// On the interval of the spec, when its bounds change, and, for pools, with every claim. What only the world knows is asked for
/// as an effect; the decision itself is `Autoscaling`'s, and what it comes to is written down before anything is begun.
extension ControlLoop {
    /// Takes in which autoscalers there are now, and gives their objects the numbers that they had.
    mutating func followAutoscalers() {
        guard let desired else { return }
        let active = desired.activeAutoscalers
        let targets = Set(active.map(\.spec.target))
        for target in autoscalers.keys.sorted() where !targets.contains(target) {
            autoscalers[target] = nil
            note(.forgetScaling(target))
        }
        for target in storedScaling.keys.sorted() where !targets.contains(target) {
            storedScaling[target] = nil
            note(.forgetScaling(target))
        }
        for autoscaler in active {
            let target = autoscaler.spec.target
            var watch = autoscalers[target] ?? ScalingWatch(autoscaler, storedScaling[target] ?? ScalingState())
            if watch.spec != autoscaler.spec {
                watch.readings = [:]
                watch.asked = nil
            }
            watch.autoscaler = autoscaler
            // A revision may say something else of its bounds, or of what it scales.
            watch.due = now.uptime
            autoscalers[target] = watch
        }
        findLiveSizes()
        scheduleScaling()
    }

    /// Gives every object its autoscaler's number: the one of before, or one that what is there suggests.
    ///
    /// One of before that is outside of the bounds, as a commit may have changed them, is brought within them by a decision in the
    /// same `take`, which tells of it. A single run decides nothing.
    mutating func findLiveSizes() {
        guard informer.isCurrent, informer.observed.isComplete, let desired else { return }
        var sizes: [ResourceID: LiveSize] = [:]
        for (target, watch) in autoscalers where desired.objects[target]?.liveSize == nil {
            guard let object = desired.objects[target] else { continue }
            var live = object.firstLiveSize(
                by: watch.autoscaler, watch.state, present: presentMembers(of: target), at: now.wall,
                zones: desired.zones)
            if case .forever = mode, let size = watch.state.size, size > 0, isOurs(target),
                !object.isOff(under: watch.spec)
            {
                if size != live.size {
                    autoscalers[target]?.due = now.uptime
                    nextScaling = now.uptime
                }
                live.size = size
            }
            autoscalers[target]?.state.size = live.size
            sizes[target] = live
        }
        self.desired?.resize(sizes)
    }

    // MARK: When

    /// Looks at every autoscaler that is due, or whose pool was asked for a member.
    mutating func tendAutoscalers() {
        if autoscalers.isEmpty { return dirtyAutoscalers.removeAll() }
        guard isRunning, !isStopping, case .forever = mode, informer.isCurrent else { return }
        let dirty = dirtyAutoscalers
        dirtyAutoscalers = []
        let isDue = nextScaling.map { $0 <= now.uptime } ?? false
        if dirty.isEmpty && !isDue { return }
        let due = isDue ? autoscalers.filter { $0.value.due <= now.uptime }.map(\.key) : []
        for target in Set(due).union(dirty).sorted() { look(at: target, isDue: due.contains(target)) }
        scheduleScaling()
    }

    private mutating func look(at target: ResourceID, isDue: Bool) {
        guard var watch = autoscalers[target] else { return }
        guard isDue else { return decide(target, isDue: false) }
        watch.due = nextLook(at: watch)
        // What is not decided here need not be measured here.
        guard isOurs(target) else {
            autoscalers[target] = watch
            return
        }
        let questions = questions(of: watch)
        if questions.isEmpty || watch.asked != nil {
            autoscalers[target] = watch
            return decide(target)
        }
        let ticket = newTicket()
        watch.asked = ticket
        autoscalers[target] = watch
        ask(.measure(ticket, questions.map(\.question)), for: .measurement(target))
        // Bounds hold at once, whatever is measured.
        if isOutOfBounds(watch) { decide(target) }
    }

    private func isOutOfBounds(_ watch: ScalingWatch) -> Bool {
        guard let size = watch.state.size, let desired else { return false }
        return !ScalingBounds(of: watch.spec, at: now.wall, zones: desired.zones).range.contains(size)
    }

    /// On the interval, or as soon as a schedule changes the bounds. The wall clock may be set: then the interval finds out.
    private func nextLook(at watch: ScalingWatch) -> Duration {
        let regular = now.uptime + watch.spec.interval
        guard let change = watch.spec.nextBoundsChange(after: now.wall, zones: desired?.zones ?? [:]) else {
            return regular
        }
        return min(regular, now.uptime + max(.seconds(1), change.wall - now.wall.wall))
    }

    private mutating func scheduleScaling() {
        nextScaling = if case .forever = mode { autoscalers.values.lazy.map(\.due).min() } else { nil }
    }

    /// When time alone has an autoscaler looked at: not before the host is known, which an observation tells.
    var scalingDeadline: Duration? { informer.isCurrent ? nextScaling : nil }

    mutating func measured(_ ticket: Ticket, _ readings: [MetricReading]) {
        if case .judgement(let id)? = errands[ticket] { return judged(ticket, readings, of: id) }
        guard case .measurement(let target)? = errands.removeValue(forKey: ticket),
            var watch = autoscalers[target], watch.asked == ticket
        else { return }
        watch.asked = nil
        for (question, reading) in zip(questions(of: watch), readings) { watch.readings[question.metric] = reading }
        autoscalers[target] = watch
        decide(target)
    }

    // MARK: What

    /// Decides by what is known, and carries it out.
    ///
    /// - Parameter isDue: false for one of many looks at a pool that is asked for members: what it only recommends is written
    ///   down with the next that is due.
    private mutating func decide(_ target: ResourceID, isDue: Bool = true) {
        guard !isStopping, let desired, var watch = autoscalers[target], isOurs(target) else { return }
        guard let current = watch.state.size ?? firstHosts(for: watch) else { return }
        let decision: ScalingDecision
        if let failure = failure(of: target) {
            let bounds = ScalingBounds(of: watch.spec, at: now.wall, zones: desired.zones)
            decision = Autoscaling.failed(failure, current: current, bounds: bounds, watch.state)
        } else {
            let input = scalingInput(for: &watch, current: current)
            decision = Autoscaling.decide(watch.spec, input, watch.state, zones: desired.zones)
        }
        let before = watch.decision
        watch.state = decision.state
        watch.state.forgetWhatCannotMatter(for: watch.spec.behavior, at: now.wall)
        watch.decision = decision
        watch.decidedAt = now.wall
        if decision.isChange {
            watch.state.record(
                from: current, to: decision.desired, behavior: watch.spec.behavior, at: now.wall)
        }
        if decision.desired > current { watch.answerMisses(of: pools[target]) }
        autoscalers[target] = watch
        if isDue || decision.isChange { note(.scaled(target, watch.state)) }
        tell(decision, before, of: target)
        resize(target, to: decision, by: watch.autoscaler.id.name)
        if target.kind == .hostPool { orderHosts(target) }
    }

    /// Only what this host has a share of.
    private func isOurs(_ target: ResourceID) -> Bool {
        hostPool(of: target).map { gates.shares[$0] == .everything } ?? false
    }

    private func hostPool(of target: ResourceID) -> String? {
        target.kind == .hostPool ? target.name : desired?.objects[target]?.hostPool
    }

    private func failure(of target: ResourceID) -> ScalingFailure? {
        if target.kind == .hostPool || informer.observed.isComplete { return nil }
        return .noTarget("the host was not seen in full")
    }

    /// Puts the number in force, and has whatever it concerns looked at.
    private mutating func resize(_ target: ResourceID, to decision: ScalingDecision, by autoscaler: String) {
        guard let object = desired?.objects[target] else { return }
        let live = LiveSize(autoscaler: autoscaler, size: decision.desired, bounds: decision.bounds)
        if object.liveSize == live { return }
        desired?.resize([target: live])
        if object.liveSize?.size == live.size { return }
        add(.object(target), .rollOut)
        if object.pool != nil {
            dirtyPools.insert(target)
        } else {
            let (least, most) = (min(object.slots, live.size), max(object.slots, live.size))
            for slot in least..<most { add(.member(MemberID(target, slot)), .rollOut) }
        }
    }

    /// Events, in the words of Kubernetes'.
    private mutating func tell(_ decision: ScalingDecision, _ before: ScalingDecision?, of target: ResourceID) {
        let key = Key.object(target)
        if decision.isChange {
            let message = "from \(decision.current) to \(decision.desired): \(decision.changeReason)"
            note(event(.normal, key, "SuccessfulRescale", message))
            logger.notice(
                "rescaled",
                metadata: ["event": "autoscaler.rescaled", "object": "\(target)", "message": "\(message)"])
        }
        for kind in [ScalingCondition.Kind.ableToScale, .scalingActive] {
            guard let condition = decision.condition(kind), !condition.status else { continue }
            if let old = before?.condition(kind), !old.status, old.reason == condition.reason { continue }
            note(event(.warning, key, condition.reason.rawValue, condition.message))
        }
    }

    /// How the autoscalers stand, in the order of their names.
    var autoscalerReports: [AutoscalerReport] {
        (desired?.activeAutoscalers ?? []).map { autoscaler in
            guard var watch = autoscalers[autoscaler.spec.target] else {
                return AutoscalerReport(autoscaler.id, target: autoscaler.spec.target)
            }
            if watch.decision == nil { watch.decision = refusal(of: watch) }
            return AutoscalerReport(watch)
        }
    }

    /// What is said of one that this host never decides about; nil where it does.
    private func refusal(of watch: ScalingWatch) -> ScalingDecision? {
        guard let desired, let pool = hostPool(of: watch.target),
            let hold = Hold(share: gates.shares[pool] ?? .notSelected, of: pool, host: host.identity.name)
        else { return nil }
        let bounds = ScalingBounds(of: watch.spec, at: now.wall, zones: desired.zones)
        return Autoscaling.failed(
            .noTarget(hold.message), current: watch.state.size ?? bounds.min, bounds: bounds, watch.state)
    }
}

extension ScalingDecision {
    /// What led to another number: the metric that asked for it, or the bounds.
    fileprivate var changeReason: String {
        recommendations.isEmpty ? condition(.ableToScale)?.message ?? why : why
    }
}
