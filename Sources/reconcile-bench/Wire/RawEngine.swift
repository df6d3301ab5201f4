import Foundation
import Reconciler

/// The engine by its bare API: the baseline, and the hand that tidies up between runs.
struct RawEngine: Sendable {
    let socketPath: String
    /// The mark of what is ours to remove.
    let owner: String
    private static let version = "/v1.41"

    // MARK: The baseline

    /// Sends the recorded creates again, each followed by its start, on as many connections at once; the network is
    /// there already.
    func replay(_ recording: Recording, concurrency: Int) throws(BenchError) -> Duration {
        let begun = ContinuousClock.now
        let creates = recording.containers
        let counter = Counter(creates.count)
        try onThreads(concurrency) { () throws(BenchError) in
            var connection = try RawConnection(socketPath)
            while let index = counter.next() {
                try createAndStart(creates[index], on: &connection)
            }
        }
        return ContinuousClock.now - begun
    }

    /// One container, from before its create to after its start.
    func createAndStart(_ create: Recording.Create) throws(BenchError) -> Duration {
        var connection = try RawConnection(socketPath)
        let begun = ContinuousClock.now
        try createAndStart(create, on: &connection)
        return ContinuousClock.now - begun
    }

    func createAndStart(_ create: Recording.Create, on connection: inout RawConnection) throws(BenchError) {
        let id = try Self.id(in: connection.call("POST", create.target, body: create.body))
        try start(id, on: &connection)
    }

    /// A remove by force would race with the engine's own clean-up.
    func stopAndRemove(_ id: String, on connection: inout RawConnection) throws(BenchError) {
        let target = "\(Self.version)/containers/\(id)"
        _ = try connection.call("POST", "\(target)/stop?t=0")
        _ = try connection.call("DELETE", "\(target)?v=1")
    }

    /// The engine's answer begins with the id; a JSON decoder would cost more than the call needs.
    private static func id(in answer: [UInt8]) throws(BenchError) -> String {
        let parts = String(decoding: answer, as: UTF8.self).split(separator: "\"", maxSplits: 4)
        guard parts.count > 3, parts[1] == "Id" else { throw BenchError("a create was answered without an id") }
        return String(parts[3])
    }

    // MARK: Around it

    /// How many containers there are, whoever they belong to.
    func containerCount() throws(BenchError) -> Int { try list("/containers/json?all=1").count }

    /// How many of ours run.
    func runningCount() throws(BenchError) -> Int { try list("/containers/json?filters=\(filter)").count }

    /// The ids of ours that run.
    func runningContainers() throws(BenchError) -> [String] { try list("/containers/json?filters=\(filter)").sorted() }

    func kill(_ id: String, on connection: inout RawConnection) throws(BenchError) {
        _ = try connection.call("POST", "\(Self.version)/containers/\(id)/kill")
    }

    func start(_ id: String, on connection: inout RawConnection) throws(BenchError) {
        _ = try connection.call("POST", "\(Self.version)/containers/\(id)/start")
    }

    /// Asks for the statistics of each, as they are at once (`one-shot`).
    func statistics(of ids: [String], connections: Int) throws(BenchError) {
        let counter = Counter(ids.count)
        try onThreads(connections) { () throws(BenchError) in
            var connection = try RawConnection(socketPath)
            while let index = counter.next() {
                let query = "stream=false&one-shot=true"
                _ = try connection.call("GET", "\(Self.version)/containers/\(ids[index])/stats?\(query)")
            }
        }
    }

    /// A connection on which the engine tells what happens to containers from now on, one line of JSON for each event.
    func openEvents() throws(BenchError) -> CInt {
        let descriptor = try UnixSocket.connect(to: socketPath)
        let filters = Self.encoded(#"{"type":["container"]}"#)
        let request = "GET \(Self.version)/events?filters=\(filters) HTTP/1.1\r\nHost: docker\r\n\r\n"
        guard UnixSocket.send(Array(request.utf8), to: descriptor) else { throw BenchError("no events can be had") }
        return descriptor
    }

    /// Removes the containers that carry our mark, and waits until they are gone.
    func removeContainers(connections: Int = 8) throws(BenchError) {
        let ids = try list("/containers/json?all=1&filters=\(filter)")
        let counter = Counter(ids.count)
        try onThreads(connections) { () throws(BenchError) in
            var connection = try RawConnection(socketPath)
            while let index = counter.next() {
                try stopAndRemove(ids[index], on: &connection)
            }
        }
    }

    /// Removes the networks that carry our mark.
    func removeNetworks() throws(BenchError) {
        var connection = try RawConnection(socketPath)
        for id in try list("/networks?filters=\(filter)") {
            _ = try connection.call("DELETE", "\(Self.version)/networks/\(id)")
        }
    }

    /// How long the recorded networks take to be made.
    func createNetworks(_ recording: Recording) throws(BenchError) -> Duration {
        let begun = ContinuousClock.now
        var connection = try RawConnection(socketPath)
        for network in recording.networks { _ = try connection.call("POST", network.target, body: network.body) }
        return ContinuousClock.now - begun
    }

    /// How many events of containers, networks and volumes the engine remembers of this time.
    func eventCount(from start: Date, to end: Date) throws(BenchError) -> Int {
        let filters = Self.encoded(#"{"type":["container","network","volume"]}"#)
        let times = "since=\(Self.seconds(start))&until=\(Self.seconds(end))"
        var connection = try RawConnection(socketPath)
        let body = try connection.call("GET", "\(Self.version)/events?\(times)&filters=\(filters)")
        return body.split(separator: UInt8(ascii: "\n")).count
    }

    private static func seconds(_ date: Date) -> String { String(format: "%.6f", date.timeIntervalSince1970) }

    private var filter: String { Self.encoded(#"{"label":["\#(OwnershipMark.filterLabel)=\#(owner)"]}"#) }

    private static func encoded(_ json: String) -> String {
        json.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? json
    }

    private func list(_ target: String) throws(BenchError) -> [String] {
        struct Item: Decodable {
            var id: String

            private enum CodingKeys: String, CodingKey { case id = "Id" }
        }
        var connection = try RawConnection(socketPath)
        let items: [Item] = try Self.decode(try connection.call("GET", Self.version + target))
        return items.map(\.id)
    }

    private static func decode<Value: Decodable>(_ body: [UInt8]) throws(BenchError) -> Value {
        do {
            return try JSONDecoder().decode(Value.self, from: Data(body))
        } catch {
            throw BenchError("the engine's answer cannot be read: \(error)")
        }
    }
}

/// The creates that reconcile sends, so that the baseline sends the very same.
struct Recording: Sendable {
    struct Create: Sendable {
        var target: String
        var body: [UInt8]
    }

    var networks: [Create] = []
    var containers: [Create] = []

    init(_ requests: [Message]) {
        for request in requests where request.words.count > 1 && request.words[0] == "POST" {
            let create = Create(target: String(request.words[1]), body: request.body)
            if create.target.contains("/networks/create") { networks.append(create) }
            if create.target.contains("/containers/create") { containers.append(create) }
        }
    }
}
