package import Reconciler

/// Puts network policies into the kernel, says what of them is in force, and hears when somebody takes them away.
package actor FirewallDriver {
    /// Which backend to take.
    package enum Choice: Sendable { case automatic, nftables, iptables }

    let command: FirewallCommand
    private let engine: EngineAddress?
    private let choice: Choice
    private let ports: PortIsolation
    private let members: NFTMembers
    let ledPorts: NFTPorts
    /// Of connections that ports of ours were led by.
    nonisolated let connectionDrain: ConnectionDrain
    /// Ports were led to members of this host since the program began.
    var hasLedPorts = false
    /// Whether members can be bound to their addresses; nil before anybody tried.
    private var canBind: Bool?
    /// Where containers are attached, as they were last seen, and those that the kernel is known to bind.
    private var links: [MemberLink] = []
    private var bound: [MemberLink]?
    private(set) var backend: (any FirewallBackend)?
    private var problem: String?
    /// What the kernel has for sure; nil after somebody else was there, and in the beginning.
    private var known: FirewallIntent?
    /// What should be in force: what was applied last, or asked about.
    private var wanted: FirewallIntent? {
        didSet { if isNeeded { need.yield() } }
    }
    /// There is something to keep in force.
    var isNeeded: Bool { wanted?.asksForNothing == false }
    /// Tells when there is.
    nonisolated let needs: AsyncStream<Void>
    private let need: AsyncStream<Void>.Continuation
    private var newest = FirewallFacts()
    /// Nothing of ours is in the kernel, nor was anything applied.
    private var isEmpty = false
    /// Bridges that containers are being attached to, with how many.
    private var starting: [String: Int] = [:]
    private var isBusy = false
    private var waiting: [CheckedContinuation<Void, Never>] = []

    /// - Parameters:
    ///   - engine: whose packets they are; rules in another network namespace than its own would mean nothing.
    ///   - openNetlink: makes a socket to the packet filter; tests make it in a namespace of their own.
    package init(
        _ command: FirewallCommand = FirewallCommand(), engine: EngineAddress? = nil, choice: Choice = .automatic,
        openNetlink: @escaping @Sendable () throws -> NetlinkSocket = { try NetlinkSocket() }
    ) {
        connectionDrain = ConnectionDrain {
            TrackedConnections(socket: try openNetlink(), mark: EnginePassage.Flows.ports.bit)
        }
        self.command = command
        self.engine = engine
        self.choice = choice
        ports = PortIsolation(command)
        members = NFTMembers(command)
        ledPorts = NFTPorts(command)
        (needs, need) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Whether the kernel's timed sets are those of nftables; so they are before anybody looked.
    var usesNFTables: Bool { backend?.kind != .iptables }

    // MARK: One call at a time

    private func lock() async {
        guard isBusy else {
            isBusy = true
            return
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    private func unlock() {
        if waiting.isEmpty { isBusy = false } else { waiting.removeFirst().resume() }
    }

    // MARK: Looking

    /// Compares the kernel with what is asked about. What cannot be seen is said in `support` and `drift`.
    package func facts(for intent: FirewallIntent) async -> FirewallFacts {
        await lock()
        defer { unlock() }
        var facts = await look(intent)
        if let backend, !facts.inForce.isEmpty {
            // Numbers for people; nothing depends on them.
            facts.refusals = (try? await backend.refusals(in: intent.table)) ?? []
        }
        return facts
    }

    /// The same for what was applied last, with what anybody was told right before; nil before anything was applied.
    func factsNow() async -> (before: FirewallFacts, now: FirewallFacts)? {
        await lock()
        defer { unlock() }
        guard let wanted else { return nil }
        let before = newest
        return (before, await look(wanted))
    }

    /// What a host without a policy has: most have none, and looking at them costs next to nothing.
    private func lookForNothing(_ intent: FirewallIntent) async -> FirewallFacts? {
        guard intent.asksForNothing, !isNeeded else { return nil }
        if isEmpty { return record(FirewallFacts()) }
        for family in ["inet", "ip"] {
            // No program, or no right to run it: then nothing of ours can be there.
            let listing = try? await command.run(["nft", "list", "table", family, intent.table])
            if listing?.isSuccess == true { return nil }
        }
        isEmpty = true
        return record(FirewallFacts())
    }

    /// Which backend this host gets, if any.
    package func support() async -> FirewallFacts.Support {
        await lock()
        defer { unlock() }
        return await ready().map { .by($0.kind) } ?? .missing(problem ?? "unknown")
    }

    /// Says what could be had here of rules that nobody asks for yet.
    package func addAbilities(to facts: inout FirewallFacts) async {
        await lock()
        defer { unlock() }
        guard let backend = await ready() else {
            facts.support = .missing(problem ?? "unknown")
            return
        }
        facts.support = .by(backend.kind)
        facts.supportsNames = backend.supportsNames
        facts.leadsPorts = backend.kind == .nftables ? await ledPorts.isSupported() : false
    }

    private func look(_ intent: FirewallIntent) async -> FirewallFacts {
        if let nothing = await lookForNothing(intent) { return nothing }
        if wanted == nil { wanted = intent }
        guard let backend = await ready() else { return record(FirewallFacts(support: .missing(problem ?? "unknown"))) }
        do throws(DriverError) {
            let found = try await backend.compare(intent)
            var facts = FirewallFacts(
                support: .by(backend.kind), supportsNames: backend.supportsNames, inForce: found.inForce,
                others: found.others, isPresent: found.isPresent, drift: found.drift)
            await withdrawOpenPorts(&facts, intent)
            await withdrawUnbound(&facts, intent)
            await lookAtPorts(&facts, intent)
            let others = Set(found.others).subtracting(intent.kept)
            if facts.inForce.count == intent.bridges.count && others.isEmpty && found.isPresent {
                known = intent.keeping(found.others)
            } else if intent.bridges == wanted?.bridges {
                known = nil
            }
            return record(facts)
        } catch {
            known = nil
            var facts = FirewallFacts(
                support: .by(backend.kind), supportsNames: backend.supportsNames, isPresent: true,
                drift: error.description)
            await lookAtPorts(&facts, intent)
            return record(facts)
        }
    }

    /// Rules that bridged packets may never meet do not keep siblings apart.
    private func withdrawOpenPorts(_ facts: inout FirewallFacts, _ intent: FirewallIntent) async {
        let isolated = intent.isolatedBridges.intersection(facts.inForce.keys).subtracting(starting.keys)
        for (bridge, open) in await ports.openPorts(of: isolated).sorted(by: { $0.key < $1.key }) {
            facts.inForce[bridge] = nil
            facts.drift = facts.drift ?? "port \(open.first ?? "") of '\(bridge)' is not isolated"
        }
    }

    /// Members that may call themselves what they like are drift, where that can be kept from them.
    private func withdrawUnbound(_ facts: inout FirewallFacts, _ intent: FirewallIntent) async {
        guard await bindsMembers() else { return }
        facts.bindsMembers = true
        let wanted = bindable(intent)
        // Who has gone since may still be named: nobody is behind that port any more.
        let expected = bound.map { Set(wanted).isSubset(of: $0) ? $0 : wanted } ?? wanted
        if expected.isEmpty { return }
        if await members.isInForce(expected, table: intent.table) {
            bound = expected
            return
        }
        // Another run of the program may have bound them, before some went.
        let departed = await members.departed(besides: wanted, table: intent.table)
        if !departed.isEmpty, await members.isInForce(wanted + departed, table: intent.table) {
            bound = wanted + departed
            return
        }
        bound = nil
        // Somebody is just being attached, and is bound right after.
        guard starting.isEmpty else { return }
        for link in wanted {
            facts.inForce[link.bridge] = nil
            facts.drift = facts.drift ?? "members of '\(link.bridge)' are not bound to their addresses"
        }
    }

    private func bindsMembers() async -> Bool {
        guard backend?.kind == .nftables else { return false }
        if let canBind { return canBind }
        let answer = await members.isSupported()
        canBind = answer
        return answer
    }

    /// Members of objects that policies select; all others are none of our business.
    private func bindable(_ intent: FirewallIntent) -> [MemberLink] {
        let bridges = Set(intent.bridges.map(\.bridge)).union(intent.kept)
        return links.filter { bridges.contains($0.bridge) }.sorted()
    }

    private func bind(_ intent: FirewallIntent) async throws(DriverError) {
        let wanted = bindable(intent)
        if wanted == bound || (wanted.isEmpty && bound == nil && !intent.isEmpty) { return }
        guard await bindsMembers() else { return }
        bound = nil
        try await members.apply(wanted, table: intent.table)
        bound = wanted
    }

    /// Where all containers of ours are attached, as somebody just saw it. Nothing is changed by it.
    func note(links: [MemberLink]) { self.links = links }

    private func record(_ facts: FirewallFacts) -> FirewallFacts {
        var facts = facts
        facts.sequence = newest.sequence + 1
        newest = facts
        return facts
    }

    /// Chosen once; a host that had none is asked again each time, since a package may be installed.
    private func ready() async -> (any FirewallBackend)? {
        if let engine, let process = EngineProcess(listeningOn: engine), !process.sharesOurNetwork {
            problem = "the engine is in another network namespace than this process"
            return nil
        }
        if let backend { return backend }
        var problems: [String] = []
        if choice != .iptables {
            if let problem = await NFTBackend.problem(command) {
                problems.append("nft: \(problem)")
            } else {
                backend = NFTBackend(command)
                return backend
            }
        }
        if choice != .nftables {
            if let problem = await IPTablesBackend.problem(command) {
                problems.append("iptables: \(problem)")
            } else {
                backend = IPTablesBackend(command, hasSets: await IPSets(command).isSupported())
                return backend
            }
        }
        problem = problems.joined(separator: "; ")
        return nil
    }

    // MARK: Writing

    /// Puts the rules in force and takes away all others of ours, but those of the bridges that are kept.
    ///
    /// - Returns: what is in force now, on the kernel's word that it took the transaction.
    package func apply(_ intent: FirewallIntent) async throws(DriverError) -> FirewallFacts {
        await lock()
        defer { unlock() }
        guard let backend = await ready() else {
            throw DriverError(.transient, .serverError, problem ?? "there is no packet filter", at: "apply-firewall")
        }
        let before = known
        known = nil
        isEmpty = false
        // What is kept is known by its name alone, so it can be left as it is, and neither changed nor taken away.
        let isKeeping = Set(before?.kept ?? []).isSubset(of: intent.kept)
        // What was isolated already is looked at with the rest, and whoever is attached later is isolated then.
        let isolated = intent.isolatedBridges.subtracting(before?.isolatedBridges ?? [])
        async let closing = Result { () async throws(DriverError) in try await ports.close(isolated) }
        try await backend.apply(intent, over: isKeeping ? before : nil)
        try await closing.get()
        try await bind(intent)
        try await lead(intent)
        known = intent
        wanted = intent
        var facts = FirewallFacts(
            support: .by(backend.kind), supportsNames: backend.supportsNames,
            inForce: Dictionary(intent.bridges.map { ($0.bridge, $0.digest) }) { first, _ in first },
            others: intent.kept, isPresent: !intent.isEmpty)
        facts.bindsMembers = canBind == true
        // What the kernel has just taken it can; otherwise the last look knows.
        facts.leadsPorts = backend.kind == .nftables && (!intent.traffic.isEmpty || newest.leadsPorts)
        facts.traffic = intent.traffic
        return record(facts)
    }

    /// Prepares a bridge that was just made, before anything is attached to it.
    func prepare(_ bridge: String) async {
        guard isIsolated(bridge) else { return }
        await ports.filterBridged(bridge)
    }

    /// A container is about to be attached to a bridge: its port is no drift before `attached`.
    func willAttach(to bridge: String) { starting[bridge, default: 0] += 1 }

    /// Isolates what was just attached to a bridge, or was to be, and binds it to its addresses.
    func attached(to bridge: String, _ link: MemberLink?) async throws(DriverError) {
        defer {
            starting[bridge, default: 1] -= 1
            if starting[bridge] == 0 { starting[bridge] = nil }
        }
        if isIsolated(bridge) { try await ports.close([bridge]) }
        guard let link, let wanted, wanted.bridges.contains(where: { $0.bridge == bridge }) else { return }
        links = links.filter { $0.port != link.port } + [link]
        try await bind(wanted)
    }

    private func isIsolated(_ bridge: String) -> Bool {
        wanted?.bridges.contains { $0.bridge == bridge && $0.isIsolated } ?? false
    }

    // MARK: Counters

    /// Packets that were refused since the rules of each bridge are in force; empty where nothing counts them.
    package func refusals() async -> [PolicyRefusals] {
        await lock()
        defer { unlock() }
        guard let backend, let table = wanted?.table else { return [] }
        // Without an answer there is nothing to show, and nothing depends on it.
        return (try? await backend.refusals(in: table)) ?? []
    }
}

extension FirewallIntent {
    fileprivate var isolatedBridges: Set<String> { Set(bridges.filter(\.isIsolated).map(\.bridge)) }
}
