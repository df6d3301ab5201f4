import Foundation
import Logging
import NIOCore
import NameFilter
import PromptThreads
import ReconcileTesting
import Specs

/// What the DNS filter answers, how fast: names that are known, on one event loop, and names that are asked for the
/// first time, with the real sets of the kernel in a network namespace.
struct NamesMeasurement {
    let seconds: Int
    let firstAnswers: Int

    private static let bridge = "br0"
    private static let loopback = IPAddress.v4(0x7F00_0001)
    private static let names = (0..<1_000).map { "n\($0).example.com" }

    func measure(into report: inout Report) async throws {
        try await cached(into: &report)
        guard geteuid() == 0, FileManager.default.isExecutableFile(atPath: "/usr/sbin/nft") else {
            throw BenchError("the kernel's sets need root and nft")
        }
        try await first(into: &report)
    }

    /// Every name has an address of its own.
    private static let script: ScriptedNameServer.Script = { question in
        let number = UInt16(question.name.prefix { $0 != "." }.dropFirst()) ?? 0
        return question.answer([
            .a(question.name, 93, 184, UInt8(number >> 8), UInt8(number & 0xFF), ttl: 3_600)
        ])
    }

    /// A filter with one thread of its own.
    private func withFilter(
        _ sets: any AddressSets, _ body: (FilterServer, UInt16) async throws -> Void
    ) async throws {
        try await ScriptedNameServer.with(Self.script) { upstream in
            // As the daemon has it.
            let loop = PromptLoop(share: .milliseconds(6))
            if let reason = await loop.makePrompt() { progress("the filter is scheduled like all others: \(reason)") }
            let group = loop.group
            let logger = Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }
            let server = FilterServer(sets: sets, logger: logger, group: group)
            let rules = [NameRule(patterns: [try DNSPattern.parse("*.example.com")])]
            var configuration = FilterConfiguration(bridges: [
                .init(name: Self.bridge, addresses: [Self.loopback], rules: rules)
            ])
            configuration.port = 0
            configuration.upstream.servers = .fixed([ServerAddress(Self.loopback, port: upstream.port)])
            // One client stands for many.
            configuration.limits.queriesPerSecond = 1_000_000
            configuration.limits.lookupsPerSecond = 1_000_000
            configuration.limits.burstOfLookups = 1_000_000
            configuration.limits.burstOfNewNames = 1_000_000
            await server.apply(configuration)
            let listener = Listener(bridge: Self.bridge, address: Self.loopback, port: 0)
            while await server.port(of: listener) == nil { try await Task.sleep(for: .milliseconds(5)) }
            try await body(server, await server.port(of: listener) ?? 0)
            await server.stop()
            try await group.shutdownGracefully()
        }
    }

    // MARK: Names that are known

    private func cached(into report: inout Report) async throws {
        try await withFilter(MemoryAddressSets()) { _, port in
            let load = NameLoad(port: port, queries: Self.names.map { NameMessage.query($0, id: 0) })
            progress("names: warming up")
            _ = try load.asFastAsPossible(outstanding: 8, for: .seconds(1))
            let used = try ProcessUsage(of: getpid()).cpu
            let fast = try load.asFastAsPossible(outstanding: 64, for: .seconds(seconds))
            let spent = try ProcessUsage(of: getpid()).cpu - used
            let rate = Double(fast.latencies.count) / fast.elapsed.seconds
            report.add(
                "names that are known, 64 queries under way: per second", rate.text(0),
                "\(fast.latencies.count) queries, \(fast.lost) lost; \(spent.seconds.text(1)) s of CPU, the client's included",
                goal: .init(text: ">= 10000", isMet: rate >= 10_000))
            add("the same, latency", fast.latencies, below: nil, to: &report)
            let paced = try load.paced(perSecond: 10_000, for: .seconds(seconds))
            add(
                "names that are known, 10,000 queries/s, from when each was due (lost: \(paced.lost))", paced.latencies,
                below: 2, to: &report)
        }
    }

    private func add(_ figure: String, _ latencies: [Double], below limit: Double?, to report: inout Report) {
        let samples = Samples(latencies)
        report.add(
            figure, "p99 \(samples.percentile(99).text(2)) ms",
            "median \(samples.median.text(2)), p99.9 \(samples.percentile(99.9).text(2)), most \(samples.maximum.text(2)), \(samples.count) queries",
            goal: limit.map { .init(text: "p99 < \($0.text(0)) ms", isMet: samples.percentile(99) < $0) })
        progress("\(figure): p99 \(samples.percentile(99).text(2)) ms")
    }

    // MARK: First answers

    private func first(into report: inout Report) async throws {
        try await NamespacedAddressSets.with(bridges: [Self.bridge]) { sets in
            try await transactions(sets, "by nft", into: &report)
            try await transactions(sets.overNetlink, "over netlink", into: &report)
            try await first(sets, "by nft", into: &report)
        }
        try await NamespacedAddressSets.with(bridges: [Self.bridge]) { sets in
            try await first(sets.overNetlink, "over netlink", into: &report)
        }
    }

    private func first(_ sets: any AddressSets, _ way: String, into report: inout Report) async throws {
        try await withFilter(sets) { _, port in
            var times: [Double] = []
            for number in 0..<firstAnswers { times.append(try await Self.ask("f\(number)", port)) }
            add("a first answer, the kernel's set filled \(way), one at a time", times, below: 30, to: &report)
            let together = try await withThrowingTaskGroup(of: Double.self) { group in
                for number in 0..<100 { group.addTask { try await Self.ask("t\(2_000 + number)", port) } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            add("100 first answers at once, the set filled \(way)", together, below: nil, to: &report)
        }
    }

    /// What of it is the kernel and `nft`.
    private func transactions(_ sets: any AddressSets, _ way: String, into report: inout Report) async throws {
        var times: [Double] = []
        for number in 0..<firstAnswers {
            let grant = AddressGrant(
                bridge: Self.bridge, address: .v4(0x0808_0000 + UInt32(number)), ports: [], lifetime: .seconds(300))
            let begun = ContinuousClock.now
            try await sets.add([grant])
            times.append((ContinuousClock.now - begun).milliseconds)
        }
        add("one transaction \(way), without the filter", times, below: nil, to: &report)
    }

    private static func ask(_ label: String, _ port: UInt16) async throws -> Double {
        let begun = ContinuousClock.now
        let reply = try await NameClient.ask(NameMessage.query("\(label).example.com"), port: port)
        guard reply?.answers.count == 1 else { throw BenchError("'\(label)' was not answered: \(reply as Any)") }
        return (ContinuousClock.now - begun).milliseconds
    }
}
