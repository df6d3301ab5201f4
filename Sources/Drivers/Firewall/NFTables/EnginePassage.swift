import Reconciler

/// Lets flows that rules of ours open pass the engine's own rules: those between two bridges, and those of published ports.
///
/// Docker drops what goes from one of its bridges to another, and a rule of ours that accepts is not the last word. So what
/// a policy lets through by a selector carries a mark on its connection, and one rule in `DOCKER-USER`, the chain that the
/// engine keeps for others, accepts what carries it. Without our table nothing is marked, and everything is separate again.
struct EnginePassage: Sendable {
    /// What is let through.
    enum Flows: Sendable {
        /// From one bridge of ours to another.
        case betweenBridges
        /// From anywhere to a member that a port of the host leads to.
        case ports

        /// One bit of the connection's mark; nothing else of it is touched.
        var bit: UInt32 {
            switch self {
            case .betweenBridges: 0x2000_0000
            case .ports: 0x1000_0000
            }
        }

        var mark: String { "0x" + String(bit, radix: 16) }

        fileprivate var programs: [String] {
            switch self {
            case .betweenBridges: ["iptables", "ip6tables"]
            case .ports: ["iptables"]
            }
        }

        fileprivate func comment(_ table: String) -> String {
            switch self {
            case .betweenBridges: table
            case .ports: table + "-ports"
            }
        }

        fileprivate func rule(_ table: String) -> [String] {
            let source = if case .betweenBridges = self { ["--in-interface", "rc-+"] } else { [String]() }
            return ["DOCKER-USER"] + source + [
                "--out-interface", "rc-+", "--match", "connmark", "--mark", "\(mark)/\(mark)", "--match", "comment",
                "--comment", comment(table), "--jump", "ACCEPT",
            ]
        }
    }

    private let command: FirewallCommand
    private let flows: Flows

    init(_ command: FirewallCommand, for flows: Flows) { (self.command, self.flows) = (command, flows) }

    /// Versions of the protocol for which the engine separates bridges and nothing lets ours through.
    func missing(for table: String) async -> [String] {
        var missing: [String] = []
        for program in flows.programs where await !isOpen(program, table) { missing.append(program) }
        return missing
    }

    func open(for table: String) async throws(DriverError) {
        for program in await missing(for: table) {
            _ = try await command.succeed([program, "--wait", "--insert"] + flows.rule(table))
        }
    }

    /// Takes the rule away, wherever there is one.
    func close(for table: String) async {
        for program in flows.programs {
            // Only a listing changes nothing: anything else makes the tables of a host that has none.
            guard let listing = try? await command.run(["\(program)-save", "--table", "filter"]),
                listing.text.contains(flows.mark), listing.text.contains("--comment \(flows.comment(table)) ")
            else { continue }
            // What cannot be taken away opens nothing: nothing is marked any more.
            _ = try? await command.run([program, "--wait", "--delete"] + flows.rule(table))
        }
    }

    private func isOpen(_ program: String, _ table: String) async -> Bool {
        // An engine without the program, or without a chain for others (Docker before 23 has none for IPv6), separates
        // nothing by it that a rule of ours could let through.
        guard let chain = try? await command.run([program, "--wait", "--list-rules", "DOCKER-USER"]), chain.isSuccess,
            let output = try? await command.run([program, "--wait", "--check"] + flows.rule(table))
        else { return true }
        return output.isSuccess
    }
}
