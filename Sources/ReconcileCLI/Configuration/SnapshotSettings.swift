import Specs

/// Whether and where the daemon publishes what dry-runs elsewhere must know of this host.
struct SnapshotSettings: Sendable {
    var path: String?
    var interval = Duration.seconds(300)
    var keyFile: String?
}

extension SnapshotSettings {
    static let settings: [Setting<SnapshotSettings>] = [
        Setting(
            "path", \.path, .string(.path),
            "Where the daemon writes a snapshot of this host, for dry-runs elsewhere: docs/preview.md.",
            whenLeftOut: "none is written"),
        Setting(
            "interval", \.interval, .duration(in: .seconds(10)...(.seconds(86_400))), "Between two of them."),
        Setting(
            "keyFile", \.keyFile, .string(.path),
            "The key that snapshots are signed with: 'reconcile snapshot keygen'.",
            whenLeftOut: "they are not signed"),
    ]
}
