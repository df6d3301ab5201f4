import API
import Logging
import NameFilter
import ReconcileTesting
import ServiceLifecycle
import Specs
import Testing

@testable import ReconcileCLI

struct NameFilterServiceTests {
    @Test("the service follows the configurations that come, and closes its sockets when the daemon stops")
    func service() async throws {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let sets = MemoryAddressSets()
        let server = FilterServer(sets: sets, logger: logger)
        let (configurations, feed) = AsyncStream<FilterConfiguration>.makeStream()
        let group = ServiceGroup(
            services: [
                NameFilterService(
                    server: server, configurations: configurations, renewals: AsyncStream { $0.finish() }, sets: sets)
            ], logger: logger)
        let running = Task { try await group.run() }
        let address = IPAddress.v4(0x7F00_0001)
        let rules = [NameRule(patterns: [try DNSPattern.parse("pypi.org")])]
        var configuration = FilterConfiguration(bridges: [.init(name: "br0", addresses: [address], rules: rules)])
        configuration.port = 0
        feed.yield(configuration)
        let listener = Listener(bridge: "br0", address: address, port: 0)
        #expect(await eventually { await server.port(of: listener) != nil })
        let port = await server.port(of: listener) ?? 0
        #expect(try await NameClient.ask(NameMessage.query("evil.net"), port: port)?.code == 3)
        feed.finish()
        #expect(try await NameClient.ask(NameMessage.query("evil.net"), port: port)?.code == 3)
        await group.triggerGracefulShutdown()
        try await running.value
        let after = try? await NameClient.askOverTCP(NameMessage.query("evil.net"), port: port)
        #expect(after == nil)
    }

    @Test("metrics have a series for every outcome, whatever was asked for")
    func metrics() {
        var figures = FilterFigures()
        figures.outcomes = [.cached: 3, .notAllowed: 2]
        figures.exchanges = [.answered: 1]
        figures.openAddresses = 7
        let families = Dictionary(figures.families.map { ($0.name, $0) }) { first, _ in first }
        let queries = families["reconcile_names_queries_total"]?.samples ?? []
        #expect(queries.count == Outcome.allCases.count)
        #expect(queries.reduce(0) { $0 + $1.value } == 5)
        #expect(families["reconcile_names_upstream_total"]?.samples.count == UpstreamOutcome.allCases.count)
        #expect(families["reconcile_names_open_addresses"]?.samples.map(\.value) == [7])
        #expect(families.keys.allSatisfy { $0.hasPrefix("reconcile_names_") })
    }
}
