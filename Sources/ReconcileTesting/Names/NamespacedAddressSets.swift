package import Drivers
package import NameFilter
package import Specs
import Subprocess
import Synchronization

/// The real sets of the kernel, in a network namespace of their own that nothing else is in; needs root, `ip` and `nft`.
///
/// Each transaction is one run of `nft`, in the words that a firewall uses.
package final class NamespacedAddressSets: AddressSets {
    private static let table = "inet names"

    private let namespace: String
    private let count = Atomic(0)

    private init(namespace: String) { self.namespace = namespace }

    /// Transactions so far.
    package var transactions: Int { count.load(ordering: .relaxed) }

    /// A namespace with an IPv4 and an IPv6 set for each bridge while the body runs.
    ///
    /// - Parameter size: the most addresses of one set.
    package static func with<Value: Sendable>(
        bridges: [String], size: Int = 65_536, _ body: (NamespacedAddressSets) async throws -> Value
    ) async throws -> Value {
        let sets = NamespacedAddressSets(namespace: "names-\(UInt32.random(in: .min ... .max))")
        try await TestCommand.run("ip", ["netns", "add", sets.namespace])
        let outcome: Result<Value, any Error>
        do {
            var lines = ["add table \(table)"]
            for bridge in bridges {
                for (version, type) in [("4", "ipv4_addr"), ("6", "ipv6_addr")] {
                    lines.append("add set \(table) \(bridge)_\(version) { type \(type); flags timeout; size \(size); }")
                }
            }
            try await sets.load(lines)
            outcome = .success(try await body(sets))
        } catch {
            outcome = .failure(error)
        }
        try await TestCommand.run("ip", ["netns", "delete", sets.namespace])
        return try outcome.get()
    }

    /// The same sets, over a socket to the kernel.
    package var overNetlink: NetlinkAddressSets {
        let namespace = namespace
        return NetlinkAddressSets(
            table: "names", open: { () throws(NetlinkSocket.Refusal) in try NetlinkSocket.inNamespace(namespace) },
            setName: { bridge, _, isV6 in "\(bridge)_\(isV6 ? "6" : "4")" })
    }

    /// Whether packets of the bridge to this address pass now.
    package func contains(_ address: IPAddress, bridge: String) async throws -> Bool {
        let set = "\(Self.table) \(Self.set(address, bridge))".split(separator: " ").map(String.init)
        for _ in 0..<20 {
            guard let complaint = try await run(["get", "element"] + set + ["{ \(address) }"]) else { return true }
            // Whoever changes something meanwhile interrupts the one that reads.
            if !complaint.contains("Interrupted") { return false }
        }
        return false
    }

    /// Empties all sets.
    package func flush(bridge: String) async throws {
        try await load(["4", "6"].map { "flush set \(Self.table) \(bridge)_\($0)" })
    }

    package func add(_ grants: [AddressGrant]) async throws(AddressSetsError) {
        try await load(
            Self.grouped(grants).flatMap { set, grants in
                let plain = grants.map(\.address.description).joined(separator: ", ")
                let lasting = grants.map { "\($0.address) timeout \(max(1, $0.lifetime.components.seconds))s" }
                // Kernels before 6.12 do not give an element that is there a new lifetime.
                return [
                    "add element \(set) { \(plain) }", "delete element \(set) { \(plain) }",
                    "add element \(set) { \(lasting.joined(separator: ", ")) }",
                ]
            })
    }

    package func remove(_ grants: [AddressGrant]) async throws(AddressSetsError) {
        try await load(
            Self.grouped(grants).flatMap { set, grants in
                let plain = grants.map(\.address.description).joined(separator: ", ")
                return ["add element \(set) { \(plain) }", "delete element \(set) { \(plain) }"]
            })
    }

    private static func grouped(_ grants: [AddressGrant]) -> [(String, [AddressGrant])] {
        Dictionary(grouping: grants) { "\(table) \(set($0.address, $0.bridge))" }.sorted { $0.key < $1.key }
    }

    private static func set(_ address: IPAddress, _ bridge: String) -> String {
        "\(bridge)_\(address.width == 32 ? "4" : "6")"
    }

    private func load(_ lines: [String]) async throws(AddressSetsError) {
        count.add(1, ordering: .relaxed)
        let complaint: String
        do {
            guard let said = try await run(["-f", "-"], input: lines.joined(separator: "\n") + "\n") else { return }
            complaint = said
        } catch {
            throw AddressSetsError(.failed, "\(error)")
        }
        // ENFILE is how the kernel says that a set is full.
        if complaint.contains("Too many open files in system") {
            throw AddressSetsError(.full, "a set has no room for more addresses")
        }
        throw AddressSetsError(complaint.contains("No such file") ? .absent : .failed, complaint)
    }

    /// What `nft` complains of; nil if it does not.
    private func run(_ arguments: [String], input: String = "") async throws -> String? {
        let result = try await Subprocess.run(
            .name("nsenter"), arguments: Arguments(["--net=/run/netns/\(namespace)", "nft"] + arguments),
            environment: .custom(TestCommand.environment), input: .string(input), output: .string(limit: 1 << 20),
            error: .string(limit: 1 << 16))
        return result.terminationStatus.isSuccess ? nil : result.standardError
    }
}
