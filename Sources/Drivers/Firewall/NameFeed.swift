package import NameFilter
import Reconciler
package import Specs
import Synchronization

/// Tells the name filter what it must know: which bridges have rules for names, and where it is to listen for them.
///
/// The packet filter's intent says the first, the engine's networks the second; both come and go while the program runs.
package final class NameFeed: Sendable {
    private struct State {
        var intent: FirewallIntent?
        /// The networks with a bridge, by its name.
        var networks: [String: ObservedNetwork] = [:]
        var told: FilterConfiguration?
    }

    /// The whole of it each time, and only the newest where nobody listens.
    package let configurations: AsyncStream<FilterConfiguration>
    /// Rules were put in force anew: sets that somebody had taken away are empty now.
    package let renewals: AsyncStream<Void>
    private let configuration: AsyncStream<FilterConfiguration>.Continuation
    private let renewal: AsyncStream<Void>.Continuation
    private let state = Mutex(State())
    private let template: FilterConfiguration

    /// - Parameter template: what holds for every bridge: where names are really looked up, within which limits.
    package init(_ template: FilterConfiguration = FilterConfiguration()) {
        self.template = template
        (configurations, configuration) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        (renewals, renewal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// What was seen in one look at the whole host.
    func take(_ intent: FirewallIntent, _ networks: ObservedNetworks) {
        update { state in
            state.intent = intent
            state.networks = [:]
            for network in networks.values {
                if let bridge = network.bridge { state.networks[bridge] = network }
            }
        }
    }

    /// A network that was just made: its containers ask before the next look at the whole host.
    func take(_ network: ObservedNetwork) {
        update { state in
            if let bridge = network.bridge { state.networks[bridge] = network }
        }
    }

    /// Rules that were just put in force.
    func take(_ intent: FirewallIntent) {
        update { $0.intent = intent }
        renewal.yield()
    }

    private func update(_ change: (inout State) -> Void) {
        let news = state.withLock { state -> FilterConfiguration? in
            change(&state)
            let now = configuration(state)
            guard now != state.told else { return nil }
            state.told = now
            return now
        }
        if let news { configuration.yield(news) }
    }

    private func configuration(_ state: State) -> FilterConfiguration {
        var whole = template
        whole.bridges = (state.intent?.bridges ?? []).compactMap { policy in
            guard !policy.names.isEmpty, let network = state.networks[policy.bridge], let gateway = network.gateway
            else { return nil }
            return FilterConfiguration.Bridge(
                name: policy.bridge, addresses: [gateway], clients: network.ranges,
                rules: policy.names.map { NameRule(patterns: $0.patterns, ports: $0.ports) }, hasIPv6: false)
        }
        return whole
    }

    /// The set for some ports of a bridge, for one version of the protocol; nil if there is none.
    package func setName(_ bridge: String, _ ports: [PortRange], isV6: Bool) -> String? {
        let names = state.withLock { $0.intent?.bridges.first { $0.bridge == bridge }?.names }
        return names?.firstIndex { $0.ports == ports }.map { NFTNames.names(bridge, rule: $0, isV6: isV6) }
    }
}

extension ObservedNetwork {
    /// The subnets as ranges; one that cannot be read is none of ours.
    fileprivate var ranges: [CIDR] { subnets.compactMap { try? CIDR.parse($0) } }
}
