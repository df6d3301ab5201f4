import Crypto
package import Specs

/// How much one revision may remove from this host without a person's word.
package struct PruneBudget: Hashable, Sendable, CustomStringConvertible {
    /// Containers, or the share of all containers of ours on this host; 0 asks for every removal.
    package var limit: CountOrPercent

    /// A tenth: small enough that a lost folder is noticed, large enough for everyday commits on a host of some size.
    package static let `default` = PruneBudget(.percent(Percentage(10)))

    package init(_ limit: CountOrPercent) { self.limit = limit }

    /// How many of so many containers. A share is at least one container, unless it is 0 %.
    ///
    /// Rounded down, a removal that was within the budget stays within it while it is carried out.
    package func allowed(of containers: Int) -> Int {
        switch limit {
        case .count(let count): count
        case .percent(let share): share.hundredths == 0 ? 0 : max(1, share.roundedDown(of: containers))
        }
    }

    package var description: String { limit.description }
}

/// All that a revision would remove from this host: what is here, ours, and of objects that it no longer declares.
///
/// Never what scaling takes away, nor slots beyond `replicas`, nor what a pool only no longer selects, which is left
/// alone anyway.
package struct RemovalSet: Hashable, Sendable {
    /// The id of the revision.
    package let revision: String
    /// Names of containers, sorted.
    package let containers: [String]
    /// Names of networks, sorted.
    package let networks: [String]
    /// Eight hex digits of revision and names, short enough to be typed.
    package let digest: String

    /// Costs a look at every object, and at every container of those that are gone.
    package init(_ desired: DesiredState, _ observed: ObservedState) {
        let gone = observed.objects.filter { desired.objects[$0] == nil }
        revision = desired.revision.id
        containers = gone.flatMap { observed.containers(of: $0) }.map(\.name).sorted()
        networks = gone.flatMap { observed.networks.of($0, owner: desired.host.owner) }.map(\.name).sorted()
        let text = ([revision] + (containers + networks).sorted()).joined(separator: "\n")
        digest = Hexadecimal.text(SHA256.hash(data: Array(text.utf8)).prefix(4))
    }

    /// What an approval of all of it names.
    package var names: [String] { (containers + networks).sorted() }

    /// Whether the approval is of this revision, and of all that the set holds: one that shrinks stays approved, one
    /// that grew is not.
    package func isCovered(by approval: Approval) -> Bool {
        guard approval.revision == revision else { return false }
        let approved = Set(approval.removals)
        return containers.allSatisfy(approved.contains) && networks.allSatisfy(approved.contains)
    }
}

/// Beyond the prune budget all removals of the revision are held together, until a person allows them.
struct PruneGate: Gate {
    func hold(on action: Action, of view: ObjectView) -> Hold? {
        guard view.object == nil, action.verb == .remove else { return nil }
        return view.context.pruneHold
    }
}

extension PlanContext {
    func pruneHoldNow() -> Hold? {
        let budget = desired.host.pruneBudget
        let all = observed.containers.count
        guard removals.containers.count > budget.allowed(of: all),
            !gates.approvals.contains(where: removals.isCovered)
        else { return nil }
        var what = "\(removals.containers.count) of \(all) containers"
        switch removals.networks.count {
        case 0: break
        case 1: what += " and 1 network"
        case let count: what += " and \(count) networks"
        }
        let message = "\(desired.revision) would remove \(what), more than the prune budget of \(budget) allows at once"
        return Hold(.pruneBudget, message, until: .approved(revision: removals.revision, digest: removals.digest))
    }
}
