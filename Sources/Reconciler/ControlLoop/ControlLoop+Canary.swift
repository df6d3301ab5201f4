import Logging
import Specs

/// What this run of the program has seen of the step of a canary that is under way.
struct CanaryWatch: Sendable {
    /// When its members were available, in time since the start; before it, where an earlier run saw that.
    var reachedAt: Duration?
    /// When they are judged next; nil is at once.
    var judgeAt: Duration?
    /// The measurement without an answer; nil where none is under way.
    var asked: Ticket?
    var judgement: CanaryJudgement?
    /// When that was begun, or the one that is under way, in time since the start.
    var judgedAt: Duration?
    /// What was measured and not judged yet.
    var readings: [MetricReading]?
    /// By the id of each new member that was available at the last judgement, which run of its container that was.
    var runs: [String: String] = [:]
}

/// The steps of a canary rollout: when one is over, and what its members are judged by.
///
/// Which step it is, and how often it was found bad, is in the journal before anything follows from it. Who may be new, and
/// where ports lead, is for the planner to see (`CanaryOrder`). A next run judges anew before it goes on.
extension ControlLoop {
    // MARK: When a step is over

    /// Goes from one step to the next when its time is over and nothing speaks against it.
    ///
    /// - Returns: whether something is new, and what was planned before says nothing any more.
    mutating func tendCanary(of object: DesiredObject, _ watch: RolloutWatch, _ view: ObjectView) -> Bool {
        guard var state = watch.state.canary, state.course == .steps, watch.state.phase == .progressing,
            let canary = object.strategy.canary, object.strategy.type == .canary
        else { return false }
        var watch = watch
        if !state.hasBegun {
            guard view.hasEarlierMembers else { return false }
            state.hasBegun = true
        } else if !state.isThrough, state.step >= canary.steps.count {
            // A commit has left out steps.
            state.isThrough = true
        } else {
            guard case .forever = mode, view.pause == nil else { return false }
            if state.isRejected {
                // The store has refused to take the failure.
                fail(object.id, watch, object, because: "\(words(watch.state, object)): its members were found bad")
                return true
            }
            if judge(object, watch, view) { return true }
            guard !state.isThrough else { return false }
            let step = canary.steps[state.step]
            guard state.reached != nil else {
                return reach(step, of: object, watch, view)
            }
            guard let news = news(of: &state, step, watch, view, canary.steps.count) else { return false }
            note(event(.normal, .object(object.id), news.reason, news.message))
            if state.step != watch.state.canary?.step { watch.canary = CanaryWatch() }
        }
        watch.state.canary = state
        write(watch, of: object.id)
        wakeHeldKeys(of: object.id)
        return true
    }

    /// All members that the step asks for are available.
    private mutating func reach(
        _ step: RolloutStrategy.Step, of object: DesiredObject, _ watch: RolloutWatch, _ view: ObjectView
    ) -> Bool {
        let needed = step.members(of: view.canaryMembers)
        guard needed > 0, view.turns.counts.available >= needed else { return false }
        var watch = watch
        watch.state.canary?.reached = now.wall
        watch.canary = CanaryWatch(reachedAt: now.uptime)
        watch.canary.judgeAt = now.uptime + (object.strategy.canary?.analysis.initialDelay ?? .zero)
        let message = "\(words(watch.state, object)): \(needed) of \(view.canaryMembers) members are new and available"
        note(event(.normal, .object(object.id), Hold.Gate.canaryStep.rawValue, message))
        write(watch, of: object.id)
        wakeHeldKeys(of: object.id)
        return true
    }

    /// What becomes of a step whose members are available; nil where it goes on as it is.
    private func news(
        of state: inout CanaryState, _ step: RolloutStrategy.Step, _ watch: RolloutWatch, _ view: ObjectView,
        _ steps: Int
    ) -> (reason: String, message: String)? {
        let outcome = watch.canary.asked == nil ? watch.canary.judgement?.outcome : nil
        // Only what was judged at the end of the pause says something of all of it.
        let judgedAt = watch.canary.judgedAt ?? .zero
        let isOver = pauseEnd(of: watch, step).map { $0 <= judgedAt } ?? false
        let areThere = view.turns.counts.available >= step.members(of: view.canaryMembers)
        if areThere, state.isPromoted || isOver && outcome == .passed {
            state.goOn(of: steps)
            let next = state.isThrough ? "all other members follow" : "step \(state.step + 1) of \(steps) begins"
            return ("CanaryStepDone", "\(watch.state.revision): \(next)")
        }
        guard !state.hasAsked, let judgement = watch.canary.judgement else { return nil }
        if step.pause == nil, outcome == .passed {
            state.hasAsked = true
            return (
                Hold.Gate.awaitsPromotion.rawValue,
                "step \(state.step + 1) of \(steps) waits for 'reconcile rollout promote'"
            )
        }
        guard isOver || step.pause == nil, outcome == .inconclusive else { return nil }
        state.hasAsked = true
        return ("AnalysisInconclusive", "\(judgement.message); 'reconcile rollout promote' goes on without it")
    }

