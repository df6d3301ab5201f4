import Specs

/// Members that must keep apart do not meet on this host: the one that is here stays, and else the first in order goes.
///
/// An anti-affinity that is not required asks only where a choice is, and on one host there is none.
struct AntiAffinityGate: Gate {
    func hold(on action: Action, of view: ObjectView) -> Hold? {
        guard action.startsMember, let slot = action.slot, let object = view.object, !object.apartFrom.isEmpty else {
            return nil
        }
        // An attempt that has ended is here with its logs, and its run is not.
        let isHere = view.context.slotsInUse(of: view.id).contains(slot)
        for other in object.apartFrom.sorted() {
            let rival = other == view.id ? rivalSlot(of: slot, isHere, view) : self.rival(other, isHere, view)
            guard let rival else { continue }
            return Hold(.antiAffinity, "must not share a host with \(rival), which \(whereabouts(rival, view))")
        }
        return nil
    }

    private func whereabouts(_ member: MemberID, _ view: ObjectView) -> String {
        view.context.observed.hasContainers(of: member.object, slot: member.slot) ? "is here" : "goes first"
    }

    /// Another slot of the same object that is here; for one that is not here itself, also one that goes first.
    private func rivalSlot(of slot: Int, _ isHere: Bool, _ view: ObjectView) -> MemberID? {
        let here = view.context.slotsInUse(of: view.id).filter { $0 != slot && (!isHere || $0 < slot) }.min()
        if let here { return MemberID(view.id, here) }
        return !isHere && slot > 0 && view.object?.task == nil ? MemberID(view.id, 0) : nil
    }

    private func rival(_ other: ResourceID, _ isHere: Bool, _ view: ObjectView) -> MemberID? {
        if let slot = view.context.slotsInUse(of: other).min() {
            return isHere && view.id < other ? nil : MemberID(other, slot)
        }
        guard !isHere, other < view.id, view.context.willStart(other) else { return nil }
        return MemberID(other, 0)
    }
}

extension PlanContext {
    /// Whether the first member of an object may be expected here, as far as that can be told without planning it.
    func willStart(_ id: ResourceID) -> Bool {
        // Nobody waits for a run that may be due next year.
        guard let object = desired.objects[id], object.task == nil, object.slotsWithinCapacity > 0,
            object.unenforced.isEmpty
        else {
            return false
        }
        let pool = desired.hostPools[object.hostPool]?.spec
        let isKeptAway =
            drain(of: object) != nil || pool?.cordon == true || pool?.taints.contains { !object.tolerates($0) } == true
        return gates.shares[object.hostPool] == .everything && !isKeptAway
    }
}
