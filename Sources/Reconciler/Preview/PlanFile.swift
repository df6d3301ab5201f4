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
        observed = input.observed.fingerprints(phases: input.memory.phases, images: input.desired.images)
        plan = PlanDocument(preview, revision: input.desired.revision, host: host.identity.name)
        id = ""
        id = digest
    }

    /// Times are left out: until when something is held may be said differently a minute later.
    private var digest: String {
        var parts = ["\(formatVersion)", host, owner, environment ?? "", revision.id]
        for part in [objects, observed] { parts += part.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" } }
        parts += plan.bound
        return String(PlanDigest.of(parts).prefix(12))
    }

    /// Whether it is as it was written; what somebody changed by hand is not.
    package var isIntact: Bool { digest == id }

    /// What moved since the plan was made, one sentence each; nothing where the plan still holds.
    ///
    /// - Parameter now: the plan as it would be made now.
    package func movements(to now: PlanFile) -> [String] {
        var moved =
            Self.movement("host", host, now.host) + Self.movement("owner", owner, now.owner)
            + Self.movement("environment", environment ?? "none", now.environment ?? "none")
            + movements(to: now.revision, now.objects)
        moved += Self.differences(observed, now.observed).map { "\($0): it is not as it was seen on the host" }
        let (then, current) = (plan.bound, now.plan.bound)
        moved += Self.missing(then, in: current).map { "planned, and not any more: \($0)" }
        moved += Self.missing(current, in: then).map { "not planned, and would be done now: \($0)" }
        return moved
    }

    /// What a revision says that the plan was not made for, one sentence each: the last look before it is put in force.
    package func movements(to desired: DesiredState) -> [String] { movements(to: desired.revision, desired.meanings) }

    private func movements(to now: Revision, _ meanings: [String: String]) -> [String] {
        Self.movement("revision", revision.id, now.id)
            + Self.differences(objects, meanings).map { "\($0): the revision says something else of it" }
    }

    /// Objects whose tag is looked for again when the plan is carried out. Where it has moved, members are replaced of which
    /// the plan says nothing.
    package var mayReplaceMore: [String] {
        plan.actions.filter { $0.verb == Action.Verb.pull.rawValue && $0.held == nil }.map(\.key)
    }

    private static func movement(_ what: String, _ then: String, _ now: String) -> [String] {
        then == now ? [] : ["\(what): the plan is of '\(then)', and this is '\(now)'"]
    }

    private static func differences(_ then: [String: String], _ now: [String: String]) -> [String] {
        Set(then.keys).union(now.keys).filter { then[$0] != now[$0] }.sorted()
    }

    private static func missing(_ some: [String], in others: [String]) -> [String] {
        let others = Set(others)
        return some.filter { !others.contains($0) }
    }
}

extension PlanDocument {
    /// What is waited for comes about by itself, and is no part of it.
    fileprivate var bound: [String] { actions.filter { $0.verb != Action.Verb.await.rawValue }.map(\.bound) }
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
    ///
    /// - Parameter images: those of the revision; of what it is compared with, more may have been looked for.
    fileprivate func fingerprints(phases: [MemberInstance: MemberPhase], images named: Set<String>) -> [String: String]
    {
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
        digests["images"] = PlanDigest.of(named.sorted().map { "\($0) \(images[$0]?.id ?? "-")" })
        digests["rules"] = PlanDigest.of(
            firewall.inForce.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" } + firewall.others)
        return digests
    }
}

extension ObservedContainer {
    /// Whether it is ready is not in it: what starts becomes ready by itself.
    fileprivate var fingerprint: String {
        let live = self.live
        let limits = [
            live.nanoCPUs, live.memory, live.memorySwap, live.pids, live.memoryReservation, live.cpuShares,
            live.blockIOWeight,
        ].map { $0.map(String.init) ?? "-" }
        let rest = [
            self.id, self.name, String(slot), String(incarnation), self.member.recreateHash, self.imageID,
            self.status.rawValue, String(self.exitCode), self.startedAt, live.cpuset ?? "-", live.restartPolicy,
        ]
        return (rest + limits).joined(separator: " ")
    }
}
