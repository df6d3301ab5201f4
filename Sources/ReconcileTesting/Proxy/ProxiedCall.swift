/// One request that went through an `EngineProxy`.
package struct ProxiedCall: Hashable, Sendable, CustomStringConvertible {
    package let method: String
    /// Without version and query.
    package let path: String
    /// Still encoded; empty when there is none.
    package let query: String
    /// Counts the calls that change something, from 1; nil for those that only read or run a probe.
    package let changeNumber: Int?

    package var isRead: Bool { method == "GET" || method == "HEAD" }

    package var description: String { "\(method) \(path)" + (query.isEmpty ? "" : "?\(query)") }

    /// - Parameter changes: how many changing calls came before this one.
    init(method: String, uri: String, changes: Int) {
        let parts = uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var path = parts.first.map(String.init) ?? ""
        if path.hasPrefix("/v1."), let slash = path.dropFirst().firstIndex(of: "/") { path = String(path[slash...]) }
        self.method = method
        self.path = path
        query = parts.count > 1 ? String(parts[1]) : ""
        // A probe runs a command in a container; it changes nothing that anybody declares.
        let isProbe = path.hasPrefix("/exec/") || path.hasSuffix("/exec")
        changeNumber = ["GET", "HEAD"].contains(method) || isProbe ? nil : changes + 1
    }
}
