import Specs

extension PublishedSnapshot {
    /// Why it cannot be used, although it is as it was written.
    package struct Problem: Error, Hashable, Sendable, CustomStringConvertible {
        package var description: String
    }

    /// A revision that a snapshot names, as the repository has it.
    package struct KnownRevision: Sendable {
        package var accepted: AcceptedRevision
        package var state: DesiredState

        package init(_ accepted: AcceptedRevision, _ state: DesiredState) {
            self.accepted = accepted
            self.state = state
        }
    }

    /// The configuration of the host.
    package func settings() throws(Problem) -> HostSettings {
        guard let range = IPv4Subnet(host.networkRange) else {
            throw Problem(description: "'\(host.networkRange)' is no range of networks")
        }
        guard let baseline = SecurityProfile.Seccomp.Base(rawValue: host.seccompBaseline) else {
            throw Problem(description: "'\(host.seccompBaseline)' is no baseline that this version knows")
        }
        var settings = HostSettings(
            identity: HostIdentity(name: host.name, labels: host.labels), owner: host.owner,
            networkRange: NetworkRange(range: range, subnetPrefix: host.subnetPrefix), environment: host.environment,
            pruneBudget: PruneBudget(try Self.limit(host.pruneBudget)), preflight: PreflightThresholds())
        settings.preflight.minFreeDisk =
            host.minFreeDiskShare.map { .share(Percentage(hundredths: $0)) }
            ?? host.minFreeDiskBytes.map { .bytes(ByteQuantity(bytes: $0)) }
        settings.seccompBaseline = SeccompBaseline(baseline)
        settings.claimRoot = host.claimRoot
        return settings
    }

    private static func limit(_ text: String) throws(Problem) -> CountOrPercent {
        if let count = Int(text) { return .count(count) }
        do throws(QuantityError) {
            return .percent(try Percentage.parse(text))
        } catch {
            throw Problem(description: "'\(text)' is no budget")
        }
    }

    /// The places of the revisions whose files a plan needs.
    package var neededRevisions: Set<Int> {
        var needed: Set<Int> = []
        func need(_ echo: SpecEcho?) {
            if case .revision(let place)? = echo?.meaning, revisions.indices.contains(place) { needed.insert(place) }
        }
        func need(_ revision: Revision?) {
            if let place = revisions.firstIndex(where: { $0.id == revision?.id }) { needed.insert(place) }
        }
        need(accepted)
        for container in containers {
            need(container.template.like)
            for value in (container.template.values ?? [:]).values { need(value) }
        }
        for kept in decisions.pins {
            need(kept.rejected)
            need(kept.pin.revision)
        }
        for rollout in decisions.rollouts {
            need(rollout.generation)
            // Only steps that are given up ask what was there before them.
            if rollout.state.canary != nil { need(rollout.state.lastGood) }
        }
        return needed
    }

    /// The host as it was seen, and what its controller remembered.
    ///
    /// - Parameters:
    ///   - desired: the newer revision. What a revision says that could not be read counts as the
    ///     same, but for images.
    ///   - known: the revisions that could be read, for this host, by their ids.
    package func state(
        for desired: DesiredState, known: [String: KnownRevision]
    ) throws(Problem) -> (observed: ObservedState, memory: StoredState) {
        let echoes = EchoReader(states: revisions.map { known[$0.id]?.state }, substitute: desired)
        var memory = decisions.memory(echoes, at: takenAt)
        memory.accepted = accepted.flatMap { known[$0.id]?.accepted }
        memory.earlierRevisions = revisions.filter { $0.id != accepted?.id }.compactMap { known[$0.id]?.accepted }
        for container in containers where container.phase != nil {
            memory.phases[container.instance] = container.phase
        }
        return (try observed(echoes, desired.firewall), memory)
    }

    private func observed(_ echoes: EchoReader, _ intent: FirewallIntent) throws(Problem) -> ObservedState {
        var state = ObservedState(engine: engine.facts)
        state.isComplete = isComplete
        state.preflight = disk
        for container in containers {
            state.record(container.observed(echoes, owner: host.owner), id: container.id)
        }
        state.networks = ObservedNetworks(
            Dictionary(networks.map { ($0.name, $0.observed) }) { first, _ in first })
        state.volumes = Dictionary(volumes.map { ($0.name, $0.observed) }) { first, _ in first }
        state.images = images.mapValues { ObservedImage(id: $0) }
        state.foreignNames = foreignNames
        state.firewall = try firewall.facts(for: intent)
        return state
    }
}

extension PublishedSnapshot.Engine {
    fileprivate var facts: EngineFacts {
        var facts = EngineFacts(
            apiVersion: apiVersion, version: version, cpus: cpus, memory: memory, limitsSwap: limitsSwap,
            unsupported: unsupported)
        facts.runtimes = runtimes
        facts.hasSeccomp = hasSeccomp
        facts.hasAppArmor = hasAppArmor
        return facts
    }
}

extension PublishedSnapshot.Container {
    fileprivate var instance: MemberInstance { MemberInstance(member.id, incarnation) }

