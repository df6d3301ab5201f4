package import Reconciler
package import Specs

/// An engine together with the packet filter of the machine that it runs on: for looking, and for changing what can be
/// changed of the engine.
package struct Firewalled<Engine: HostObserver>: HostObserver {
    package let engine: Engine
    package let firewall: FirewallDriver
    /// Hears which bridges have rules for names; nil where no name filter runs.
    private let names: NameFeed?

    package init(_ engine: Engine, _ firewall: FirewallDriver, names: NameFeed? = nil) {
        self.engine = engine
        self.firewall = firewall
        self.names = names
    }

    package func observe(_ interest: Interest) async throws(DriverError) -> ObservedState {
        var state = try await engine.observe(interest)
        if let intent = interest.firewall {
            // What the filter must know of members is what was just seen of them.
            if state.isComplete { await firewall.note(links: state.containers.values.compactMap(\.link)) }
            state.firewall = await firewall.facts(for: intent)
        }
        if let intent = interest.firewall { names?.take(intent, state.networks) }
        return state
    }

    package func observe(container id: String, owner: String) async throws(DriverError) -> ObservedContainer? {
        try await engine.observe(container: id, owner: owner)
    }

    package func preflight() async -> PreflightFacts? { await engine.preflight() }
}

extension Firewalled: Driver where Engine: Driver {
    package func apply(_ step: Step) async throws(DriverError) -> StepResult {
        switch step {
        case .applyFirewall(let intent):
            let facts = try await firewall.apply(intent)
            names?.take(intent)
            return .firewall(facts)
        case .createNetwork(let intent):
            let result = try await engine.apply(step)
            await firewall.prepare(intent.bridge)
            if case .network(_, let network?) = result { names?.take(network) }
            return result
        case .start(let container):
            let bridge = RecreateHash.bridgeName(owner: container.owner, object: container.member.object)
            await firewall.willAttach(to: bridge)
            let start = await Result { () async throws(DriverError) in try await engine.apply(step) }
            let link: MemberLink? =
                if case .success(.container(_, let started?)) = start { started.link } else { nil }
            let isolation = await Result { () async throws(DriverError) in
                try await firewall.attached(to: bridge, link)
            }
            let result = try start.get()
            try isolation.get()
            return result
        case .stop(let container, _):
            await letConnectionsEnd(of: container)
            return try await engine.apply(step)
        default: return try await engine.apply(step)
        }
    }

    /// Who is led to no more has connections that were begun a moment ago, and a program may end them with itself.
    private func letConnectionsEnd(of container: ContainerReference) async {
        guard await firewall.hasLedPorts,
            // Whatever is wrong with the engine, the stop will tell.
            let seen = try? await engine.observe(container: container.id, owner: container.owner),
            let address = seen.memberAddress
        else { return }
        await firewall.connectionDrain.wait(for: address)
    }

    package func bind(_ binding: ClaimBinding) async throws(DriverError) -> BindingOutcome {
        try await engine.bind(binding)
    }

    package func run(_ hook: WarmPool.Hook, in container: ContainerReference) async throws(DriverError) -> String? {
        try await engine.run(hook, in: container)
    }

    package func rewrite(_ claim: Claim) async throws(DriverError) { try await engine.rewrite(claim) }

    package func changes(owner: String) async throws(DriverError) -> AsyncStream<ChangeHint> {
        try await engine.changes(owner: owner)
    }

    package func firewallChanges() async -> AsyncStream<FirewallFacts> { firewall.changes() }
}
