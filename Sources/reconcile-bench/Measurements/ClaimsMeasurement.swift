import Foundation
import Glibc
import Synchronization

/// What a holder waits for its member, from the request to the answer over the daemon's socket, and how long a pool takes
/// to be full again, against the bare API doing the same.
///
/// Every pair of rounds begins with a new daemon and a full pool, which may not grow while it is claimed from: first one
/// claim after the other, then twenty at a time in the next pair. Then all are released at once, and the pool fills
/// itself. The bare API removes as many containers and makes them again with the very same requests.
struct ClaimsMeasurement {
    let bench: Workbench
    let members: Int
    /// How many pairs of rounds.
    let pairs: Int
    /// How long claims come at a rate that the pool can keep up with.
    let seconds: Int

    private static let holders = 20
    private static let concurrencies = [8, 16]
    private static let pool = "agents"

    private struct Times {
        var alone: [Double] = []
        var together: [Double] = []
        var refill: [Double] = []
        var raw: [Double] = []
        var coldStarts: [Double] = []
    }

    func measure(into report: inout Report) throws(BenchError) {
        try bench.commit(specs(atMost: members), as: "pool.yaml")
        var times = Times()
        for pair in 0..<pairs {
            progress("claims, pair \(pair + 1) of \(pairs)")
            let recording = try measurePair(pair, &times)
            try measureRaw(recording, &times)
        }
        progress("claims at a rate that the pool can keep up with")
        summarize(times, into: &report)
        try bench.commit(specs(atMost: members * 2), as: "pool.yaml")
        let rate = 0.7 * Double(members) / Samples(times.refill).median
        try withDaemon("sustained") { socket throws(BenchError) in
            try sustain(rate, socket, into: &report)
        }
        try bench.engine.removeContainers()
    }

    private func summarize(_ times: Times, into report: inout Report) {
        let (alone, together) = (Samples(times.alone), Samples(times.together))
        report.add(
            "a claim, one at a time: median", "\(alone.median.text(2)) ms", Self.spread(alone),
            goal: .init(text: "< 3 ms", isMet: alone.median < 3))
        report.add(
            "a claim, one at a time: p99", "\(alone.percentile(99).text(2)) ms", "\(alone.count) claims",
            goal: .init(text: "< 10 ms", isMet: alone.percentile(99) < 10))
        if together.count > 0 {
            report.add(
                "\(Self.holders) claims at a time from a pool of \(members): p99",
                "\(together.percentile(99).text(2)) ms",
                Self.spread(together), goal: .init(text: "< 25 ms", isMet: together.percentile(99) < 25))
        }
        let ratios = zip(times.refill, times.raw).map { $0 / $1 }
        report.add("\(members) claims released, until the pool is full again", seconds: Samples(times.refill))
        report.add("the bare API removes and makes \(members)", seconds: Samples(times.raw))
        report.add("released and full again, against the bare API", ratio: Samples(ratios), atMost: 1.10)
        let cold = Samples(times.coldStarts)
        report.add("a cold start by the bare API, beside nothing else", milliseconds: cold)
        report.add("a claim against a cold start", ratio: Samples([cold.median / alone.median]))
    }

    private static func spread(_ samples: Samples) -> String {
        "p95 \(samples.percentile(95).text(2)), p99 \(samples.percentile(99).text(2)), most "
            + "\(samples.maximum.text(2)), \(samples.count) claims"
    }

    // MARK: One round of ours

    private func measurePair(_ pair: Int, _ times: inout Times) throws(BenchError) -> Recording {
        let (proxy, path) = try bench.makeProxy("claims-\(pair)")
        defer { proxy.stop() }
        try withDaemon("claims-\(pair)", engine: path) { socket throws(BenchError) in
            let isAlone = pair % 2 == 0
            let claims = try claimAll(socket, connections: isAlone ? 1 : Self.holders)
            if isAlone { times.alone += claims.latencies } else { times.together += claims.latencies }
            // What the API says of a pool may be a second old, and would call it full still.
            try waitUntil(socket) { $0.claimed == members }
            let begun = ContinuousClock.now
            try release(claims.ids, socket)
            try awaitFull(socket)
            times.refill.append((ContinuousClock.now - begun).seconds)
        }
        return Recording(Array(proxy.takeRequests()))
    }

