import Drivers
import Specs

/// Where this host measures what specs only name: servers of Prometheus, and hooks.
struct MetricSettings: Sendable {
    var prometheus: [String: String] = [:]
    var hooks: [String: String] = [:]

    /// What measures by them, on this engine.
    func reader(
        kernel: KernelReader?, disk: @escaping @Sendable () -> Double?
    ) -> MetricReader {
        MetricReader(kernel: kernel, disk: disk, servers: prometheus, hooks: hooks)
    }
}

extension HostConfiguration {
    static let metricSettings: [Setting<HostConfiguration>] = [
        Setting(
            "prometheus", merged: \.metrics.prometheus, .map(keys: .objectName, values: .string(.address)),
            "Servers of Prometheus by name; 'default' is the one that a query means that names none.",
            whenLeftOut: "none"),
        Setting(
            "hooks", merged: \.metrics.hooks, .map(keys: .objectName, values: .string(.hook)),
            "Programs by absolute path, or addresses of HTTP, by the name that specs call them: for metrics of type "
                + "External and Queue, and for providers of HostPools.",
            whenLeftOut: "none"),
    ]
}

extension TextRule {
    fileprivate static let address = TextRule("an address of HTTP", example: "http://127.0.0.1:9090") {
        isAddress($0)
    }

    fileprivate static let hook = TextRule(
        "an absolute path, or an address of HTTP", example: "/usr/local/bin/queue-length"
    ) { $0.hasPrefix("/") && $0.utf8.count > 1 && !$0.utf8.contains(0) || isAddress($0) }

    private static func isAddress(_ text: String) -> Bool {
        ["http://", "https://"].contains { text.hasPrefix($0) && text.utf8.count > $0.utf8.count }
            && text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F }
    }
}
