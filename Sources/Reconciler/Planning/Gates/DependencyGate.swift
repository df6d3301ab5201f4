import Specs

/// A member is not started where an object that it depends on cannot become ready on this host.
///
/// One that only is not ready yet is waited for: see `ObjectView.dependency`.
struct DependencyGate: Gate {
    func hold(on action: Action, of view: ObjectView) -> Hold? {
        guard action.startsMember, let object = view.object else { return nil }
        for id in object.dependsOn {
            guard let other = view.context.desired.objects[id] else {
                return Hold(.dependency, "depends on \(id), which has no members here")
            }
            guard let hold = view.context.objectHold(on: other) else { continue }
            let why =
                hold.gate == .hostNotSelected
                ? "which runs on other hosts, where nobody here can see it" : "which is held: \(hold.gate.rawValue)"
            return Hold(.dependency, "depends on \(id), \(why)")
        }
        return nil
    }
}

extension ObjectView {
    /// The first member that an object needs and that is not ready yet.
    func unreadyDependency() -> Key? {
        for id in object?.dependsOn ?? [] {
            for slot in 0..<(context.desired.objects[id]?.slots ?? 0)
            where !context.observed.containers(of: id, slot: slot).contains(where: \.isReady) {
                return .member(MemberID(id, slot))
            }
        }
        return nil
    }
}
