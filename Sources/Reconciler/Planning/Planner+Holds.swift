import Specs

extension Planner {
    /// Of a held object nothing is created and what exists is left alone; what would be done without the hold is said.
    static func held(_ slot: Int, _ object: DesiredObject, _ view: ObjectView, by hold: Hold) -> Action? {
        let present = view.containers(slot)
        if hold.gate == .hostNotSelected {
            // What is for other hosts is only worth a line where it runs here.
            guard !present.isEmpty else { return nil }
            return Action(
                .member(MemberID(view.id, slot)), .remove, .notSelected, at: object.position(of: "spec.hostPool"),
                class: .destructive, steps: [], verdict: .held(hold))
        }
        guard !present.isEmpty else {
            return Action(
                .member(MemberID(view.id, slot)), .create, .missing, at: object.position(of: "spec.hostPool"),
                class: .safe, steps: [], verdict: .held(hold))
        }
        if var action = need(of: slot, view) {
            guard action.verb != .await else { return action }
            (action.steps, action.verdict) = ([], .held(hold))
            return action
        }
        guard let lack = hold.lack, present.contains(where: { $0.status == .running }) else { return nil }
        return Action(
            .member(MemberID(view.id, slot)), .update, .notEnforced, at: object.origin, class: .safe, steps: [],
            verdict: .held(lack))
    }
}
