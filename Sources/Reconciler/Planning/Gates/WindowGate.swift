import Specs

/// Changes wait for the windows of the objects that they change.
///
/// Repair is never held: what is down would stay down until the window. Nor is looking. What an unfinished replacement
/// still needs passes as `overrun` says.
struct WindowGate: Gate {
    func hold(on action: Action, of view: ObjectView) -> Hold? {
        guard !view.context.desired.windows.isEmpty, action.isChange, !action.isRepair,
            !view.followsLoad(action)
        else { return nil }
        return view.windowHold(
            on: action.actionClass, lasting: view.bound(on: action), view.isUnderWay(action) ? .begunInTime : .notBegun)
    }
}

/// What is asked, and which windows.
struct WindowInquiry: Hashable {
    var windows: [String]
    var question: WindowQuestion
}

extension PlanContext {
    fileprivate func decision(of windows: WindowSet, on question: WindowQuestion) -> WindowDecision {
        let inquiry = WindowInquiry(windows: windows.windows.map(\.name), question: question)
        if let known = windowDecisions[inquiry] { return known }
        let decision = windows.decision(on: question)
        windowDecisions[inquiry] = decision
        return decision
    }
}

extension Action {
    /// It brings back what ran and does not, or ends what is over, without changing what there is.
    fileprivate var isRepair: Bool {
        switch verb {
        case .start, .restart, .pause, .unpause, .rename: !startsMember
        // What was handed out goes when its claim is over, and a run when its time or its history is: that is no change of
        // what there is.
        case .remove where reason == .released || reason == .outOfHistory: true
        case .stop where reason.endsRun: true
        case .create, .update, .replace, .remove, .stop, .pull, .await: false
        }
    }
}

extension ObjectView {
    /// Why the ports of a blue-green rollout may not be led to its new members now.
    ///
    /// They were made when windows let them, and nobody is stopped at that moment: it goes on as `overrun` says.
    func switchHold(by consent: BlueGreenOrder.Consent) -> Hold? {
        guard case .windows(let isManual) = consent else { return nil }
        return windowHold(on: .disruptive, .begunInTime, isManual: isManual)
    }

    /// - Parameter bound: how long it may take at most.
    func windowHold(
        on actionClass: ActionClass, lasting bound: Duration = .zero, _ progress: WindowQuestion.Progress,
        isManual: Bool = false
    ) -> Hold? {
        let windows = windows(for: actionClass)
        if windows.isEmpty { return nil }
        let now = context.now.wall
        if context.gates.windowOverrides.contains(where: { $0.covers(id, at: now) }) { return nil }
        let isManual = isManual || context.gates.manualSyncs.contains(id)
        let question = WindowQuestion(at: now, lasting: bound, isManual: isManual, progress)
        guard case .held(let hold) = context.decision(of: windows, on: question) else { return nil }
        return Hold(.window, hold.text(at: now), until: hold.until.map { .time($0) })
    }

    /// The windows that speak of a class of action on this object. Of one that is no longer declared the labels are gone
    /// with it, so only selectors that select everything speak of it.
    func windows(for actionClass: ActionClass) -> WindowSet {
        if let known = windowsByClass[actionClass] { return known }
        let windows = context.desired.windows.concerning(actionClass, on: object?.labels ?? [:])
        windowsByClass[actionClass] = windows
        return windows
    }

    /// An Autoscaler has fewer members: like more of them, that is no change that people plan for.
    fileprivate func followsLoad(_ action: Action) -> Bool {
        guard object?.liveSize != nil, case .scaledDown = action.reason else { return false }
        return true
    }

    /// Whether a part of the action is done already: its slot has a successor beside the old container, or its removal
    /// has begun.
    fileprivate func isUnderWay(_ action: Action) -> Bool {
        guard let slot = action.slot else { return false }
        if context.gates.underWay.contains(MemberID(id, slot)) { return true }
        let all = containers(slot)
        if all.contains(where: isRetiring) { return true }
        // What is left of an earlier one is no successor.
        guard let working = all.filter(\.isReady).map(\.incarnation).min() else { return all.count > 1 }
        return all.contains { $0.incarnation > working }
    }

    /// How long an action may take away from its members what they do, at most, as far as the spec bounds it.
    ///
    /// A container that must become ready has the time that its health check gives it before it counts as unhealthy; one
    /// that is stopped has its stop timeout. What is safe needs no time.
    fileprivate func bound(on action: Action) -> Duration {
        if action.actionClass == .safe { return .zero }
        var bound = Duration.zero
        for step in action.steps {
            switch step {
            case .stop(_, let timeout):
                bound += timeout + (object?.ledPorts.isEmpty == false ? TrafficMap.grace : .zero)
            case .createContainer: bound += object?.container.template.readinessBound ?? .zero
            default: continue
            }
        }
        return bound
    }
}

extension ContainerTemplate {
    /// How long a new container may take until it is ready or counts as unhealthy.
    fileprivate var readinessBound: Duration {
        guard let check = healthCheck else { return .zero }
        return check.startPeriod + (check.interval + check.timeout) * check.retries
    }
}
