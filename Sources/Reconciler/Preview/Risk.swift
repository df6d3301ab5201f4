package import Specs

/// Something about a plan that a person should know before it is carried out, although nothing is wrong with it.
package struct Risk: Hashable, Sendable, CustomStringConvertible {
    package enum Code: String, CaseIterable, Hashable, Codable, Sendable {
        /// The removals are within the prune budget, and not far from it.
        case pruneNearBudget = "PruneNearBudget"
        /// A window holds the change, and none that would let it through ever opens.
        case windowNeverOpens = "WindowNeverOpens"
        /// For a while no member is ready.
        case noReadyMember = "NoReadyMember"
        /// Whatever is not always blocked may be reached.
        case allEgressOpened = "AllEgressOpened"
    }

    package var code: Code
    /// nil for what is about the host as a whole.
    package var object: ResourceID?
    package var message: String
    package var position: SourcePosition?

    package var description: String { (object.map { "\($0): " } ?? "") + message }

    static func all(in preview: Preview, _ context: PlanContext) -> [Risk] {
        [prunes(context)].compactMap(\.self) + windows(preview) + outages(preview, context) + openings(preview)
    }

    /// Four fifths of a budget are near it; a single container is everyday work.
    private static func prunes(_ context: PlanContext) -> Risk? {
        let removals = context.removals.containers.count
        let (all, budget) = (context.observed.containers.count, context.desired.host.pruneBudget)
        let allowed = budget.allowed(of: all)
        guard removals > 1, removals <= allowed, removals * 5 >= allowed * 4 else { return nil }
        return Risk(
            code: .pruneNearBudget,
            message:
                "\(removals) of \(all) containers are removed without asking: the prune budget of \(budget) allows "
                + "\(allowed)")
    }

    private static func windows(_ preview: Preview) -> [Risk] {
        var seen: Set<String> = []
        return preview.plan.held.compactMap { action in
            guard case .held(let hold) = action.verdict, let object = action.key.object,
                let window = ([hold] + hold.also).first(where: { $0.gate == .window && $0.until == nil }),
                seen.insert("\(object) \(window.message)").inserted
            else { return nil }
            return Risk(
                code: .windowNeverOpens, object: object,
                message: "no window that lets this change through ever opens: \(window.message)",
                position: action.position)
        }
    }

    private static func outages(_ preview: Preview, _ context: PlanContext) -> [Risk] {
        let replaced = preview.outlooks.compactMap { outlook -> Risk? in
            guard outlook.replaced + outlook.sentAway > 0, outlook.ready > 0, outlook.lowestReady == 0 else {
                return nil
            }
            let who = outlook.ready == 1 ? "its last ready member goes" : "all \(outlook.ready) ready members may go"
            let what = outlook.sentAway > 0 ? "and nothing takes over on this host" : "before a successor is ready"
            return Risk(
                code: .noReadyMember, object: outlook.object, message: "\(who) \(what)",
                position: outlook.position)
        }
        return replaced + emptied(preview, context)
    }

    /// Objects that stay declared and lose every ready member that they have.
    private static func emptied(_ preview: Preview, _ context: PlanContext) -> [Risk] {
        let removals = preview.plan.actions.filter { $0.verb == .remove && !$0.isHeld && $0.slot != nil }
        let byObject = Dictionary(grouping: removals) { $0.key.object }
        return byObject.compactMap { id, removals -> Risk? in
            guard let id, let object = context.desired.objects[id], object.slots == 0, object.task == nil else {
                return nil
            }
            let ready = Set(context.observed.containers(of: id).filter(\.isReady).map(\.id))
            let gone = removals.reduce(into: Set<String>()) { $0.formUnion($1.takesAway) }
            guard !ready.isEmpty, ready.isSubset(of: gone) else { return nil }
            return Risk(
                code: .noReadyMember, object: id, message: "it is scaled down to 0, and none of its members is left",
                position: removals.first?.position)
        }.sorted { $0.description < $1.description }
    }

    private static func openings(_ preview: Preview) -> [Risk] {
        preview.policies.compactMap { change in
            guard let line = change.lines.first(where: { $0.effect == .opens && $0.flow == "all egress" }) else {
                return nil
            }
            return Risk(
                code: .allEgressOpened, object: change.object,
                message: "every address that is not always blocked may be reached", position: line.position)
        }
    }
}
