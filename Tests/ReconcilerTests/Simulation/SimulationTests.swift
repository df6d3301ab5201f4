import ReconcileTesting
import Reconciler
import Specs
import Testing

struct SimulationTests {
    @Test("whatever happens, nothing wrong is done, and a host left alone converges", arguments: Seeds.corpus(150))
    func converges(seed: UInt64) async throws {
        var host = await SimulatedHost(seed: seed)
        try await host.run(turns: 400)
        await host.calmDown()
        let left = try await host.settle(turns: 2_000)
        let violations = host.violations
        let history = host.history.joined(separator: "\n")
        #expect(violations == [], "reproduce with SEED=\(seed)\n\(history)")
        if violations.isEmpty {
            #expect(!left.hasChanges, "reproduce with SEED=\(seed)\n\(left.lines.joined(separator: "\n"))")
        }
    }

    @Test("the same seed gives the same world")
    func isDeterministic() async throws {
        var histories: [[String]] = []
        for _ in 0..<2 {
            var host = await SimulatedHost(seed: 42)
            try await host.run(turns: 200)
            histories.append(host.history)
        }
        #expect(histories[0] == histories[1])
    }
}
