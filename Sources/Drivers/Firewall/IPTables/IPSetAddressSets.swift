import NameFilter
import Reconciler
import Specs

/// The timed sets of the older filter, filled by `ipset`: one process for each batch of addresses.
struct IPSetAddressSets: AddressSets {
    private let command: FirewallCommand
    private let setName: NetlinkAddressSets.SetName

    init(_ command: FirewallCommand, setName: @escaping NetlinkAddressSets.SetName) {
        self.command = command
        self.setName = setName
    }

    func add(_ grants: [AddressGrant]) async throws(AddressSetsError) {
        var lines: [String] = []
        for grant in grants {
            guard let set = setName(grant.bridge, grant.ports, grant.address.width == 128) else {
                throw AddressSetsError(.absent, "no set for names of bridge '\(grant.bridge)'")
            }
            let seconds = max(1, min(grant.lifetime.components.seconds + 1, IPSets.longest))
            lines.append("add \(set) \(grant.address) timeout \(seconds)")
        }
        try await restore(lines)
    }

    /// A bridge without sets has nothing to take out.
    func remove(_ grants: [AddressGrant]) async throws(AddressSetsError) {
        try await restore(
            grants.compactMap { grant in
                setName(grant.bridge, grant.ports, grant.address.width == 128).map { "del \($0) \(grant.address)" }
            })
    }

    private func restore(_ lines: [String]) async throws(AddressSetsError) {
        if lines.isEmpty { return }
        do throws(DriverError) {
            let output = try await command.run(
                ["ipset", "-exist", "restore"], input: lines.joined(separator: "\n") + "\n")
            if output.isSuccess { return }
            let complaint = output.complaint
            let code: AddressSetsError.Code =
                complaint.contains("is full") ? .full : complaint.contains("does not exist") ? .absent : .failed
            throw DriverError(.transient, .serverError, "\(code.rawValue): \(complaint.prefix(200))", at: "ipset")
        } catch {
            let code = AddressSetsError.Code(rawValue: String(error.message.prefix { $0 != ":" })) ?? .failed
            throw AddressSetsError(code, error.message)
        }
    }
}

/// The sets themselves: made before rules name them, and taken away when none does any more.
struct IPSets: Sendable {
    /// What the kernel counts with, in seconds.
    static let longest: Int64 = 2_147_483

    /// How long an address is kept that a connection was begun to, in seconds: longer than the two hours after which TCP asks
    /// whether anybody is there.
    static let use = 10_800

    private let command: FirewallCommand

    init(_ command: FirewallCommand) { self.command = command }

    /// Whether there is a program and a kernel for them.
    func isSupported() async -> Bool {
        // A program that cannot be run says no as well.
        (try? await command.run(["ipset", "list", "-name"]))?.isSuccess == true
    }

    /// What makes all sets of an intent, those that are there included.
    static func creation(_ intent: FirewallIntent) -> String {
        names(intent).map { name in
            "create \(name) hash:ip family \(name.hasSuffix("6") ? "inet6" : "inet") timeout 0 maxelem 65536\n"
        }.joined()
    }

    static func names(_ intent: FirewallIntent) -> [String] {
        intent.bridges.flatMap { policy in
            policy.names.indices.flatMap { rule in
                [false, true].flatMap {
                    [
                        NFTNames.names(policy.bridge, rule: rule, isV6: $0),
                        NFTNames.used(policy.bridge, policy.names[rule], isV6: $0),
                    ]
                }
            }
        }
    }

    func create(for intent: FirewallIntent) async throws(DriverError) {
        let text = Self.creation(intent)
        if text.isEmpty { return }
        _ = try await command.succeed(["ipset", "-exist", "restore"], input: text)
    }

    /// Takes sets of ours away that the intent does not name; one that a rule still names stays.
    func removeOthers(than intent: FirewallIntent) async {
        let kept = Set(Self.names(intent))
        // Without the program there are none.
        guard let listing = try? await command.run(["ipset", "list", "-name"]), listing.isSuccess else { return }
        for name in listing.text.split(separator: "\n").map(String.init)
        where name.hasPrefix("\(NFTNames.dynamic)rc_") && !kept.contains(name) && !intent.keeps(name) {
            // The kernel keeps one that a rule names; it goes when the rule has gone.
            _ = try? await command.run(["ipset", "destroy", name])
        }
    }
}

extension FirewallIntent {
    /// Whether the set is of a bridge whose rules stay as they are.
    fileprivate func keeps(_ set: String) -> Bool { NFTNames.bridge(in: set).map { kept.contains($0) } ?? false }
}
