import Specs

/// Blue-green: all new members beside all old ones, then a switch, and the old ones go when nobody could want them back.
///
/// Who does the work is told apart by incarnations (`ServingMembers`) before the switch and by the template after it: a way
/// back is a rollout of the old template, whose members are there still.
extension ObjectView {
    /// nil where the strategy is another one.
    func findBlueGreen() -> BlueGreenOrder? {
        guard object?.strategy.type == .blueGreen else { return nil }
        // Somebody who only asks what a commit would do knows of no rollout.
        return order?.blueGreen ?? BlueGreenOrder()
    }

    /// Whether it did the work when the rollout began.
    func servesBefore(_ container: ObservedContainer, _ order: BlueGreenOrder) -> Bool {
        order.serving?.covers(container.instance) ?? isOfEarlierTemplate(container)
    }

    /// Whether it stays beside its successor: until the switch because it does the work, after it for a way back.
    func isKeptBeside(_ container: ObservedContainer) -> Bool {
        guard let blueGreen else { return isKeptForCanary(container) }
        switch blueGreen.stage {
        case .beside: return servesBefore(container, blueGreen)
        case .switched: return servesBefore(container, blueGreen) && isOfEarlierTemplate(container)
        case .retiring: return false
        }
    }

    /// Those of the containers that ports may lead to, and that the work is done by.
    func serving(of ready: [ObservedContainer]) -> [ObservedContainer] {
        guard let blueGreen else { return ready }
        switch blueGreen.stage {
        case .beside:
            // Where nobody is left of before, nobody has to wait for a switch.
            guard allContainers.contains(where: { servesBefore($0, blueGreen) }) else { return ready }
            return ready.filter { servesBefore($0, blueGreen) }
        case .switched, .retiring: return ready.filter { !isOfEarlierTemplate($0) }
        }
    }

    /// By slot the highest incarnation of an earlier template; 0 where there is none.
    var incarnationsBefore: [Int] {
        let old = allContainers.filter(isOfEarlierTemplate)
        let last = old.map(\.slot).max() ?? -1
        return (0..<(last + 1)).map { slot in old.filter { $0.slot == slot }.map(\.incarnation).max() ?? 0 }
    }

    /// Whether all new members could do the work now, and do not do it already, as after a way back to what was there before.
    var canSwitch: Bool {
        let counts = turns.counts
        guard let blueGreen, counts.desired > 0, counts.updated == counts.desired, counts.available == counts.desired
        else { return false }
        return slots.contains { slot in keeper(among: containers(slot)).map { !servesBefore($0, blueGreen) } ?? false }
    }
}

/// Old members of a blue-green rollout stay until the switch, and then for `hold`; and it does not begin without room for
/// twice as many.
struct BlueGreenGate: Gate {
    func hold(on action: Action, of view: ObjectView) -> Hold? {
        guard let blueGreen = view.blueGreen else { return nil }
        if action.verb == .replace { return blueGreen.stage == .beside ? view.context.secondSets.holds[view.id] : nil }
        guard action.verb == .remove, action.reason == .surplus else { return nil }
        let (taken, kept) = (action.takesAway, view.containers(action.slot ?? 0).filter(view.isKeptBeside))
        guard !kept.isEmpty, kept.allSatisfy({ taken.contains($0.id) }) else { return nil }
        switch blueGreen.stage {
        case .beside where view.canSwitch && blueGreen.consent == .person:
            return Hold(
                .awaitsPromotion, "all new members are ready; 'reconcile rollout promote \(view.id)' switches to them")
        case .beside:
            if view.canSwitch, let hold = view.switchHold(by: blueGreen.consent) { return hold }
            let counts = view.turns.counts
            return Hold(
                .keptBeside,
                "does the work until all new members are available: \(counts.available) of \(counts.desired)")
        case .switched(let until?):
            return Hold(
                .keptBeside, "kept until \(until); 'reconcile rollout undo \(view.id)' leads back to it at once")
        case .switched(nil):
            return Hold(.keptBeside, "kept as long as the rollout has failed", until: .rollout(view.id))
        case .retiring: return nil
        }
    }
}
