import Specs

/// A rollout that has failed replaces nothing more: what is left of the old members goes on doing the work.
///
/// Repair goes on, also of new members, which may still become ready; so does whatever had begun already.
struct RolloutGate: Gate {
    func hold(on action: Action, of view: ObjectView) -> Hold? {
        guard action.verb == .replace, case .changed = action.reason, let failure = view.order?.failure else {
            return nil
        }
        // As long as there is no new member at all, nothing is lost by trying again.
        if view.turns.counts.updated == 0 { return nil }
        return Hold(.rolloutFailed, failure, until: .rollout(view.id))
    }
}
