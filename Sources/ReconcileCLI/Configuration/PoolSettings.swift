import Reconciler
import Specs

/// What pools need of this host.
struct PoolSettings: Sendable {
    var runtimeDirectory = ClaimFolder.defaultRoot
}

extension PoolSettings {
    static let settings: [Setting<PoolSettings>] = [
        Setting(
            "runtimeDirectory", \.runtimeDirectory, .string(.absolutePath),
            "Where members of pools find what a claim brings: a folder on a tmpfs, that the engine sees too. "
                + "Another one replaces all unclaimed members.")
    ]
}

extension TextRule {
    /// A folder by its whole path, in one spelling.
    fileprivate static let absolutePath = TextRule("an absolute path without '..'", example: "/run/reconcile") { text in
        text.hasPrefix("/") && text.utf8.count <= 512 && !text.utf8.contains(0)
            && text.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
                .allSatisfy { !["", ".", "..", "members"].contains($0) }
    }
}