    private func withDaemon(
        _ state: String, engine: String? = nil, _ body: (_ socket: String) throws(BenchError) -> Void
    ) throws(BenchError) {
        let daemon = try bench.start(["--interval", "1h"], from: .repository, state: state, socketPath: engine)
        do throws(BenchError) {
            let socket = "\(bench.folder)/\(state)/reconcile.sock"
            try awaitFull(socket)
            try body(socket)
        } catch {
            _ = try daemon.stop()
            throw error
        }
        _ = try daemon.stop()
    }

    private struct Claim {
        var id: String
        /// The id of its container.
        var container: String
    }

    private struct Claims: Sendable {
        var ids: [String] = []
        var containers: [String] = []
        var latencies: [Double] = []

        /// How many claims were answered with a container that another had before: what was handed out once is removed.
        var doubles: Int { containers.count - Set(containers).count }

        mutating func add(_ claim: Claim, in milliseconds: Double) {
            ids.append(claim.id)
            containers.append(claim.container)
            latencies.append(milliseconds)
        }

        static func += (a: inout Claims, b: Claims) {
            a.ids += b.ids
            a.containers += b.containers
            a.latencies += b.latencies
        }
    }

    private func claimAll(_ socket: String, connections: Int) throws(BenchError) -> Claims {
        let counter = Counter(members)
        let all = Mutex(Claims())
        try onThreads(connections) { () throws(BenchError) in
            var connection = try RawConnection(socket)
            // The first request of a connection pays for its making.
            _ = try connection.call("GET", "/readyz")
            var own = Claims()
            while counter.next() != nil {
                let begun = ContinuousClock.now
                own.add(try Self.claim(on: &connection), in: (ContinuousClock.now - begun).milliseconds)
                // Whoever comes one at a time does something with what it got.
                if connections == 1 { usleep(10_000) }
            }
            all.withLock { $0 += own }
        }
        let claims = all.withLock { $0 }
        guard claims.doubles == 0 else { throw BenchError("\(claims.doubles) members were handed out twice") }
        return claims
    }