    fileprivate func observed(_ echoes: EchoReader, owner: String) -> ObservedContainer {
        let mark = OwnershipMark.Member(
            slot: member.id.slot, incarnation: incarnation,
            recreateHash: echoes.label(of: template, member.id.object, image: image))
        var container = ObservedContainer(
            id: id, name: name, mark: OwnershipMark(owner: owner, object: member.id.object, member: mark), member: mark,
            image: image, imageID: imageID, status: status, exitCode: exitCode ?? 0, health: health ?? .none,
            probed: isProbed ?? false, startedAt: startedAt, stopTimeout: stopTimeout, live: live, kernel: kernel)
        container.endedAt = endedAt ?? ""
        container.address = address
        container.hasClaimFolder = hasClaimFolder
        container.confinement = confinement
        return container
    }
}

extension PublishedSnapshot.Network {
    fileprivate var observed: ObservedNetwork {
        ObservedNetwork(
            id: id, name: name, mark: OwnershipMark(owner: owner, object: object), bridge: bridge, subnets: subnets)
    }
}

extension PublishedSnapshot.Volume {
    fileprivate var observed: ObservedVolume {
        ObservedVolume(name: name, mark: OwnershipMark(owner: owner, object: object))
    }
}

extension OwnershipMark {
    /// nil where it is nobody's.
    fileprivate init?(owner: String?, object: ResourceID?) {
        guard let owner, let object else { return nil }
        self.init(owner: owner, object: object)
    }
}

extension PublishedSnapshot.Firewall {
    /// As a look for this intent would have found it.
    fileprivate func facts(for intent: FirewallIntent) throws(PublishedSnapshot.Problem) -> FirewallFacts {
        let declared = Set(intent.bridges.map(\.bridge))
        var facts = FirewallFacts(
            support: backend.map { .by($0) } ?? missing.map { .missing($0) } ?? .unknown,
            supportsNames: supportsNames, inForce: inForce.filter { declared.contains($0.key) },
            others: Set(others).union(inForce.keys).subtracting(declared).sorted(), isPresent: isPresent, drift: drift)
        facts.bindsMembers = bindsMembers
        facts.leadsPorts = leadsPorts
        facts.traffic = nil
        if let routes {
            var known: [TrafficMap.Route] = []
            for route in routes { known.append(try route.route()) }
            facts.traffic = TrafficMap(known)
        }
        return facts
    }
}

extension PublishedSnapshot.Firewall.Route {
    fileprivate func route() throws(PublishedSnapshot.Problem) -> TrafficMap.Route {
        guard let transport = ContainerPort.Transport(rawValue: transport) else {
            throw PublishedSnapshot.Problem(description: "'\(transport)' is no transport")
        }
        var ends: [TrafficMap.Member] = []
        for (text, weight) in members {
            do throws(InvalidText) {
                ends.append(TrafficMap.Member(try IPAddress.parse(text), weight: weight))
            } catch {
                throw PublishedSnapshot.Problem(description: "'\(text)' is no address")
            }
        }
        let container = ContainerPort(port, transport)
        return TrafficMap.Route(PublishedPort(hostIP: hostIP, hostPort: hostPort, container: container), to: ends)
    }
}

extension PublishedSnapshot.Decisions {
    fileprivate func memory(_ echoes: EchoReader, at taken: Instant) -> StoredState {
        var memory = StoredState()
        memory.pauses = pauses
        memory.overrides = overrides
        memory.drains = drains
        memory.approvals = approvals
        memory.pins = pins.map { kept in
            var pin = kept.pin
            pin.rejected = echoes.digest(of: kept.rejected) { $0.objects[pin.object]?.meaning }
            return pin
        }
        for rollout in rollouts {
            var state = rollout.state
            state.generation = echoes.digest(of: rollout.generation) { $0.objects[rollout.object]?.generation }
            memory.rollouts[rollout.object] = state
        }
        for entry in scaling { memory.scaling[entry.object] = entry.state }
        for entry in tasks { memory.tasks[entry.object] = entry.memory }
        memory.claims = claims.map { $0.claim(at: taken) }
        for (text, highest) in incarnations {
            guard let member = MemberID(text) else { continue }
            memory.incarnations[member] = highest
        }
        for entry in phases { memory.phases[entry.instance] = entry.phase }
        return memory
    }
}

extension PublishedSnapshot.Decisions.ClaimedMember {
    /// With nobody's name on it.
    fileprivate func claim(at taken: Instant) -> Claim {
        var claim = Claim(
            id: id, request: ClaimRequest(pool: pool, holder: "", limits: limits), phase: phase,
            container: container?.container, source: .warm, ttl: .zero, created: taken, expires: taken, notAfter: nil)
        claim.predecessor = predecessor?.container
        return claim
    }
}

extension PublishedSnapshot.Decisions.ClaimedMember.Container {
    fileprivate var container: Claim.Container { Claim.Container(instance: instance, id: id, name: name) }
}
