import Crypto
import Specs

/// A plan that somebody has looked at, with all that it rests on: the revision, the meaning of every object, and what was
/// seen of each on the host. Whoever carries it out looks again, and refuses where anything of it moved.
package struct PlanFile: Codable, Hashable, Sendable {
    package var formatVersion: Int
    /// Twelve hex digits over everything that the plan is bound to: the same digits, the same plan.
    package var id: String
    package var host: String
    package var owner: String
    package var environment: String?
    package var revision: Revision
    /// Digests of what the objects say, by their names. What no object says alone is under the names of kinds.
    package var objects: [String: String]
    /// Digests of what was seen, by objects, and of the engine, images and rules of the host.
    package var observed: [String: String]
    package var plan: PlanDocument

    /// The newest format; one of a newer version of the program is refused.
    package static let currentFormat = 1

    package init(_ preview: Preview, _ input: PreviewInput) {
        let host = input.desired.host
        formatVersion = Self.currentFormat
        self.host = host.identity.name
        owner = host.owner
        environment = host.environment
        revision = input.desired.revision
        objects = input.desired.meanings
        observed = input.observed.fingerprints(phases: input.memory.phases)
        plan = PlanDocument(preview, revision: input.desired.revision, host: host.identity.name)
        id = ""
        id = digest
    }

    /// Times are left out: until when something is held may be said differently a minute later.
    private var digest: String {
        var parts = ["\(formatVersion)", host, owner, environment ?? "", revision.id]
        for part in [objects, observed] { parts += part.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" } }
        parts += plan.actions.map(\.bound)
        return String(PlanDigest.of(parts).prefix(12))
    }

    /// Whether it is as it was written; what somebody changed by hand is not.
    package var isIntact: Bool { digest == id }

    /// What moved since the plan was made, one sentence each; nothing where the plan still holds.
    ///
    /// - Parameter now: the plan as it would be made now.
    package func movements(to now: PlanFile) -> [String] {
        var moved: [String] = []
        func compare(_ what: String, _ then: String, _ now: String) {
            if then != now { moved.append("\(what): the plan is of '\(then)', and this is '\(now)'") }
        }
        compare("host", host, now.host)
        compare("owner", owner, now.owner)
        compare("environment", environment ?? "none", now.environment ?? "none")
        compare("revision", revision.id, now.revision.id)
        moved += Self.differences(objects, now.objects).map { "\($0): the revision says something else of it" }
        moved += Self.differences(observed, now.observed).map { "\($0): it is not as it was seen on the host" }
        let (then, current) = (plan.actions.map(\.bound), now.plan.actions.map(\.bound))
        moved += Self.missing(then, in: current).map { "planned, and not any more: \($0)" }
        moved += Self.missing(current, in: then).map { "not planned, and would be done now: \($0)" }
        return moved
    }

    private static func differences(_ then: [String: String], _ now: [String: String]) -> [String] {
        Set(then.keys).union(now.keys).filter { then[$0] != now[$0] }.sorted()
    }

    private static func missing(_ some: [String], in others: [String]) -> [String] {
        let others = Set(others)
        return some.filter { !others.contains($0) }
    }
}

extension PlanDocument.Entry {
    /// What of an action a plan file is bound to, in words.
    fileprivate var bound: String {
        let gate = held.map { ", held by \($0.gate)" } ?? stalled.map { ", stalled: \($0.code.rawValue)" } ?? ""
        return "\(key) \(description) (\(reason))\(gate)"
    }
}

/// Digests of parts of plans.
package enum PlanDigest {
    /// 32 hex digits; other parts, or the same ones cut differently, have others.
    package static func of(_ parts: [String]) -> String {
        var hash = SHA256()
        for part in parts { hash.update(data: Array("\(part.utf8.count):\(part)\n".utf8)) }
        return Hexadecimal.text(hash.finalize().prefix(16))
    }
}

extension DesiredState {
    /// Digests of what every object says, and of what says something about all of them.
    fileprivate var meanings: [String: String] {
        var meanings: [String: String] = [:]
        for object in objects.values {
            let labels = object.labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            meanings[object.id.description] = PlanDigest.of(
                [object.meaning, object.hostPool, object.pausedInGit ?? ""] + labels)
        }
        meanings[ResourceKind.hostPool.rawValue] = PlanDigest.of(
            hostPools.sorted { $0.key < $1.key }.map { "\($0.key)=\(MeaningDigest.of($0.value.spec))" })
        meanings[ResourceKind.networkPolicy.rawValue] = PlanDigest.of(firewall.bridges.map(\.digest))
        meanings[ResourceKind.autoscaler.rawValue] = PlanDigest.of(
            autoscalers.map { "\($0.id)=\(MeaningDigest.of($0.spec))" }.sorted())
        meanings[ResourceKind.maintenanceWindow.rawValue] = PlanDigest.of(
            windows.windows.map { "\($0.name)=\(MeaningDigest.of($0.spec))" }.sorted())
        return meanings
    }
}

extension ObservedState {
    /// Digests of what was seen of each object, and of what belongs to none: whatever changes by itself from one look to
    /// the next (memory in use, room on the disk, refused packets) is not in them.
    fileprivate func fingerprints(phases: [MemberInstance: MemberPhase]) -> [String: String] {
        var parts: [String: [String]] = [:]
        for container in containers.values.sorted(by: { $0.id < $1.id }) {
            let phase = phases[container.instance]?.rawValue ?? ""
            parts[container.mark.object.description, default: []].append(container.fingerprint + phase)
        }
        for network in networks.values.sorted(by: { $0.name < $1.name }) {
            guard let mark = network.mark else { continue }
            let text = [network.id, network.name, network.bridge ?? ""] + network.subnets
            parts[mark.object.description, default: []].append(text.joined(separator: " "))
        }
        var digests = parts.mapValues { PlanDigest.of($0) }
        digests["engine"] = PlanDigest.of([engine.start, engine.apiVersion, engine.version])
        digests["images"] = PlanDigest.of(images.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.id)" })
        digests["rules"] = PlanDigest.of(
            firewall.inForce.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" } + firewall.others)
        return digests
    }
}

extension ObservedContainer {
    fileprivate var fingerprint: String {
        let limits = [
            live.nanoCPUs, live.memory, live.memorySwap, live.pids, live.memoryReservation, live.cpuShares,
            live.blockIOWeight,
        ].map { $0.map(String.init) ?? "-" }
        let rest = [
            id, name, String(slot), String(incarnation), member.recreateHash, imageID, status.rawValue,
            String(exitCode),
            startedAt, String(isReady), live.cpuset ?? "-", live.restartPolicy,
        ]
        return (rest + limits).joined(separator: " ")
    }
}
