package import Specs

/// Where the ports of this host are to lead now, and who must not be stopped before they do.
///
/// A member is led to when it is ready, and no more once the plan takes it away: the decision to stop it is made as if there
/// were no ports, and waits until the kernel leads nobody to it (docs/design/0031).
struct TrafficPlan {
    let context: PlanContext

    private var facts: FirewallFacts { context.observed.firewall }

    private var isPossible: Bool {
        if case .by = facts.support { facts.leadsPorts } else { false }
    }

    // MARK: What should be

    /// nil where the kernel leads everybody where they should go, or nothing here can.
    var wanted: TrafficMap? {
        guard isPossible else { return nil }
        let objects = context.desired.objects.values.filter { !$0.ledPorts.isEmpty }
        let map = TrafficMap(objects.flatMap(routes) + leftOver(beside: objects))
        return map == facts.traffic ? nil : map
    }

    /// What stands in the kernel stays where nothing better is known.
    var standing: TrafficMap { facts.traffic ?? TrafficMap() }

    /// Objects whose ports lead elsewhere than they should.
    func objects(changedBy map: TrafficMap) -> [ResourceID] {
        let before = Dictionary(standing.routes.map { ($0.port, $0) }) { first, _ in first }
        let after = Dictionary(map.routes.map { ($0.port, $0) }) { first, _ in first }
        return context.desired.objects.values.filter { object in
            object.ledPorts.contains { before[$0] != after[$0] }
        }.map { $0.id }.sorted()
    }

    private func routes(of object: DesiredObject) -> [TrafficMap.Route] {
        let members = members(of: object)
        return object.ledPorts.map { TrafficMap.Route($0, to: members) }
    }

    private func members(of object: DesiredObject) -> [TrafficMap.Member] {
        let view = context.view(object.id)
        return view.weighted(view.serving(of: staying(view))).compactMap { container, weight in
            container.memberAddress.map { TrafficMap.Member($0, weight: weight) }
        }
    }

    /// The containers that are ready and that nothing is about to take away.
    private func staying(_ view: ObjectView) -> [ObservedContainer] {
        let ready = view.allContainers.filter { $0.isReady && !view.isRetiring($0) }
        let leaving = Set(ready.map(\.slot)).reduce(into: Set<String>()) { leaving, slot in
            guard let action = Planner.decidedAction(slot, of: view), action.verdict == .go else { return }
            leaving.formUnion(action.takesAway)
        }
        return ready.filter { !leaving.contains($0.id) }
    }

    /// Ports that git does not lead anywhere any more, as long as something holds those back that they led to.
    private func leftOver(beside objects: [DesiredObject]) -> [TrafficMap.Route] {
        if standing.routes.isEmpty { return [] }
        let taken = Set(objects.flatMap { $0.ledPorts }.map { HostPort($0) })
        let routes = standing.routes.filter { !taken.contains(HostPort($0.port)) }
        if routes.isEmpty { return [] }
        let ledTo = Set(routes.flatMap(\.members).map(\.address))
        let led = context.observed.objectsWithContainers.filter { id in
            context.observed.containers(of: id).contains { $0.memberAddress.map(ledTo.contains) ?? false }
        }
        let staying = led.flatMap { id -> [ObservedContainer] in
            let view = context.view(id)
            // The engine publishes for those that are as git says.
            guard view.object?.ledPorts.isEmpty ?? true else { return [] }
            return self.staying(view).filter { view.object == nil || view.isOfEarlierTemplate($0) }
        }
        let owners = Dictionary(
            staying.compactMap { container in container.memberAddress.map { ($0, container.mark.object) } }
        ) { first, _ in first }
        let published = publishedByEngine
        return routes.map { route in
            // Whoever has the port from the engine now would get nothing of it: our rules come before the engine's.
            let next = published[HostPort(route.port)]
            let members = route.members.filter { member in
                owners[member.address].map { next == nil || next == $0 } ?? false
            }
            return TrafficMap.Route(route.port, to: members)
        }
    }

    private var publishedByEngine: [HostPort: ResourceID] {
        let pairs = context.desired.objects.values.flatMap { object in
            object.container.publish.map { (HostPort($0), object.id) }
        }
        return Dictionary(pairs) { min($0, $1) }
    }

    private struct HostPort: Hashable {
        var number: UInt16
        var transport: ContainerPort.Transport

        init(_ port: PublishedPort) { (number, transport) = (port.hostPort, port.container.transport) }
    }

    // MARK: Who waits for it

    /// Whether new connections may still get to the container, or may again before it has stopped.
    func leads(to container: ObservedContainer) -> Bool {
        guard isPossible, let address = container.memberAddress else { return false }
        if facts.traffic?.leads(to: address) == true || context.gates.trafficUnderWay?.leads(to: address) == true {
            return true
        }
        // What is in the kernel is put right first; nobody else has anything to do with it.
        return (facts.traffic == nil || context.gates.isTrafficInDoubt)
            && context.desired.objects[container.mark.object]?.ledPorts.isEmpty == false
    }

    /// Whether ports of the object lead to where nobody is any more: what starts next may get that very address.
    func leadsNowhere(of object: ResourceID) -> Bool {
        guard isPossible, let traffic = facts.traffic, let ports = context.desired.objects[object]?.ledPorts,
            !ports.isEmpty
        else { return false }
        let present = Set(context.view(object).allContainers.compactMap(\.memberAddress))
        return ports.contains { port in traffic.addresses(of: port).contains { !present.contains($0) } }
    }

    /// Why the ports of the object cannot be had on this host.
    func hold(on object: DesiredObject) -> Hold? {
        if object.ledPorts.isEmpty { return nil }
        switch facts.support {
        case .unknown: return Hold(.publishingNotSupported, "nobody has looked at this host's packet filter yet")
        case .missing(let why): return Hold(.publishingNotSupported, "ports cannot be led to members here: \(why)")
        case .by(.iptables):
            return Hold(
                .publishingNotSupported,
                "ports are led to members by nftables, which this host has not; 'strategy: {type: recreate}' needs none"
            )
        case .by(.nftables):
            if facts.leadsPorts { return nil }
            return Hold(.publishingNotSupported, "the kernel refuses the rules that lead ports to members")
        }
    }
}

extension ObservedContainer {
    /// Where connections can be led to while it runs.
    package var memberAddress: IPAddress? {
        guard self.status == .running || self.status == .paused else { return nil }
        // What the engine says may be nothing at all.
        return self.address.flatMap { try? IPAddress.parse($0) }
    }
}