    /// When the pause of a step that was reached is over, in time since the start; nil where a person ends it.
    private func pauseEnd(of watch: RolloutWatch, _ step: RolloutStrategy.Step) -> Duration? {
        guard let pause = step.pause, let reached = watch.canary.reachedAt else { return nil }
        return reached + pause
    }

    /// When time alone has it looked at; nil where nothing but an event has.
    func canaryDue(of watch: RolloutWatch, _ object: DesiredObject) -> Duration? {
        guard let state = watch.state.canary, state.course == .steps, state.hasBegun, case .forever = mode,
            watch.canary.asked == nil, let canary = object.strategy.canary
        else { return nil }
        guard state.reached != nil || state.isThrough else { return nil }
        let isStep = !state.isThrough && state.step < canary.steps.count
        let end = isStep ? pauseEnd(of: watch, canary.steps[state.step]) : nil
        return [judgementDue(of: watch, canary), end].compactMap(\.self).filter { $0 > now.uptime }.min()
    }

    /// When the members are judged next, in time since the start: after each interval, and when the pause is over; those
    /// that have gone through all steps without a delay.
    private func judgementDue(of watch: RolloutWatch, _ canary: RolloutStrategy.Canary) -> Duration {
        let next = watch.canary.judgeAt ?? .zero
        guard let state = watch.state.canary, !state.isThrough, state.step < canary.steps.count else { return next }
        let first = watch.canary.reachedAt.map { $0 + canary.analysis.initialDelay } ?? .zero
        if let end = pauseEnd(of: watch, canary.steps[state.step]), end <= now.uptime,
            watch.canary.judgedAt.map({ $0 < end }) ?? true
        {
            return max(first, end)
        }
        return max(next, first)
    }

    // MARK: What it is judged by

    /// Judges the new members where it is time to, or asks what speaks against them.
    ///
    /// - Returns: whether it did.
    private mutating func judge(_ object: DesiredObject, _ watch: RolloutWatch, _ view: ObjectView) -> Bool {
        guard let state = watch.state.canary, state.reached != nil || state.isThrough, watch.canary.asked == nil,
            let canary = object.strategy.canary
        else { return false }
        if let readings = watch.canary.readings {
            judge(object, watch, view, readings)
            return true
        }
        guard judgementDue(of: watch, canary) <= now.uptime else { return false }
        rollouts[object.id]?.canary.judgedAt = now.uptime
        var watch = watch
        watch.canary.judgedAt = now.uptime
        let members = newMembers(view)
        let questions = canary.analysis.questions(about: members.map(\.name).sorted())
        // A question about nobody would be one about everybody.
        if questions.isEmpty || members.isEmpty {
            judge(object, watch, view, [])
            return true
        }
        let ticket = newTicket()
        rollouts[object.id]?.canary.asked = ticket
        ask(.measure(ticket, questions), for: .judgement(object.id))
        return true
    }

    /// The answers to what a judgement asked for.
    mutating func judged(_ ticket: Ticket, _ readings: [MetricReading], of id: ResourceID) {
        errands[ticket] = nil
        guard rollouts[id]?.canary.asked == ticket else { return }
        rollouts[id]?.canary.asked = nil
        rollouts[id]?.canary.readings = readings
        dirtyRollouts.insert(id)
    }

