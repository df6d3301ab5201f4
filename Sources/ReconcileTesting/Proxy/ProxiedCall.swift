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

/// What a proxy does to one call instead of passing it on; happens once.
package struct ProxyFault: Sendable {
    package enum Moment: Hashable, Sendable, CaseIterable {
        /// The engine never hears of the call.
        case beforeForwarding
        /// The engine has done its work and answered, and the answer is still here.
        case beforeReplying
    }

    package enum Effect: Hashable, Sendable {
        /// Goes on as if nothing had happened.
        case none
        /// Closes the connection without an answer.
        case hangUp
        case delay(Duration)
        /// Keeps the connection and never answers.
        case hang
        /// Answers in the engine's place.
        case answer(status: Int, message: String)
    }

    package var moment: Moment
    package var effect: Effect
    /// Which call is meant; the first that matches.
    package var matches: @Sendable (ProxiedCall) -> Bool
    /// Runs at the moment, before the effect.
    package var hook: (@Sendable () async -> Void)?

    package init(
        _ moment: Moment, _ effect: Effect, hook: (@Sendable () async -> Void)? = nil,
        when matches: @escaping @Sendable (ProxiedCall) -> Bool
    ) {
        self.moment = moment
        self.effect = effect
        self.hook = hook
        self.matches = matches
    }

    /// Meant for the n-th call that changes something, counted from 1.
    package init(
        _ moment: Moment, ofChange number: Int, _ effect: Effect, hook: (@Sendable () async -> Void)? = nil
    ) {
        self.init(moment, effect, hook: hook) { $0.changeNumber == number }
    }
}
