/// What `iptables-save` prints, cut into tables and chains. Nothing in here understands a rule.
struct IPTablesListing: Hashable, Sendable {
    /// Rules by table and chain, as they stand: `-A CHAIN …`. Chains without rules are in it as well.
    private var tables: [String: [String: [String]]] = [:]

    init(_ text: String) {
        var table = ""
        for line in text.split(separator: "\n") {
            if line.hasPrefix("*") {
                table = String(line.dropFirst())
            } else if line.hasPrefix(":"), let name = line.dropFirst().split(separator: " ").first {
                tables[table, default: [:]][String(name), default: []] += []
            } else if let rule = Self.withoutCounters(line), let name = rule.split(separator: " ").dropFirst().first {
                tables[table, default: [:]][String(name), default: []].append(String(rule))
            }
        }
    }

    /// `[3:180] -A CHAIN …` or `-A CHAIN …`; nil for everything else.
    private static func withoutCounters(_ line: Substring) -> Substring? {
        if line.hasPrefix("-A ") { return line }
        guard line.hasPrefix("["), let end = line.firstIndex(of: "]") else { return nil }
        let rule = line[line.index(after: end)...].drop { $0 == " " }
        return rule.hasPrefix("-A ") ? rule : nil
    }

    /// Chains of the filter.
    var chains: [String] { chains(in: "filter") }

    func chains(in table: String) -> [String] { (tables[table] ?? [:]).keys.sorted() }

    /// The rules of a chain of either table; no chain of ours is in both.
    func rules(of chain: String) -> [String] { tables["filter"]?[chain] ?? tables["raw"]?[chain] ?? [] }

    /// Docker leaves alone what stands in `DOCKER-USER`, and puts its own rules before what stands in `FORWARD`.
    var forwardHook: String { tables["filter"]?["DOCKER-USER"] == nil ? "FORWARD" : "DOCKER-USER" }

    // MARK: Jumps

    /// All rules of others' chains that lead to ours.
    func jumps(to chains: [String], in table: String) -> [String] {
        (tables[table] ?? [:]).sorted { $0.key < $1.key }.flatMap(\.value).filter { rule in
            chains.contains { rule.hasSuffix(" -j \($0)") }
        }
    }

    /// Whether a chain begins with the jump, and nothing else leads there.
    func isHooked(_ hook: String, to chain: String, in table: String) -> Bool {
        tables[table]?[hook]?.first == "-A \(hook) -j \(chain)" && jumps(to: [chain], in: table).count == 1
    }

    /// What makes the jump the first rule of its chain, and the only one there is; nothing where it is already.
    func jump(from hook: String, to chain: String, in table: String) -> [String] {
        if isHooked(hook, to: chain, in: table) { return [] }
        let elsewhere = jumps(to: [chain], in: table).filter { $0 != "-A \(hook) -j \(chain)" }
        return ["-I \(hook) 1 -j \(chain)"] + elsewhere.map { "-D " + $0.dropFirst(3) } + surplus(hook, chain, table)
    }

    /// The old places of the jump in its own chain, from the last to the first, one further down than they were.
    private func surplus(_ hook: String, _ chain: String, _ table: String) -> [String] {
        let rules = tables[table]?[hook] ?? []
        return rules.indices.filter { rules[$0] == "-A \(hook) -j \(chain)" }.reversed().map { "-D \(hook) \($0 + 2)" }
    }

    // MARK: Comparing

    /// Bridges of which something is here.
    func bridges(_ base: (forward: String, input: String, raw: String)) -> Set<String> {
        let led = (rules(of: base.forward) + rules(of: base.input) + rules(of: base.raw)).compactMap(Self.bridge)
        return Set(chains.compactMap { IPTablesRuleset.bridge(ofChain: $0) } + led)
    }

    /// Everything that speaks of one bridge: what leads to its chains, and what is in them.
    func everything(of bridge: String, _ base: (forward: String, input: String, raw: String)) -> [String] {
        let led = [base.forward, base.input, base.raw].flatMap { rules(of: $0) }.filter {
            Self.bridge(in: $0) == bridge
        }
        let own = chains.filter { IPTablesRuleset.bridge(ofChain: $0) == bridge }
        return led + own.flatMap { [":\($0)"] + rules(of: $0) }
    }

    /// What stands in our own chains and speaks of no bridge; nothing should.
    func unexpected(_ base: (forward: String, input: String, raw: String)) -> [String] {
        [base.forward, base.input, base.raw].flatMap { rules(of: $0) }.filter { Self.bridge(in: $0) == nil }
    }

    private static func bridge(in rule: String) -> String? {
        let words = rule.split(separator: " ")
        guard let option = words.firstIndex(where: { $0 == "-i" || $0 == "-o" }), words.count > option + 1,
            words[option + 1].hasPrefix("rc-")
        else { return nil }
        return String(words[option + 1])
    }
}
