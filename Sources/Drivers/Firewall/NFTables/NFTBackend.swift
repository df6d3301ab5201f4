import Reconciler
import Specs

/// nftables: a table of our own, changed in one transaction.
actor NFTBackend: FirewallBackend {
    nonisolated let kind = FirewallFacts.Backend.nftables
    nonisolated let supportsNames = true

    private let command: FirewallCommand
    private let scratch: ScratchNamespace
    private let passage: EnginePassage
    /// Whether the engine was told to let marked flows through; nil where another run of the program may have.
    private var hasPassage: Bool?
    /// What an empty kernel lists of the newest intent that was asked about.
    private var wanted: (intent: FirewallIntent, listing: NFTListing)?

    init(_ command: FirewallCommand) {
        self.command = command
        passage = EnginePassage(command, for: .betweenBridges)
        scratch = ScratchNamespace(FirewallCommand())
    }

    /// Whether the kernel answers, and takes all that we say.
    ///
    /// - Returns: why not; nil where it does.
    static func problem(_ command: FirewallCommand) async -> String? {
        do throws(DriverError) {
            // Checked by the kernel and never committed.
            let probe = FirewallIntent(owner: "probe", [.probe])
            let output = try await command.run(
                ["nft", "--check", "--file", "-"], input: NFTRuleset.replacement(probe))
            return output.isSuccess ? nil : DriverError(refusal: output.complaint, at: ["nft"]).message
        } catch {
            return error.message
        }
    }

    func apply(_ intent: FirewallIntent, over known: FirewallIntent?) async throws(DriverError) {
        try await applyRules(intent, over: known)
        if intent.opensBridges {
            try await passage.open(for: intent.table)
        } else if hasPassage != false {
            await passage.close(for: intent.table)
        }
        hasPassage = intent.opensBridges
    }

    private func applyRules(_ intent: FirewallIntent, over known: FirewallIntent?) async throws(DriverError) {
        if let known {
            let text = NFTRuleset.change(from: known, to: intent)
            do throws(DriverError) {
                if text.count > 1 { try await load(text) }
                return
            } catch  where error.code == .serverError {
                // Somebody was there in the meantime.
            }
        }
        if intent.isEmpty { return try await load(NFTRuleset.replacement(intent)) }
        // Asked first, so that the table is changed right after it was listed.
        let wanted = await wantedListing(of: intent)
        guard let actual = try await listing(of: intent.table, isStateless: true) else {
            return try await load(NFTRuleset.replacement(intent))
        }
        if let sound = wanted.flatMap(actual.sound) {
            do throws(DriverError) {
                return try await load(NFTRuleset.repair(intent, of: actual, sparing: sound))
            } catch {
                // There is something in it that only goes with all of it.
            }
        }
        try await load(
            NFTRuleset.replacement(intent, carrying: try await listing(of: intent.table, isStateless: false)))
    }

    private func load(_ text: String) async throws(DriverError) {
        _ = try await command.succeed(["nft", "--file", "-"], input: text)
    }

    /// nil where there is no such table.
    private func listing(of table: String, isStateless: Bool) async throws(DriverError) -> NFTListing? {
        let output = try await command.run(
            ["nft"] + (isStateless ? ["--stateless"] : []) + ["list", "table", "inet", table])
        if output.isSuccess { return NFTListing(output.text) }
        if output.complaint.contains("No such file or directory") { return nil }
        throw DriverError(refusal: output.complaint, at: ["nft", "list", "table"])
    }

    // MARK: Looking

    func compare(_ intent: FirewallIntent) async throws(DriverError) -> FirewallComparison {
        guard let actual = try await listing(of: intent.table, isStateless: true) else {
            return FirewallComparison(drift: intent.bridges.isEmpty ? nil : "table \(intent.table) is gone")
        }
        var result = FirewallComparison(isPresent: true)
        let declared = Set(intent.bridges.map(\.bridge))
        result.others = actual.bridges.subtracting(declared).sorted()
        if intent.bridges.isEmpty { return result }
        guard let wanted = await wantedListing(of: intent) else {
            throw DriverError(
                .transient, .serverError,
                "what is in force cannot be compared with what should be: no scratch namespace can be had",
                at: "unshare")
        }
        if let difference = actual.sharedDifference(from: wanted) {
            result.drift = difference
            return result
        }
        for policy in intent.bridges {
            if let difference = actual.difference(from: wanted, of: policy.bridge) {
                result.drift = result.drift ?? difference
            } else {
                result.inForce[policy.bridge] = policy.digest
            }
        }
        await withdrawWithoutPassage(&result, intent)
        return result
    }

    /// A policy that opens a bridge is not in force while the engine keeps it closed.
    private func withdrawWithoutPassage(_ result: inout FirewallComparison, _ intent: FirewallIntent) async {
        guard intent.opensBridges, let program = await passage.missing(for: intent.table).first else { return }
        for policy in intent.bridges where policy.opensBridges { result.inForce[policy.bridge] = nil }
        result.drift = result.drift ?? "the rule for flows between bridges in DOCKER-USER (\(program)) is gone"
    }

    private func wantedListing(of intent: FirewallIntent) async -> NFTListing? {
        let intent = intent.keeping([])
        if let wanted, wanted.intent == intent { return wanted.listing }
        let text = await scratch.run(
            "nft --file - && exec nft --stateless list table inet \"$1\"", intent.table,
            input: NFTRuleset.replacement(intent))
        guard let text else { return nil }
        let listing = NFTListing(text)
        wanted = (intent, listing)
        return listing
    }

    // MARK: Counters

    func refusals(in table: String) async throws(DriverError) -> [PolicyRefusals] {
        guard
            let listing = NFTListing(
                counters: try await command.run(["nft", "list", "counters", "table", "inet", table]))
        else { return [] }
        return listing.refusals
    }
}

extension BridgePolicy {
    /// Uses every word that any policy may need.
    fileprivate static var probe: BridgePolicy {
        var spec = NetworkPolicy()
        spec.egress = NetworkPolicy.Rules(
            allow: [
                NetworkPolicy.Rule(
                    peer: .init(cidr: CIDR(networkOf: .v4(0x0800_0000), prefix: 8)), ports: [PortRange(1...2, .tcp)])
            ])
        spec.ingress = spec.egress
        var rate = NetworkPolicy.RateLimit()
        rate.packetsPerSecond = 1
        rate.connectionsPerSecond = 1
        spec.rateLimit = rate
        spec.log = NetworkPolicy.Log()
        return BridgePolicy(saying: spec, object: ResourceID(.workload, "probe"), bridge: "rc-0000000000")
    }
}