    private mutating func judge(
        _ object: DesiredObject, _ watch: RolloutWatch, _ view: ObjectView, _ readings: [MetricReading]
    ) {
        guard let analysis = object.strategy.canary?.analysis, var state = watch.state.canary else { return }
        var watch = watch
        let members = newMembers(view)
        watch.canary.readings = nil
        let needed =
            state.isThrough ? 0 : object.strategy.canary?.steps[state.step].members(of: view.canaryMembers) ?? 0
        let health = health(of: members, since: watch.canary.runs, view.turns.counts.available, needed)
        let judgement = CanaryJudgement(by: analysis, health, readings, at: now.wall)
        for member in members where view.isAvailable(member) { watch.canary.runs[member.id] = member.startedAt }
        watch.canary.judgeAt = now.uptime + analysis.interval
        watch.canary.judgement = judgement
        let before = state
        switch judgement.outcome {
        case .passed: state.failures = 0
        case .failed: state.failures += 1
        case .inconclusive: break
        }
        state.isRejected = state.failures >= analysis.failureLimit
        watch.state.canary = state
        if judgement.outcome == .failed {
            let count = "\(state.failures) of \(analysis.failureLimit) in a row"
            note(event(.warning, .object(object.id), "JudgementFailed", "\(count): \(judgement.message)"))
        }
        write(watch, of: object.id, isNews: state != before)
        guard state.isRejected else { return }
        let times = state.failures == 1 ? "once" : "\(state.failures) times in a row"
        fail(object.id, watch, object, because: "\(words(watch.state, object)): \(judgement.message), \(times)")
    }

    private func newMembers(_ view: ObjectView) -> [ObservedContainer] {
        view.allContainers.filter { !view.isOfEarlierTemplate($0) && !view.isRetiring($0) }
    }

    /// A member that had been available must have gone on being so; of one that is away altogether nothing is said.
    private func health(
        of members: [ObservedContainer], since runs: [String: String], _ available: Int, _ needed: Int
    ) -> (CanaryJudgement.Outcome, String) {
        if members.isEmpty { return (.inconclusive, "there is no new member") }
        let faults = members.compactMap { member -> String? in
            guard let run = runs[member.id] else { return nil }
            if !member.isReady { return "'\(member.name)' is not ready any more" }
            return member.startedAt == run ? nil : "'\(member.name)' was started again"
        }
        if !faults.isEmpty { return (.failed, faults.sorted().joined(separator: ", ")) }
        if available < needed { return (.inconclusive, "\(available) of \(needed) new members are available") }
        return (.passed, "the new members are healthy")
    }

    // MARK: Words

    /// `step 2 of 3, 20%`
    private func words(_ state: RolloutState, _ object: DesiredObject) -> String {
        guard let canary = state.canary, let steps = object.strategy.canary?.steps else { return "" }
        guard !canary.isThrough, canary.step < steps.count else { return "after all steps" }
        return "step \(canary.step + 1) of \(steps.count), \(steps[canary.step].words)"
    }

    /// How far the steps are; nil where there are none.
    func canarySentence(_ watch: RolloutWatch, _ object: DesiredObject) -> String? {
        guard watch.state.isOpen, let state = watch.state.canary else { return nil }
        switch state.course {
        case .free: return nil
        case .returning: return "ports lead to members of this template as far as there are any"
        case .steps: break
        }
        guard state.hasBegun, let order = order(for: watch, object)?.canary else { return nil }
        guard case .step = order.stage else { return "after all steps: all other members follow" }
        if order.hasFailed { return "\(words(watch.state, object)): ports lead to the old members" }
        let wait =
            switch order.wait {
            case .members: "until its members are available"
            case .pause(let end): "until \(end) and a judgement that passes"
            case .person: "until 'reconcile rollout promote'"
            }
        return "\(words(watch.state, object)), \(wait)"
    }

    // MARK: A person's word

    /// What a person's word would make of a canary.
    ///
    /// - Parameter isFull: all steps that are left are passed over.
    func canaryPromotion(
        of object: DesiredObject, _ state: RolloutState, isFull: Bool, by name: String
    ) throws(CommandRefusal) -> CommandAnswer {
        let id = object.id
        guard let steps = object.strategy.canary?.steps.count, var canary = state.canary, canary.course == .steps,
            canary.hasBegun, !canary.isThrough, state.phase == .progressing
        else {
            let why = state.phase == .failed ? "; 'rollout restart' tries it again" : ""
            throw CommandRefusal(
                .conflict,
                "no step of \(id) waits for anything: its rollout of \(state.revision) is "
                    + state.phase.rawValue.lowercased() + why)
        }
        let message: String
        if isFull {
            canary.skip(all: steps)
            message = "all members of \(id) are replaced, without the steps that are left"
        } else {
            canary.isPromoted = true
            let next = canary.step + 1 < steps ? "step \(canary.step + 2) of \(steps)" : "all members"
            let when = canary.reached == nil ? "as soon as the members of this step are available" : "now"
            message = "\(id) goes on to \(next) \(when)"
        }
        var next = state
        next.canary = canary
        return CommandAnswer(command: .promote(id, next, by: name), message: message)
    }
}
