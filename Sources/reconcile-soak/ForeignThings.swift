import Drivers
import FoundationEssentials
import ReconcileTesting

/// Containers, a network and a volume that are not ours, with names like ours, as they were at the beginning.
struct ForeignThings: Sendable {
    /// Where they are asked for, and what the engine said then, byte by byte.
    private let bytes: [String: Data]
    /// One that runs; what happens to it when the engine goes down is the engine's doing, so only what it is counts.
    private let running: InspectedContainer

    /// Makes them, and takes down what they are after a restart of the engine, which writes some of it in other words.
    init(on engine: PrivateEngine, by hand: EngineByHand) async throws {
        let name = SoakGit.name
        let body = #"{"Image": "busybox:local", "Cmd": ["true"], "Labels": {"dev.reconcile.owner": "somebody"}}"#
        for foreign in ["\(name)-web-7-1", "\(name)-foreign"] {
            try await hand.send(.post, "/containers/create", query: [("name", foreign)], body: body)
        }
        try await hand.makeForeignNetwork("reconcile-\(name)-foreign", subnet: "10.250.0.0/24")
        try await hand.send(.post, "/volumes/create", body: "{\"Name\": \"\(name)-foreign\"}")
        try await hand.makeForeignContainer("\(name)-web-8-1")
        try await engine.restart()
        // What was there before the trouble must not be lost with the power.
        try await engine.inside("sync")
        try await hand.send(.post, "/containers/\(name)-web-8-1/start")
        running = try await hand.inspect("\(name)-web-8-1")
        var bytes: [String: Data] = [:]
        for path in [
            "/containers/\(name)-web-7-1/json", "/containers/\(name)-foreign/json",
            "/networks/reconcile-\(name)-foreign", "/volumes/\(name)-foreign",
        ] { bytes[path] = try await hand.get(path) }
        self.bytes = bytes
    }

    /// What is not as it was.
    ///
    /// - Throws: when the engine does not answer.
    func changes(on hand: EngineByHand) async throws -> [String] {
        var changes: [String] = []
        for (path, before) in bytes {
            do {
                let now = try await hand.get(path)
                if now != before { changes.append("\(path) has changed: \(Self.difference(before, now))") }
            } catch let error as EngineByHand.Refused where error.description.hasSuffix(" 404") {
                changes.append("\(path) has gone")
            }
        }
        do {
            let now = try await hand.inspect(running.id)
            if (now.name, now.configuration, now.limits) != (running.name, running.configuration, running.limits) {
                changes.append("\(running.name) has changed")
            }
        } catch let error as EngineByHand.Refused where error.description.hasSuffix(" 404") {
            changes.append("\(running.name) has gone")
        }
        return changes
    }

    /// Where two texts begin to differ.
    private static func difference(_ before: Data, _ now: Data) -> String {
        let same = zip(before, now).prefix { $0 == $1 }.count
        func piece(_ data: Data) -> String {
            String(decoding: data.dropFirst(max(0, same - 30)).prefix(90), as: UTF8.self)
        }
        return "'\(piece(before))' is now '\(piece(now))'"
    }
}
