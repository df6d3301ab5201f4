package import Reconciler
import Specs

/// What is really on a simulated host at one moment, and which steps it forbids.
///
/// The rules are written from the outside, without a look at how the planner decides: what users rely on.
package struct HostSnapshot: Sendable {
    private let containers: [String: FakeContainer]
    private let networks: [String: FakeNetwork]
    private let images: [String: ObservedImage]
    private let owner: String

    package init(_ engine: FakeDriver, owner: String) async {
        containers = await engine.containers
        networks = await engine.networks
        images = await engine.images
        self.owner = owner
    }

    // MARK: Nothing foreign is touched

    /// What happened to things that are not ours.
    package func foreignChanges(since earlier: HostSnapshot) -> [String] {
        var changes: [String] = []
        for (id, container) in earlier.containers where !isOurs(container) && containers[id] != container {
            changes.append("foreign container '\(container.name)' was changed")
        }
        for (name, network) in earlier.networks where !isOurs(network) && networks[name] != network {
            changes.append("foreign network '\(name)' was changed")
        }
        return changes
    }

    private func isOurs(_ container: FakeContainer) -> Bool { container.observed(by: owner) != nil }

    private func isOurs(_ network: FakeNetwork) -> Bool { network.observed(by: owner).mark != nil }

    // MARK: What must not happen to what is ours

    /// Why this step must not be taken now.
    package func objections(to step: Step, _ desired: DesiredState) -> [String] {
        switch step {
        case .createContainer(let intent): return objections(toCreating: intent, desired)
        case .start(let reference): return objections(toStarting: reference, desired)
        case .stop(let reference, _), .remove(let reference): return objections(toLosing: reference, desired)
        case .removeNetwork(let name, _, _):
            let isInUse = containers.values.contains { isOurs($0) && $0.network == name }
            return isInUse ? ["network '\(name)' goes before its last container"] : []
        default: return []
        }
    }

    private func objections(toCreating intent: MemberIntent, _ desired: DesiredState) -> [String] {
        guard let member = intent.mark.memberID, let object = desired.objects[member.object] else {
            return ["'\(intent.name)' is not declared"]
        }
        var objections: [String] = []
        if member.slot >= object.slotsWithinCapacity { objections.append("'\(intent.name)' is beyond the capacity") }
        if desired.solitaryGates.shares[object.hostPool] != .everything {
            objections.append("'\(intent.name)' belongs to a pool of other hosts")
        }
        let present = slot(member).filter { $0.status != .removing }
        if present.contains(where: { matches($0, object) }) { objections.append("'\(intent.name)' is created twice") }
        guard !present.isEmpty else { return objections }
        if object.strategy.type == .recreate {
            objections.append("'\(intent.name)' is created before the old one is gone")
        }
        for other in 0..<object.slots where other != member.slot {
            let members = slot(MemberID(object.id, other))
            let fitting = members.filter { matches($0, object) }
            if !fitting.isEmpty && fitting.count < members.count {
                objections.append("slots \(other) and \(member.slot) of \(object.id) are replaced at once")
            }
            if !fitting.isEmpty && !fitting.contains(where: isReady) {
                objections.append("'\(intent.name)' is replaced while \(object.id)/\(other) is not ready")
            }
        }
        return objections
    }

    private func objections(toStarting reference: ContainerReference, _ desired: DesiredState) -> [String] {
        guard let object = desired.objects[reference.member.object] else {
            return ["'\(reference.name)' is started and not declared"]
        }
        let twins = slot(reference.member).filter {
            $0.id != reference.id && $0.status == .running && matches($0, object)
        }
        return twins.isEmpty ? [] : ["'\(reference.name)' is started beside '\(twins[0].name)'"]
    }

    /// A member that is good is stopped only when it is not wanted any more, or when another one fills its slot.
    private func objections(toLosing reference: ContainerReference, _ desired: DesiredState) -> [String] {
        guard let object = desired.objects[reference.member.object], let victim = containers[reference.id] else {
            return []
        }
        if desired.solitaryGates.shares[object.hostPool] != .everything {
            return ["'\(reference.name)' goes although its pool is none of ours"]
        }
        guard reference.member.slot < object.slots, victim.status == .running else { return [] }
        let isReplaced = slot(reference.member).contains { $0.id != victim.id && matches($0, object) && isReady($0) }
        if isReplaced { return [] }
        if matches(victim, object) { return isReady(victim) ? ["'\(reference.name)' was good and is taken away"] : [] }
        return object.strategy.type == .rolling ? ["'\(reference.name)' goes before its successor is ready"] : []
    }

    // MARK: What is there

    private func slot(_ member: MemberID) -> [FakeContainer] {
        containers.values.filter { container in
            guard isOurs(container) else { return false }
            return OwnershipMark(labels: container.labels)?.memberID == member
        }
    }

    /// As far as the host itself can tell; our own probes are not known here.
    private func isReady(_ container: FakeContainer) -> Bool {
        container.status == .running && container.health != .unhealthy
    }

    /// Has every property that only a replacement could give it.
    private func matches(_ container: FakeContainer, _ object: DesiredObject) -> Bool {
        let template = object.container.template
        let resources = template.resources
        let live = container.live
        let image = images[template.image]
        return OwnershipMark(labels: container.labels)?.member?.recreateHash == object.recreateLabel
            && container.status != .removing && container.status != .dead
            && (resources.cpus != nil || live.nanoCPUs == nil) && (resources.memory != nil || live.memory == nil)
            && (resources.memorySwap != .unlimited || live.memorySwap == -1)
            && (template.pullPolicy != .always || image == nil || image?.id == container.imageID)
    }
}
