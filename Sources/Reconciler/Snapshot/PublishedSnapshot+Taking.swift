package import Specs

extension PublishedSnapshot {
    /// What is to be published of a host.
    ///
    /// - Parameters:
    ///   - observed: the host, looked at for the revision in force.
    ///   - memory: what its controller has written down.
    ///   - images: more that is on the host, ids by reference.
    ///   - salt: random bytes that nobody keeps.
    package init(
        of observed: ObservedState, remembering memory: StoredState, on host: HostSettings,
        images: [String: String] = [:], at now: Instant, by program: String, salt: [UInt8]
    ) {
        let known = memory.readableRevisions(on: host)
        let echoes = EchoWriter(states: known, salt: salt)
        var observed = observed
        observed.recall(memory)
        self.program = program
        takenAt = now
        self.host = Host(host)
        accepted = memory.accepted?.revision
        revisions = known.map(\.revision)
        isComplete = observed.isComplete
        engine = Engine(observed.engine)
        disk = observed.preflight
        containers = observed.containers.values.sorted { $0.id < $1.id }.map { container in
            Container(container, echoes, phase: memory.phases[container.instance])
        }
        networks = observed.networks.values.sorted { $0.name < $1.name }.map { Network($0) }
        volumes = observed.volumes.values.sorted { $0.name < $1.name }.map { Volume($0) }
        self.images = observed.images.mapValues(\.id).merging(images) { seen, _ in seen }
        foreignNames = observed.foreignNames.filter { Self.couldBeOurs($0.key) }
        firewall = Firewall(observed.firewall)
        decisions = Decisions(memory, observed, echoes)
    }

    /// `<object>-<slot>-<incarnation>`: other names of other people's containers never matter to us.
    private static func couldBeOurs(_ name: String) -> Bool {
        let parts = name.split(separator: "-", omittingEmptySubsequences: false)
        return parts.count >= 3 && parts.suffix(2).allSatisfy { !$0.isEmpty && $0.allSatisfy(\.isNumber) }
    }
}

extension StoredState {
    /// What the revisions say whose files the host has, the one in force first. One that this version cannot read is left out.
    package func readableRevisions(on host: HostSettings) -> [DesiredState] {
        var seen: Set<String> = []
        return ([accepted].compactMap(\.self) + earlierRevisions).compactMap { revision in
            guard seen.insert(revision.revision.id).inserted,
                let specs = SpecLoader.load(revision.files, environment: host.environment).specs
            else { return nil }
            return DesiredState(specs: specs, revision: revision.revision, host: host)
        }
    }
}

extension PublishedSnapshot.Host {
    fileprivate init(_ host: HostSettings) {
        name = host.identity.name
        labels = host.identity.labels
        owner = host.owner
        environment = host.environment
        networkRange = host.networkRange.range.description
        subnetPrefix = host.networkRange.subnetPrefix
        pruneBudget = host.pruneBudget.limit.description
        switch host.preflight.minFreeDisk {
        case .share(let share)?: minFreeDiskShare = share.hundredths
        case .bytes(let bytes)?: minFreeDiskBytes = bytes.bytes
        case nil: break
        }
        seccompBaseline = host.seccompBaseline.base.rawValue
        claimRoot = host.claimRoot
    }
}

extension PublishedSnapshot.Engine {
    fileprivate init(_ facts: EngineFacts) {
        apiVersion = facts.apiVersion
        version = facts.version
        cpus = facts.cpus
        memory = facts.memory
        limitsSwap = facts.limitsSwap
        unsupported = facts.unsupported
        runtimes = facts.runtimes
        hasSeccomp = facts.hasSeccomp
        hasAppArmor = facts.hasAppArmor
    }
}

