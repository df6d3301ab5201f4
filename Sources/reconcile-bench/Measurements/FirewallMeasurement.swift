import Drivers
import ReconcileTesting
import Reconciler
import Specs

/// Network policies: applying one against a bare `nft -f` of the same set, and noticing that somebody flushed it.
struct FirewallMeasurement {
    let repetitions: Int

    func measure(into report: inout Report) async throws {
        guard NetworkLab.isPossible else { throw BenchError("network namespaces need root and nft") }
        for count in [100, 1_000, 10_000] { try await measureApplying(count, into: &report) }
        try await measureRepair(into: &report)
    }

    /// Destinations of one address each, every second one, so that none of them melt together.
    private func policy(_ count: Int, from first: UInt32) -> BridgePolicy {
        var spec = NetworkPolicy()
        spec.egress = NetworkPolicy.Rules(
            defaultAction: .deny,
            allow: (0..<count).map { number in
                let address = IPAddress.v4(first + UInt32(number) * 2)
                return NetworkPolicy.Rule(peer: .init(cidr: CIDR(networkOf: address, prefix: 32)))
            })
        return BridgePolicy(saying: spec, object: ResourceID(.workload, "web"), bridge: NetworkLab.bridge)
    }

    private func intents(_ count: Int) -> [FirewallIntent] {
        [0x0800_0000, 0x0900_0000].map { FirewallIntent(owner: "default", [policy(count, from: $0)]) }
    }

    private func measureApplying(_ count: Int, into report: inout Report) async throws {
        progress("a policy of \(count) destinations")
        let intents = intents(count)
        var (ours, bare, ratios, looks): ([Double], [Double], [Double], [Double]) = ([], [], [], [])
        try await NetworkLab.run { lab in
            let driver = FirewallDriver(lab.firewall, choice: .nftables)
            _ = try await driver.apply(intents[0])
            let make = "add table inet bare\nadd set inet bare s { type ipv4_addr; flags interval; }\n"
            _ = try await lab.firewall.succeed(["nft", "--file", "-"], input: make)
            for number in 1...repetitions {
                let intent = intents[number % 2]
                let elements = intent.bridges[0].egress.anyPort.texts.joined(separator: ", ")
                let text = "flush set inet bare s\nadd element inet bare s { \(elements) }\n"
                let clock = ContinuousClock()
                var applied = Duration.zero
                // Whoever comes first has the colder caches.
                if number % 2 == 0 {
                    applied = try await clock.measure { _ = try await driver.apply(intent) }
                }
                let loaded = try await clock.measure {
                    _ = try await lab.firewall.succeed(["nft", "--file", "-"], input: text)
                }
                if number % 2 == 1 {
                    applied = try await clock.measure { _ = try await driver.apply(intent) }
                }
                ours.append(applied.milliseconds)
                bare.append(loaded.milliseconds)
                ratios.append(applied / loaded)
                looks.append(await clock.measure { _ = await driver.facts(for: intent) }.milliseconds)
            }
        }
        report.add("apply a policy of \(count) destinations", milliseconds: Samples(ours))
        report.add("bare nft -f of the same set", milliseconds: Samples(bare))
        report.add("ratio of the two", ratio: Samples(ratios), atMost: 1.2)
        report.add("compare it with the kernel", milliseconds: Samples(looks))
    }

    private func measureRepair(into report: inout Report) async throws {
        progress("drift")
        var times: [Double] = []
        let intent = intents(100)[0]
        for _ in 0..<min(repetitions, 15) {
            try await NetworkLab.run { lab in
                let driver = FirewallDriver(lab.firewall, choice: .nftables)
                _ = try await driver.apply(intent)
                _ = await driver.facts(for: intent)
                var changes = driver.changes(every: .seconds(3_600)).makeAsyncIterator()
                // Until the watcher is there, and has looked once.
                try await Task.sleep(for: .milliseconds(300))
                let begun = ContinuousClock.now
                _ = try await lab.firewall.succeed(["nft", "flush", "ruleset"])
                guard let facts = await changes.next(), facts.inForce.isEmpty else {
                    throw BenchError("nobody noticed that the rules were flushed")
                }
                _ = try await driver.apply(intent)
                times.append((ContinuousClock.now - begun).milliseconds)
            }
        }
        report.add("nft flush ruleset noticed and repaired", milliseconds: Samples(times), below: 500)
    }
}
