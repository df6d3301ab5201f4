package import Reconciler

/// Someone who listens to changes.
struct Listener: Sendable {
    var owner: String
    var continuation: AsyncStream<ChangeHint>.Continuation
}

extension FakeDriver {
    func listen(owner: String) -> AsyncStream<ChangeHint> {
        let (stream, continuation) = AsyncStream.makeStream(of: ChangeHint.self)
        let number = (listeners.keys.max() ?? 0) + 1
        listeners[number] = Listener(owner: owner, continuation: continuation)
        continuation.onTermination = { _ in Task { await self.stopListening(number) } }
        return stream
    }

    private func stopListening(_ number: Int) { listeners[number] = nil }

    /// Hands what happened in the engine to whoever listens.
    func publishEvents() {
        for event in engine.takeEvents() {
            for listener in listeners.values where listener.owner == event.owner {
                listener.continuation.yield(event.hint)
            }
        }
    }

    /// Breaks the event streams, as a lost connection does.
    package func endListeners() {
        for listener in listeners.values { listener.continuation.finish() }
        listeners = [:]
    }

    package func firewallChanges() -> AsyncStream<FirewallFacts> {
        let (stream, continuation) = AsyncStream.makeStream(of: FirewallFacts.self)
        filterListener = continuation
        return stream
    }

    /// Takes all rules out of the packet filter, as somebody who flushes it does.
    package func flushFilterByHand() {
        engine.filter.flush()
        filterListener?.yield(engine.filter.facts(for: filterIntent))
    }

    /// The same, where nobody hears of it.
    package func dropRulesSilently() { engine.filter.flush() }

    package var filter: FakeFilter { engine.filter }

    package func setFilterSupport(_ support: FirewallFacts.Support) { engine.filter.support = support }
}
