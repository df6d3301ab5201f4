import Specs

/// A member that is available is taken away only if enough others stay available.
///
/// What is down already costs nothing, so healing is never held. Where several members want to go at once, what the
/// budget allows is handed out in one order, so that workers side by side cannot spend it twice: first to those that are
/// on their way already, then by slot.
struct DisruptionGate: Gate {
    func hold(on action: Action, of view: ObjectView) -> Hold? {
        // At the deadline of a drain by force the rest goes in spite of it.
        if action.reason == .draining, view.drain?.stage == .forced { return nil }
        guard action.verdict == .go, let object = view.object, let budget = object.disruptionBudget,
            let slot = action.slot, view.costsAvailability(action)
        else { return nil }
        let minimum = budget.minimum(of: object.slots)
        let available = view.availableSlots
        let place = view.slotsThatGo.firstIndex(of: slot) ?? 0
        guard place >= available - minimum else { return nil }
        if minimum >= object.slots, slot < object.slots {
            let message = "\(budget) never lets one of \(object.slots) members go, and \(Self.why(action, object))"
            return Hold(.disruptionBudget, message, until: .commit)
        }
        let message = "\(available) of \(object.slots) members are available, and \(budget) keeps \(minimum)"
        return Hold(.disruptionBudget, message, until: .ready(minimum + place + 1))
    }

    private static func why(_ action: Action, _ object: DesiredObject) -> String {
        switch action.verb {
        case .replace where object.strategy.type == .recreate:
            "strategy 'recreate' must take each away; 'rolling' need not"
        case .replace: "without 'maxSurge' each must be taken away"
        default: "this takes one away"
        }
    }
}

extension ObjectView {
    /// The next steps of the action leave its slot without a ready container, and it has one now.
    func costsAvailability(_ action: Action) -> Bool {
        guard let slot = action.slot else { return false }
        let gone = action.takesAway
        guard !gone.isEmpty else { return false }
        let serving = containers(slot).filter(\.isReady)
        return !serving.isEmpty && serving.allSatisfy { gone.contains($0.id) }
    }

    /// How many slots have a ready container, slots beyond the replicas included. One that retires does its work until it
    /// is stopped, and is the first of `slotsThatGo`.
    func countAvailableSlots() -> Int {
        context.observed.slots(of: id).count { containers($0).contains(where: \.isReady) }
    }

    /// Slots that lose their last ready container: first those in which that has begun, whatever holds its next step now,
    /// for it may be on its way; then those whose next action would do so and passes all other gates, in order.
    func findSlotsThatGo() -> [Int] {
        let begun = slots.filter { slot in
            let serving = containers(slot).filter(\.isReady)
            return !serving.isEmpty && serving.allSatisfy(isRetiring)
        }
        return begun
            + slots.filter { slot in
                guard !begun.contains(slot), let need = Planner.need(of: slot, self) else { return false }
                return costsAvailability(need) && mayGo(need)
            }
    }
}
