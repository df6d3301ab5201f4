import Reconciler
import Specs

/// iptables and ip6tables, for hosts whose kernel or distribution has no nft.
///
/// Weaker than nftables, and the documentation says where: four transactions instead of one, counters that begin anew
/// with every application, names only where there is ipset, and Docker up to 27 takes the jump to `DOCKER-USER` away for a moment whenever a
/// network is made.
actor IPTablesBackend: FirewallBackend {
    nonisolated let kind = FirewallFacts.Backend.iptables
    nonisolated let supportsNames: Bool

    private let command: FirewallCommand
    private let scratch: ScratchNamespace
    private let sets: IPSets
    private var wanted: (intent: FirewallIntent, listings: [IPTablesRuleset.Version: IPTablesListing])?

    /// - Parameter hasSets: whether the kernel's timed sets can be had (ipset).
    init(_ command: FirewallCommand, hasSets: Bool) {
        self.command = command
        sets = IPSets(command)
        supportsNames = hasSets
        scratch = ScratchNamespace(FirewallCommand())
    }

    /// - Returns: why it cannot be had; nil where it can.
    static func problem(_ command: FirewallCommand) async -> String? {
        for version in IPTablesRuleset.Version.allCases {
            do throws(DriverError) {
                let text = IPTablesRuleset(intent: FirewallIntent(owner: "probe"), version: version).text(over: nil)
                let output = try await command.run(
                    [version.program("restore"), "--test", "--noflush"], input: text)
                if !output.isSuccess { return DriverError(refusal: output.complaint, at: ["iptables"]).message }
            } catch {
                return error.message
            }
        }
        return nil
    }

    func apply(_ intent: FirewallIntent, over known: FirewallIntent?) async throws(DriverError) {
        if supportsNames { try await sets.create(for: intent) }
        for version in IPTablesRuleset.Version.allCases {
            let listing = try await listing(version)
            let text =
                intent.isEmpty
                ? IPTablesRuleset.removal(listing, table: intent.table)
                : IPTablesRuleset(intent: intent, version: version, hasSets: supportsNames).text(over: listing)
            if text.isEmpty { continue }
            _ = try await command.succeed([version.program("restore"), "--noflush", "--wait", "5"], input: text)
        }
        if supportsNames { await sets.removeOthers(than: intent) }
    }

    private func listing(_ version: IPTablesRuleset.Version) async throws(DriverError) -> IPTablesListing {
        IPTablesListing(try await command.succeed([version.program("save")]))
    }

    // MARK: Looking

    func compare(_ intent: FirewallIntent) async throws(DriverError) -> FirewallComparison {
        let base = IPTablesRuleset.base(intent.table)
        var result = FirewallComparison()
        var held = Dictionary(intent.bridges.map { ($0.bridge, $0.digest) }) { first, _ in first }
        for version in IPTablesRuleset.Version.allCases {
            let actual = try await listing(version)
            let present = actual.bridges(base)
            let isHere = !present.isEmpty || actual.chains.contains(base.forward)
            result.isPresent = result.isPresent || isHere
            result.others = Set(result.others).union(present.subtracting(intent.bridges.map(\.bridge))).sorted()
            if intent.bridges.isEmpty { continue }
            if let difference = hookProblem(actual, base, version) {
                result.drift = result.drift ?? difference
                held = [:]
                continue
            }
            let wanted = try await wantedListing(of: intent, version)
            for policy in intent.bridges
            where actual.everything(of: policy.bridge, base) != wanted.everything(of: policy.bridge, base) {
                held[policy.bridge] = nil
                result.drift = result.drift ?? "the rules of '\(policy.bridge)' differ in \(version.program("save"))"
            }
        }
        result.inForce = held
        return result
    }

    private func hookProblem(
        _ listing: IPTablesListing, _ base: (forward: String, input: String, raw: String),
        _ version: IPTablesRuleset.Version
    ) -> String? {
        let hooks = [
            (listing.forwardHook, base.forward, "filter"), ("INPUT", base.input, "filter"),
            ("PREROUTING", base.raw, "raw"),
        ]
        for (hook, chain, table) in hooks where !listing.isHooked(hook, to: chain, in: table) {
            return "\(hook) does not begin with \(chain) in \(version.program("save"))"
        }
        return listing.unexpected(base).first.map { "'\($0)' is not ours" }
    }

    private func wantedListing(
        of intent: FirewallIntent, _ version: IPTablesRuleset.Version
    ) async throws(DriverError) -> IPTablesListing {
        let intent = intent.keeping([])
        if let wanted, wanted.intent == intent, let listing = wanted.listings[version] { return listing }
        let fill = "test -z \"$1\" || printf %s \"$1\" | ipset -exist restore"
        let text = await scratch.run(
            "\(fill); \(version.program("restore")) && exec \(version.program("save"))",
            supportsNames ? IPSets.creation(intent) : "",
            input: IPTablesRuleset(intent: intent, version: version, hasSets: supportsNames).text(over: nil))
        guard let text else {
            throw DriverError(
                .transient, .serverError,
                "what is in force cannot be compared with what should be: no scratch namespace can be had",
                at: "unshare")
        }
        let listing = IPTablesListing(text)
        if wanted?.intent != intent { wanted = (intent, [:]) }
        wanted?.listings[version] = listing
        return listing
    }

    // MARK: Counters

    func refusals(in table: String) async throws(DriverError) -> [PolicyRefusals] {
        var counted: [String: PolicyRefusals] = [:]
        for version in IPTablesRuleset.Version.allCases {
            let text = try await command.succeed([version.program("save"), "--counters"])
            for line in text.split(separator: "\n") {
                guard let found = PolicyRefusals(counted: line) else { continue }
                let key = "\(found.bridge) \(found.reason)"
                counted[key, default: PolicyRefusals(bridge: found.bridge, reason: found.reason, packets: 0, bytes: 0)]
                    .packets += found.packets
                counted[key]?.bytes += found.bytes
            }
        }
        return counted.sorted { $0.key < $1.key }.map(\.value)
    }
}

extension PolicyRefusals {
    /// Reads `[3:180] -A RC-0123456789-OUT … --comment egress -g RC-0123456789-DROP`; nil for other rules.
    fileprivate init?(counted line: Substring) {
        let words = line.split(separator: " ")
        guard line.hasPrefix("["), let comment = words.firstIndex(of: "--comment"), words.count > comment + 2 else {
            return nil
        }
        let numbers = words[0].dropFirst().dropLast().split(separator: ":").compactMap { UInt64($0) }
        let input = words.firstIndex(of: "-i").map { String(words[$0 + 1]) }
        let bridge = IPTablesRuleset.bridge(ofChain: words[2]) ?? input
        guard numbers.count == 2, let bridge, bridge.hasPrefix("rc-") else { return nil }
        self.init(bridge: bridge, reason: String(words[comment + 1]), packets: numbers[0], bytes: numbers[1])
    }
}
