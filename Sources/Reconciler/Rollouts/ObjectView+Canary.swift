import Specs

/// Canary: so many new members as the step under way asks for, and the old ones do the rest.
///
/// New members come from the highest slot downwards, so that whoever takes members away takes new ones first.
extension ObjectView {
    /// nil where there are no steps, and none were given up.
    func findCanary() -> CanaryOrder? {
        if let canary = order?.canary { return canary }
        // Somebody who only asks what a commit would do knows of no rollout.
        return object?.strategy.type == .canary ? CanaryOrder() : nil
    }

    /// The step under way; nil where nothing is left of before, or all steps are done.
    func findCanaryStep() -> RolloutStrategy.Step? {
        guard case .step(let position)? = canary?.stage, let steps = object?.strategy.canary?.steps,
            position < steps.count, hasEarlierMembers
        else { return nil }
        return steps[position]
    }

    var hasEarlierMembers: Bool { allContainers.contains(where: isOfEarlierTemplate) }

    /// How many members a step is about.
    var canaryMembers: Int { object.map { min($0.slots, $0.slotsWithinCapacity) } ?? 0 }

    /// How many members may be new; nil where the steps say nothing.
    var canaryLimit: Int? { canaryStep.map { $0.members(of: canaryMembers) } }

    /// Whether it came with a canary that was given up or passed over: it is never led to as one of the old members.
    func isUnproven(_ container: ObservedContainer) -> Bool {
        guard canary?.serving != nil else { return false }
        return !didWork(container) && isOfEarlierTemplate(container)
    }

    /// Whether it did the work before what is not proven yet, or was made in the place of one that did.
    private func didWork(_ container: ObservedContainer) -> Bool {
        canary?.serving?.contains { $0.covers(container.instance) } ?? false
    }

    private func isOld(_ container: ObservedContainer) -> Bool {
        isOfEarlierTemplate(container) && !isUnproven(container) && !isRetiring(container)
    }

    /// The last old member, as that of one replica, shares the work with its successor until a step asks for all.
    func isKeptForCanary(_ container: ObservedContainer) -> Bool {
        guard let step = canaryStep, object?.strategy.hasSurge == true, !step.isWhole(of: canaryMembers),
            isOld(container)
        else { return false }
        return !allContainers.contains { $0.slot != container.slot && isOld($0) }
    }

    /// Whether old members that are kept beside their successors have work to do.
    var isWorkShared: Bool { blueGreen.map { $0.stage == .beside } ?? true }

    /// The part of new connections that each of these has; who has none is left out.
    func weighted(_ ready: [ObservedContainer]) -> [(container: ObservedContainer, weight: Int)] {
        guard let canary else { return ready.map { ($0, 1) } }
        let ready = ready.contains { isOld($0) || didWork($0) } ? ready.filter { !isUnproven($0) } : ready
        let new = ready.filter { !isOfEarlierTemplate($0) }
        guard !new.isEmpty, new.count < ready.count else { return ready.map { ($0, 1) } }
        switch canary.stage {
        case .rest: return (canary.hasFailed ? ready.filter(isOfEarlierTemplate) : ready).map { ($0, 1) }
        case .returning: return new.map { ($0, 1) }
        case .step:
            let old = ready.filter(isOfEarlierTemplate)
            if canary.hasFailed { return old.map { ($0, 1) } }
            guard let step = canaryStep, let weight = step.weight else { return ready.map { ($0, 1) } }
            let share = CanaryShare(
                weight: weight, needed: step.members(of: canaryMembers), new: new.count, old: old.count)
            return new.map { ($0, share.new) } + (share.old > 0 ? old.map { ($0, share.old) } : [])
        }
    }
}

/// No more members are new than the step under way asks for.
struct CanaryGate: Gate {
    func hold(on action: Action, of view: ObjectView) -> Hold? {
        guard let limit = view.canaryLimit, let slot = action.slot else { return nil }
        switch action.verb {
        case .replace: return view.turns.beyondStep.contains(slot) ? hold(view, limit) : nil
        case .create: return view.turns.withinStep.contains(slot) ? nil : hold(view, limit)
        case .remove:
            let kept = view.containers(slot).filter(view.isKeptForCanary)
            let isTaken = !kept.isEmpty && kept.allSatisfy { action.takesAway.contains($0.id) }
            return isTaken && action.reason == .surplus ? hold(view, limit) : nil
        default: return nil
        }
    }

    private func hold(_ view: ObjectView, _ limit: Int) -> Hold? {
        guard let canary = view.canary, case .step(let position) = canary.stage,
            let steps = view.object?.strategy.canary?.steps
        else { return nil }
        let name = "step \(position + 1) of \(steps.count), \(steps[position].words)"
        let members = "\(limit) of \(view.canaryMembers)"
        switch canary.wait {
        case .members: return Hold(.canaryStep, "\(name): \(members) members may be new, and must become available")
        case .pause(let end): return Hold(.canaryStep, "\(name): \(members) members are new until \(end)")
        case .person:
            return Hold(.awaitsPromotion, "\(name): 'reconcile rollout promote \(view.id)' goes on")
        }
    }
}
