import Reconciler
package import Specs

extension Checker {
    /// Whether the program has written down a step of this object, as far as any tells of members.
    package func isStepping(_ object: ResourceID) -> Bool { steps[object] != nil }

    /// The share of the step that is under way, in percent; nil where nothing is left of before.
    private func canaryShare(of object: ObjectFacts) -> Int? {
        guard let weights = object.weights, let step = steps[object.id], step < weights.count else { return nil }
        let isSomethingLeft = (0..<object.slots).contains { slot in
            mirror.known(of: MemberID(object.id, slot)).contains {
                $0.status != .removing && !mirror.fitsAsKnown($0, object)
            }
        }
        return isSomethingLeft ? weights[step] : nil
    }

    /// What is new already, what is being made, and this one.
    mutating func checkCanary(_ call: CallFacts, _ member: MemberID, _ object: ObjectFacts) {
        guard let share = canaryShare(of: object), object.slots > 0 else { return }
        let wanted = max(1, (object.slots * share + 99) / 100)
        let most = share >= 100 ? object.slots : min(wanted, max(1, object.slots - 1))
        let others = (0..<object.slots).map { MemberID(object.id, $0) }.filter { other in
            guard other != member, !lateMembers.contains(other) else { return false }
            if mirror.known(of: other).contains(where: { mirror.fitsAsKnown($0, object) }) { return true }
            return calls.values.contains {
                !$0.isGivenUp && $0.facts.verb == .create && $0.facts.member == other
            }
        }
        guard others.count + 1 > most else { return }
        violate(
            .canaryStep,
            "\(words(call)) while slots \(others.map(\.slot)) of \(object.id) are new already, and its step of \(share) % "
                + "allows \(most)")
    }

    /// What new members have beside old ones.
    mutating func checkCanaryShares(of call: CallFacts) {
        for object in (inForce?.objects.values ?? [:].values).sorted(by: { $0.id < $1.id }) where object.isLed {
            guard let share = canaryShare(of: object) else { continue }
            var (new, old) = (0, 0)
            for (address, weight) in call.weights {
                let known = mirror.containers.values.compactMap(\.known).filter {
                    $0.address == address && $0.member?.object == object.id
                }
                guard let container = known.first else { continue }
                if mirror.fitsAsKnown(container, object) { new += weight } else { old += weight }
            }
            // Weights are whole numbers, and nobody who is led to has none.
            if old > 0, new > 1, new * 100 > share * (new + old) {
                violate(
                    .canaryStep,
                    "\(words(call)) leads \(new) of \(new + old) to new members of \(object.id), at \(share) %")
            }
        }
    }
}