extension PublishedSnapshot.Container {
    fileprivate init(_ container: ObservedContainer, _ echoes: EchoWriter, phase: MemberPhase?) {
        id = container.id
        name = container.name
        member = .init(container.instance.member)
        incarnation = container.incarnation
        template = echoes.template(of: container.member.recreateHash, container.mark.object)
        image = container.image
        imageID = container.imageID
        status = container.status
        exitCode = container.exitCode == 0 ? nil : container.exitCode
        health = container.health == .none ? nil : container.health
        isProbed = container.probed ? true : nil
        startedAt = container.startedAt
        endedAt = container.endedAt.isEmpty ? nil : container.endedAt
        stopTimeout = container.stopTimeout
        address = container.address
        hasClaimFolder = container.hasClaimFolder
        live = container.live
        kernel = container.kernel
        confinement = container.confinement
        self.phase = phase
    }
}

extension PublishedSnapshot.Network {
    fileprivate init(_ network: ObservedNetwork) {
        id = network.id
        name = network.name
        object = network.mark?.object
        owner = network.mark?.owner
        bridge = network.bridge
        subnets = network.subnets
    }
}

extension PublishedSnapshot.Volume {
    fileprivate init(_ volume: ObservedVolume) {
        name = volume.name
        object = volume.mark?.object
        owner = volume.mark?.owner
    }
}

extension PublishedSnapshot.Firewall {
    fileprivate init(_ facts: FirewallFacts) {
        switch facts.support {
        case .by(let backend): self.backend = backend
        case .missing(let why): missing = why
        case .unknown: break
        }
        supportsNames = facts.supportsNames
        bindsMembers = facts.bindsMembers
        leadsPorts = facts.leadsPorts
        inForce = facts.inForce
        others = facts.others
        isPresent = facts.isPresent
        drift = facts.drift
        routes = facts.traffic?.routes.map { route in
            Route(
                hostIP: route.port.hostIP, hostPort: route.port.hostPort, port: route.port.container.number,
                transport: route.port.container.transport.rawValue,
                members: Dictionary(route.members.map { ($0.address.description, $0.weight) }) { first, _ in first })
        }
    }
}

extension PublishedSnapshot.Decisions {
    fileprivate init(_ memory: StoredState, _ observed: ObservedState, _ echoes: EchoWriter) {
        pauses = memory.pauses
        overrides = memory.overrides
        drains = memory.drains
        approvals = memory.approvals
        pins = memory.pins.map { pin in
            var bare = pin
            bare.rejected = ""
            return KeptObject(pin: bare, rejected: echoes.echo(of: pin.rejected) { $0.objects[pin.object]?.meaning })
        }
        rollouts = memory.rollouts.sorted { $0.key < $1.key }.map { id, state in
            Rollout(
                object: id, state: state.bare,
                generation: echoes.echo(of: state.generation) { $0.objects[id]?.generation })
        }
        scaling = memory.scaling.sorted { $0.key < $1.key }.map { Scaling(object: $0.key, state: $0.value) }
        tasks = memory.tasks.sorted { $0.key < $1.key }.map { Task(object: $0.key, memory: $0.value) }
        let present = Set(observed.containers.values.map(\.instance))
        claims = memory.claims.filter { claim in
            // One that is over matters as long as its member is there.
            claim.isOpen || claim.container.map { present.contains($0.instance) } == true
        }.map { ClaimedMember($0) }
        incarnations = Dictionary(memory.incarnations.map { ($0.key.description, $0.value) }) { max($0, $1) }
        phases = memory.phases.sorted { $0.key < $1.key }.filter { !present.contains($0.key) }
            .map { Phase(instance: $0.key, phase: $0.value) }
    }
}

extension PublishedSnapshot.Decisions.ClaimedMember {
    fileprivate init(_ claim: Claim) {
        id = claim.id
        pool = claim.pool
        phase = claim.phase
        container = claim.container.map { Container($0) }
        predecessor = claim.predecessor.map { Container($0) }
        limits = claim.limits
    }
}

extension PublishedSnapshot.Decisions.ClaimedMember.Container {
    fileprivate init(_ container: Claim.Container) {
        instance = container.instance
        id = container.id
        name = container.name
    }
}