    private static func claim(on connection: inout RawConnection) throws(BenchError) -> Claim {
        let body = Array(#"{"holder": "bench", "wait": "30s"}"#.utf8)
        let answer = try connection.call("POST", "/v1/pools/\(pool)/claims", body: body)
        guard let object = try? JSONSerialization.jsonObject(with: Data(answer)) as? [String: Any],
            let id = object["id"] as? String, let container = object["container"] as? [String: Any],
            let containerID = container["id"] as? String
        else {
            throw BenchError("a claim was answered without a container: \(String(decoding: answer, as: UTF8.self))")
        }
        return Claim(id: id, container: containerID)
    }

    private func release(_ ids: [String], _ socket: String) throws(BenchError) {
        let counter = Counter(ids.count)
        try onThreads(8) { () throws(BenchError) in
            var connection = try RawConnection(socket)
            while let index = counter.next() { _ = try connection.call("DELETE", "/v1/claims/\(ids[index])") }
        }
    }

    private func awaitFull(_ socket: String) throws(BenchError) {
        try waitUntil(socket) { $0.ready >= members && $0.retiring == 0 && $0.claimed == 0 }
    }

    private func waitUntil(_ socket: String, _ condition: (Status) -> Bool) throws(BenchError) {
        let end = ContinuousClock.now + .seconds(300)
        while ContinuousClock.now < end {
            // There is no socket yet, or no plan.
            if let status = try? status(socket), condition(status) { return }
            usleep(20_000)
        }
        throw BenchError("the pool did not become as it should in five minutes")
    }

    private struct Status: Decodable {
        var ready: Int
        var retiring: Int
        var claimed: Int
    }

    private func status(_ socket: String) throws -> Status {
        var connection = try RawConnection(socket)
        return try JSONDecoder().decode(
            Status.self, from: Data(try connection.call("GET", "/v1/pools/\(Self.pool)")))
    }

    // MARK: The bare API

    private func measureRaw(_ recording: Recording, _ times: inout Times) throws(BenchError) {
        guard recording.containers.count >= members else { throw BenchError("too few creates were recorded") }
        var recording = recording
        recording.containers = Array(recording.containers.prefix(members))
        for create in recording.containers { try makeMounts(of: create) }
        var best = Double.infinity
        for concurrency in Self.concurrencies {
            let begun = ContinuousClock.now
            try bench.engine.removeContainers(connections: concurrency)
            _ = try bench.engine.replay(recording, concurrency: concurrency)
            best = min(best, (ContinuousClock.now - begun).seconds)
        }
        times.raw.append(best)
        try bench.engine.removeContainers()
        guard let first = recording.containers.first else { return }
        for _ in 0..<5 {
            times.coldStarts.append(try bench.engine.createAndStart(first).milliseconds)
            try bench.engine.removeContainers()
        }
    }

    /// The folders that the recorded members had mounted are gone with them.
    private func makeMounts(of create: Recording.Create) throws(BenchError) {
        guard let body = try? JSONSerialization.jsonObject(with: Data(create.body)) as? [String: Any],
            let host = body["HostConfig"] as? [String: Any]
        else { throw BenchError("a recorded create cannot be read") }
        let mounts = (host["Mounts"] as? [[String: Any]] ?? []).compactMap { $0["Source"] as? String }
        let binds = (host["Binds"] as? [String] ?? []).compactMap { $0.split(separator: ":").first.map(String.init) }
        for path in mounts + binds where path.hasPrefix("/") {
            do {
                try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            } catch {
                throw BenchError("'\(path)' cannot be made: \(error)")
            }
        }
    }

    // MARK: At a rate that the pool can keep up with

    /// Each claim lasts a second.
    private func sustain(_ rate: Double, _ socket: String, into report: inout Report) throws(BenchError) {
        let total = Int(rate * Double(seconds))
        let counter = Counter(total)
        let all = Mutex(Claims())
        let begun = ContinuousClock.now
        try onThreads(Self.holders) { () throws(BenchError) in
            var connection = try RawConnection(socket)
            var held: [(id: String, until: ContinuousClock.Instant)] = []
            var own = Claims()
            while let number = counter.next() {
                let due = begun + .seconds(Double(number) / rate)
                sleep(until: due)
                let claim = try Self.claim(on: &connection)
                own.add(claim, in: due.duration(to: .now).milliseconds)
                held.append((claim.id, .now + .seconds(1)))
                while let first = held.first, first.until < .now {
                    _ = try connection.call("DELETE", "/v1/claims/\(held.removeFirst().id)")
                }
            }
            all.withLock { $0 += own }
        }
        let claims = all.withLock { $0 }
        let samples = Samples(claims.latencies)
        report.add(
            "claims at \(rate.text(1)) a second, 70 % of what refills, for \(seconds) s: p99",
            "\(samples.percentile(99).text(2)) ms", Self.spread(samples) + ", \(claims.doubles) given twice",
            goal: .init(text: "< 25 ms", isMet: samples.percentile(99) < 25 && claims.doubles == 0))
    }

    // MARK: Specs

    private func specs(atMost most: Int) -> String {
        """
        apiVersion: reconcile.dev/v1
        kind: WarmPool
        metadata: {name: \(Self.pool)}
        spec:
          hostPool: bench
          size: \(members)
          maxMembers: \(most)
          refill: {surge: 0}
          claim: {ttl: 1h}
          template:
            image: busybox:local
            pullPolicy: Never
            command: [sleep, "2147483647"]
            stopTimeout: 0s

        """
    }
}
