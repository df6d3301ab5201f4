package import FoundationEssentials

/// What a proxy does to a call instead of just passing it on.
package struct ProxyFault: Sendable {
    package enum Moment: Hashable, Sendable, CaseIterable {
        /// The engine never hears of the call.
        case beforeForwarding
        /// The engine has done its work and answered, and the answer is still here.
        case beforeReplying
    }

    package enum Effect: Sendable {
        /// Goes on as if nothing had happened.
        case none
        /// Closes the connection without an answer: the request is lost, or the reply.
        case hangUp
        case delay(Duration)
        /// Keeps the connection and never answers.
        case hang
        /// Answers in the engine's place.
        case answer(status: Int, message: String)
        /// Passes on this many bytes of the answer's body and closes the connection; before replying only.
        case cut(afterBytes: Int)
        /// Passes on another body; before replying only.
        case rewrite(@Sendable (Data) -> Data)
        /// Passes on the first answer that it meets, and gives the same again to all later calls; before replying only.
        case stale
    }

    package var moment: Moment
    package var effect: Effect
    /// Which calls are meant.
    package var matches: @Sendable (ProxiedCall) -> Bool
    /// How many matching calls pass first.
    package var skip = 0
    /// How many of them it happens to; `.max` is all.
    package var times = 1
    /// Runs at the moment, before the effect.
    package var hook: (@Sendable () async -> Void)?

    /// Happens to the first call that matches.
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

    /// Meant for calls by method and path, such as `POST /containers/*/start`; a star is one part of the path.
    ///
    /// - Parameters:
    ///   - skip: how many matching calls pass first.
    ///   - times: how many of them it happens to then.
    package init(
        _ moment: Moment, _ effect: Effect, on pattern: String, skip: Int = 0, times: Int = 1,
        hook: (@Sendable () async -> Void)? = nil
    ) {
        let pattern = CallPattern(pattern)
        self.init(moment, effect, hook: hook) { pattern.matches($0) }
        self.skip = skip
        self.times = times
    }
}

extension ProxyFault.Effect {
    /// Leaves out of a list whatever mentions one of these words, as an engine does that has forgotten it.
    package static func leaveOut(_ words: String...) -> Self {
        .rewrite { body in
            // What is no list is passed on as it is.
            guard let elements = JSONList.elements(of: body) else { return body }
            let kept = elements.filter { element in !words.contains { element.contains($0) } }
            return Data("[\(kept.joined(separator: ","))]".utf8)
        }
    }
}
