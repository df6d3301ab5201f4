import Reconciler
import Specs

extension Checker {
    /// The world has been good for long enough: whatever git asks for must be there.
    mutating func checkConvergence() {
        phase = .rest
        guard let inForce else { return }
        checkRollbacks()
        for object in inForce.objects.values.sorted(by: { $0.id < $1.id }) where object.isOurs {
            if let task = object.task {
                checkRuns(of: object, task)
                continue
            }
            checkSettledSize(of: object)
            if !drains(of: object).isEmpty {
                checkDrained(object)
                continue
            }
            if object.isPool {
                checkPoolConvergence(object)
                continue
            }
            for slot in 0..<min(object.slots, object.slotsWithinCapacity) {
                let member = MemberID(object.id, slot)
                guard let what = lack(of: member, object) else { continue }
                violate(isHeldBeyondOpening(member, object) ? .heldWork : .convergence, what)
            }
        }
    }

    private func lack(of member: MemberID, _ object: ObjectFacts) -> String? {
        let present = mirror.present(of: member)
        guard let kept = present.first(where: { mirror.fits($0, object) }) else {
            return "\(member) is missing; there is \(present.map(\.name).sorted())"
        }
        if !mirror.isReady(kept) { return "'\(kept.name)' is \(kept.status.rawValue), health \(kept.health.rawValue)" }
        if kept.live != object.live { return "'\(kept.name)' has limits \(kept.live) instead of \(object.live)" }
        if kept.name != "\(member.object.name)-\(member.slot)-\(kept.incarnation)" {
            return "'\(kept.name)' does not have the name of \(member)#\(kept.incarnation)"
        }
        return nil
    }

    /// After a long rest nothing of ours is left over.
    mutating func checkRest(openIntents count: Int) {
        if count > 0 { violate(.orphan, "\(count) intents are open at rest") }
        for claim in claims.open { violate(.orphan, "\(claim.id) of '\(claim.holder)' is open, and nobody has it") }
        guard let inForce else { return }
        for object in inForce.objects.values.sorted(by: { $0.id < $1.id })
        where object.isPool && object.isOurs && drains(of: object).isEmpty {
            checkPoolRest(object)
        }
        for container in mirror.containers.values.compactMap(\.now).sorted(by: { $0.name < $1.name }) {
            guard let member = container.member else { continue }
            guard let object = inForce.objects[member.object] else {
                violate(.orphan, "'\(container.name)' is left over, and \(member.object) is not declared")
                continue
            }
            // What is held, or for others, is left alone, whatever state it is in.
            guard object.isOurs, !object.isPool, object.task == nil, drains(of: object).isEmpty else { continue }
            if member.slot >= object.slots {
                violate(.orphan, "'\(container.name)' is left over from more slots")
            } else if member.slot < object.slotsWithinCapacity, !mirror.fits(container, object) {
                violate(.orphan, "'\(container.name)' is left over from another revision")
            } else if mirror.present(of: member).count > 1, member.slot < object.slotsWithinCapacity {
                violate(.orphan, "'\(container.name)' is not alone in its slot")
            }
        }
        checkNetworksAtRest(inForce)
        checkTrafficAtRest(inForce)
    }

    private mutating func checkNetworksAtRest(_ inForce: RevisionFacts) {
        for network in mirror.networks.values.compactMap(\.now).sorted(by: { $0.name < $1.name }) {
            guard let id = network.object else { continue }
            if inForce.objects[id]?.network != network.name {
                violate(.orphan, "network '\(network.name)' is left over from \(id)")
            }
        }
    }

    /// A program that has just looked plans what there is to do: nothing.
    mutating func checkNothingLeft(_ changes: [String]) {
        if !changes.isEmpty { violate(.idempotence, "at rest a fresh plan has changes: \(changes)") }
    }

    mutating func readAtRest() {
        guard phase == .rest else { return }
        readsAtRest = readsAtRest.filter { now - $0 < .seconds(60) } + [now]
        if readsAtRest.count > limits.readsPerMinute {
            violate(.quiet, "the engine was read \(readsAtRest.count) times within a minute at rest")
            readsAtRest = []
        }
    }
}
