package import Specs

/// One object in full: where it is declared, its members on this host, what is left to do, and what holds it.
package struct ObjectDetail: Codable, Hashable, Sendable {
    package var id: ResourceID
    /// Where the revision in force declares it; nil for what is here and not declared any more.
    package var declaredAt: SourcePosition?
    /// The revision whose word holds for it: an earlier one where it is pinned.
    package var revision: Revision?
    package var hostPool: String?
    /// Only of a HostPool.
    package var hosts: Hosts?
    package var image: String?
    package var labels: [String: String]
    package var desired: Int
    package var present: Int
    package var ready: Int
    package var conditions: [Condition]
    package var members: [Member]
    /// What would be done, and what holds it.
    package var actions: [PlanDocument.Entry]

    /// Which hosts a HostPool selects, and what refers to it.
    package struct Hosts: Codable, Hashable, Sendable {
        /// `name=host-a, role=agent, zone In a|b`.
        package var selector: String
        /// `shared` or `perHost`.
        package var scope: String
        package var includesThisHost: Bool
        package var objects: [ResourceID]

        init(_ pool: HostPool, _ host: HostIdentity, objects: [ResourceID]) {
            selector = pool.hosts.words
            scope = pool.scope.rawValue
            includesThisHost = pool.hosts.selects(name: host.name, labels: host.labels)
            self.objects = objects
        }
    }

    /// One container of it.
    package struct Member: Codable, Hashable, Sendable {
        /// `Workload/web/0`.
        package var member: String
        package var slot: Int
        package var incarnation: Int
        package var containerID: String
        package var name: String
        package var image: String
        package var status: String
        package var exitCode: Int
        package var health: String
        package var ready: Bool
        /// As the engine writes it; empty for one that never ran.
        package var startedAt: String
        /// It is on its way out and never counted on again.
        package var retiring: Bool
        /// Of a WarmPool: the claim of whoever has it, and who that is.
        package var claim: ClaimID?
        package var holder: String?

        init(_ container: ObservedContainer, isRetiring: Bool, claim: Claim?) {
            member = container.instance.member.description
            slot = container.slot
            incarnation = container.incarnation
            containerID = container.id
            name = container.name
            image = container.image
            status = container.status.rawValue
            exitCode = container.exitCode
            health = container.health.rawValue
            ready = container.isReady
            startedAt = container.startedAt
            retiring = isRetiring
            self.claim = claim?.id
            holder = claim?.holder
        }
    }
}

extension HostReport {
    /// One object in full; nil where it is neither declared nor anything of it here, and for kinds that only others
    /// refer to.
    package func detail(of id: ResourceID) -> ObjectDetail? {
        // By their places, since an element that is looked at is copied.
        guard let place = self.status.objects.indices.first(where: { self.status.objects[$0].id == id }) else {
            return declaration(id)
        }
        let status = self.status.objects[place]
        let object = desired?.objects[id]
        let actions = self.actions(of: id)
        let claims = Dictionary(
            self.claims.compactMap { claim in claim.container.map { ($0.id, claim) } }, uniquingKeysWith: { $1 })
        return ObjectDetail(
            id: id, declaredAt: object?.origin,
            revision: object.flatMap { $0.pin.map(\.revision) ?? desired?.revision }, hostPool: object?.hostPool,
            image: object?.container.template.image, labels: object?.labels ?? [:], desired: status.desired,
            present: status.present, ready: status.ready, conditions: status.conditions,
            members: observed.containers(of: id).map {
                ObjectDetail.Member($0, isRetiring: retiring.contains($0.instance), claim: claims[$0.id])
            },
            actions: actions.map(PlanDocument.Entry.init))
    }

    /// All objects that there is a detail of.
    package var known: [ResourceID] {
        let pools = (desired?.hostPools.keys.sorted() ?? []).map { ResourceID(.hostPool, $0) }
        return status.objects.map(\.id) + (desired?.declarations.map(\.id) ?? []) + pools
            + (desired?.autoscalers.map(\.id) ?? [])
    }

    /// An object without members: a HostPool, or what this version does not carry out.
    private func declaration(_ id: ResourceID) -> ObjectDetail? {
        let held = desired?.declarations.first { $0.id == id }
        let pool = id.kind == .hostPool ? desired?.hostPools[id.name] : nil
        let autoscaler = desired?.autoscalers.first { $0.id == id }
        guard let origin = held?.origin ?? pool?.origin ?? autoscaler?.origin else { return nil }
        let actions = self.actions(of: id)
        let scaling = autoscalers.first { $0.autoscaler == id || $0.target == id }
        return ObjectDetail(
            id: id, declaredAt: origin, revision: desired?.revision, hosts: pool.flatMap(hosts),
            labels: pool?.labels ?? autoscaler?.labels ?? [:],
            desired: scaling?.status?.desired ?? scaling?.size ?? 0, present: 0, ready: 0,
            conditions: (actions.isEmpty ? [] : Condition.of(actions, stalls: [])) + (scaling?.conditions ?? []),
            members: [], actions: actions.map(PlanDocument.Entry.init))
    }
    private func hosts(of pool: Resource<HostPool>) -> ObjectDetail.Hosts? {
        guard let desired else { return nil }
        let objects = desired.objects.values.filter { $0.hostPool == pool.id.name }.map(\.id).sorted()
        return ObjectDetail.Hosts(pool.spec, desired.host.identity, objects: objects)
    }
}
