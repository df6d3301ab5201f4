import FoundationEssentials
import Subprocess

/// Which of the kernel's two packet filters are in use, and which programs there are for them.
package struct FirewallInspection: Hashable, Sendable {
    /// What `iptables` works on.
    package enum Backend: String, Hashable, Sendable { case nft = "nf_tables", legacy }

    /// Such as `1.8.9`; nil when there is no `iptables`.
    package var iptablesVersion: String?
    package var backend: Backend?
    /// Rules in each of the two, in this network namespace; nil where that cannot be seen.
    package var legacyRules: Int?
    package var nftRules: Int?
    /// Such as `1.0.6`; nil when there is no `nft`.
    package var nftVersion: String?
    /// Whether the kernel answers `nft`; nil when it was not asked.
    package var nftWorks: Bool?

    package init() {}

    /// Rules in both filters: whoever writes into one does not see what the other does.
    package var isMixed: Bool { (legacyRules ?? 0) > 0 && (nftRules ?? 0) > 0 }

    /// Only lists.
    static func look() async -> FirewallInspection {
        var facts = FirewallInspection()
        if let said = await output("iptables", "--version") {
            (facts.iptablesVersion, facts.backend) = version(said)
        }
        // The legacy filter has rules only where the kernel names its tables; to ask otherwise could load its modules.
        let tables = try? String(contentsOfFile: "/proc/net/ip_tables_names", encoding: .utf8)
        if tables?.isEmpty == false {
            facts.legacyRules = await output("iptables-legacy-save").map { rules(in: $0) }
        } else {
            facts.legacyRules = 0
        }
        facts.nftRules = await output("iptables-nft-save").map { rules(in: $0) }
        if let said = await output("nft", "--version") {
            facts.nftVersion = said.split(separator: " ").dropFirst().first.map { $0.trimmingPrefix("v") }.map(
                String.init)
            facts.nftWorks = await output("nft", "list", "tables") != nil
        }
        return facts
    }

    /// `iptables v1.8.9 (nf_tables)`; before 1.8 there was only the legacy one, and no word on it.
    static func version(_ said: String) -> (String?, Backend?) {
        let words = said.split { $0 == " " || $0 == "\n" }
        guard words.count >= 2, words[1].hasPrefix("v") else { return (nil, nil) }
        return (String(words[1].dropFirst()), said.contains("(nf_tables)") ? .nft : .legacy)
    }

    static func rules(in listing: String) -> Int {
        listing.split(separator: "\n").count { $0.hasPrefix("-A ") }
    }

    /// What a command prints; nil when there is none, or it fails.
    private static func output(_ name: String, _ arguments: String...) async -> String? {
        do {
            let result = try await Subprocess.run(
                .name(name), arguments: Arguments(arguments),
                environment: .custom(["PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"]),
                output: .string(limit: 8 << 20), error: .discarded)
            return result.terminationStatus.isSuccess ? result.standardOutput : nil
        } catch {
            // No such program, or more rules than anybody could read: not known either way.
            return nil
        }
    }
}
