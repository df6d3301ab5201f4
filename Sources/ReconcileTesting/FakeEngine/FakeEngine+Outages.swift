import Reconciler

// What befalls the engine as a whole.

extension FakeEngine {
    /// The engine is gone, its containers with it, and every call fails.
    package mutating func crash() {
        isUp = false
        events = []
        for container in containers.values.filter(\.isActive).sorted(by: { $0.id < $1.id }) {
            var ended = container
            ended.die(code: 255, at: nextStart(of: ended))
            // Nobody is there to send an event.
            save(ended)
        }
    }

    /// The engine is away without its containers (live-restore): every call fails until it is back.
    package mutating func stop() {
        isUp = false
        events = []
    }

    /// The engine runs again: another run of it, which remembers no event of the one before.
    package mutating func start() {
        isUp = true
        facts.start = nextStart()
    }
}
