import Foundation
import Synchronization

/// From `docker kill` of one container to the moment at which it runs again: the daemon, against the least that anybody
/// can do who hears of it by an event.
///
/// Both are timed by the same watcher of the engine's events, from before the kill is sent to the event of the start. Each
/// run kills another container, since the daemon starts one that keeps stopping later and later.
struct HealMeasurement {
    let bench: Workbench
    let repetitions: Int

    /// Expects a converged host.
    func measure(into report: inout Report) throws(BenchError) {
        let ids = try bench.engine.runningContainers()
        guard ids.count >= 2 * repetitions else { throw BenchError("\(ids.count) containers are too few to kill") }
        let watch = try EventWatch(bench.engine)
        defer { watch.stop() }
        // The engine is asked for the start as soon as the end is heard of, on a connection that is open already.
        var raw: [Double] = []
        for id in ids.prefix(repetitions) { raw.append(try heal(id, watch, byHand: true)) }
        let daemon = try bench.start([], from: .repository, state: "heal")
        var own: [Double] = []
        do throws(BenchError) {
            // The first looks at git and at the engine belong to the start.
            Thread.sleep(forTimeInterval: 5)
            for id in ids.suffix(repetitions) { own.append(try heal(id, watch, byHand: false)) }
        } catch {
            _ = try daemon.stop()
            throw error
        }
        _ = try daemon.stop()
        progress("heal: raw \(Samples(raw).median.text(0)) ms, the daemon \(Samples(own).median.text(0)) ms")
        report.add("a container is killed: raw restart by event", milliseconds: Samples(raw))
        report.add("a container is killed: the daemon", milliseconds: Samples(own))
        let ratios = zip(own.sorted(), raw.sorted()).map { $0 / $1 }
        report.add("the daemon / raw restart by event", ratio: Samples(ratios), atMost: 1.15)
    }

    /// Milliseconds.
    private func heal(_ id: String, _ watch: EventWatch, byHand: Bool) throws(BenchError) -> Double {
        var killer = try RawConnection(bench.engine.socketPath)
        var healer = try RawConnection(bench.engine.socketPath)
        let begun = ContinuousClock.now
        try bench.engine.kill(id, on: &killer)
        if byHand {
            try watch.wait(for: "die", of: id, after: begun)
            try bench.engine.start(id, on: &healer)
        }
        let healed = try watch.wait(for: "start", of: id, after: begun)
        // The machine comes to rest.
        Thread.sleep(forTimeInterval: 0.5)
        return (healed - begun).milliseconds
    }
}

/// Hears the engine's events on a connection of its own, and remembers when each came.
final class EventWatch: Sendable {
    private struct Heard {
        var event: String
        var id: String
        var at: ContinuousClock.Instant
    }

    private let heard = Mutex<[Heard]>([])
    private let descriptor: CInt

    init(_ engine: RawEngine) throws(BenchError) {
        let descriptor = try engine.openEvents()
        self.descriptor = descriptor
        Thread.detachNewThread { [self] in
            var bytes: [UInt8] = []
            while UnixSocket.receive(from: descriptor, into: &bytes) {
                let now = ContinuousClock.now
                // Each event is one line of JSON, in a chunk of its own or not.
                while let end = bytes.firstIndex(of: UInt8(ascii: "\n")) {
                    note(String(decoding: bytes[..<end], as: UTF8.self), at: now)
                    bytes.removeFirst(end + 1)
                }
            }
        }
    }

    func stop() { shutdown(descriptor, CInt(SHUT_RDWR)) }

    private func note(_ line: String, at now: ContinuousClock.Instant) {
        guard let start = line.firstIndex(of: "{"),
            let event = try? JSONDecoder().decode(Event.self, from: Data(line[start...].utf8))
        else { return }
        heard.withLock { $0.append(Heard(event: event.action, id: event.actor.id, at: now)) }
    }

    /// When the event came.
    @discardableResult
    func wait(
        for event: String, of id: String, after begun: ContinuousClock.Instant
    ) throws(BenchError) -> ContinuousClock.Instant {
        while ContinuousClock.now - begun < .seconds(30) {
            let found = heard.withLock { heard in
                heard.first { $0.event == event && $0.id == id && $0.at >= begun }
            }
            if let found { return found.at }
            usleep(200)
        }
        throw BenchError("no '\(event)' of \(id.prefix(12)) within 30 s")
    }

    /// When so many of these events had come, whatever they are about.
    func wait(
        for count: Int, _ event: String, after begun: ContinuousClock.Instant
    ) throws(BenchError) -> ContinuousClock.Instant {
        while ContinuousClock.now - begun < .seconds(120) {
            let found = heard.withLock { $0.filter { $0.event == event && $0.at >= begun } }
            if found.count >= count { return found[count - 1].at }
            usleep(2_000)
        }
        throw BenchError("no \(count) of '\(event)' within 120 s")
    }

    private struct Event: Decodable {
        struct Actor: Decodable {
            var id: String
            private enum CodingKeys: String, CodingKey { case id = "ID" }
        }
        var action: String
        var actor: Actor
        private enum CodingKeys: String, CodingKey { case action = "Action", actor = "Actor" }
    }
}
