import Reconciler

/// Lets flows between two bridges that policies let through pass the engine's own separation of networks.
///
/// Docker drops what goes from one of its bridges to another, and a rule of ours that accepts is not the last word. So what
/// a policy lets through by a selector carries a mark on its connection, and one rule in `DOCKER-USER`, the chain that the
/// engine keeps for others, accepts what carries it. Without our table nothing is marked, and everything is separate again.
struct EnginePassage: Sendable {
    /// One bit of the connection's mark; nothing else of it is touched.
    static let mark = "0x20000000"

    private let command: FirewallCommand

    init(_ command: FirewallCommand) { self.command = command }

    /// Versions of the protocol for which the engine separates bridges and nothing lets ours through.
    func missing(for table: String) async -> [String] {
        var missing: [String] = []
        for program in ["iptables", "ip6tables"] where await !isOpen(program, table) { missing.append(program) }
        return missing
    }

    func open(for table: String) async throws(DriverError) {
        for program in await missing(for: table) {
            _ = try await command.succeed([program, "--wait", "--insert"] + Self.rule(table))
        }
    }

    /// Takes the rule away, wherever there is one.
    func close(for table: String) async {
        for program in ["iptables", "ip6tables"] {
            // Only a listing changes nothing: anything else makes the tables of a host that has none.
            guard let listing = try? await command.run(["\(program)-save", "--table", "filter"]),
                listing.text.contains(Self.mark), listing.text.contains("--comment \(table) ")
            else { continue }
            // What cannot be taken away opens nothing: nothing is marked any more.
            _ = try? await command.run([program, "--wait", "--delete"] + Self.rule(table))
        }
    }

    private func isOpen(_ program: String, _ table: String) async -> Bool {
        // An engine without the program, or without a chain for others (Docker before 23 has none for IPv6), separates
        // nothing by it that a rule of ours could let through.
        guard let chain = try? await command.run([program, "--wait", "--list-rules", "DOCKER-USER"]), chain.isSuccess,
            let output = try? await command.run([program, "--wait", "--check"] + Self.rule(table))
        else { return true }
        return output.isSuccess
    }

    private static func rule(_ table: String) -> [String] {
        [
            "DOCKER-USER", "--in-interface", "rc-+", "--out-interface", "rc-+", "--match", "connmark", "--mark",
            "\(mark)/\(mark)", "--match", "comment", "--comment", table, "--jump", "ACCEPT",
        ]
    }
}
