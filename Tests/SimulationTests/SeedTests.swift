import Foundation
import Invariants
import ReconcileTesting
import Simulation
import Testing

/// Whole runs by seed: trouble, calm, rest.
struct SeedTests {
    @Test("whatever happens, every invariant holds, and a host left alone converges", arguments: Seeds.first(16))
    func holds(seed: UInt64) {
        var run = SeedRun(seed: seed, length: .short)
        #expect(run.run() == [], "see it with: scripts/sim \(seed)")
    }

    @Test("seeds that once found something find nothing now", arguments: Seeds.kept)
    func regressions(kept: KeptSeed) {
        var run = SeedRun(seed: kept.seed, scale: kept.scale)
        #expect(run.run() == [], "see it with: scripts/sim \(kept.seed)\(kept.scale == .large ? " --large" : "")")
    }

    @Test("the same seed gives the same run, event by event", arguments: [3, 14] as [UInt64])
    func isDeterministic(seed: UInt64) throws {
        let traces = (0..<2).map { _ in
            var run = SeedRun(seed: seed, length: .short, tracing: .kept)
            _ = run.run()
            return run.world.trace?.lines ?? []
        }
        let first = try #require(traces.first)
        #expect(first.count > 500)
        for (one, other) in zip(first, traces[1]) where one != other {
            Issue.record("'\(one)' the first time, '\(other)' the second")
            return
        }
        #expect(first.count == traces[1].count)
    }

    @Test("a seed has enough of everything")
    func isRich() {
        var run = SeedRun(seed: 1)
        _ = run.run()
        let figures = run.world.figures
        #expect(figures.mostObjects >= 5)
        #expect(figures.mostContainers >= 20)
        #expect(figures.ticks >= 200)
        #expect(figures.faults >= 5)
        #expect(figures.steps > 50)
    }
}

extension Seeds {
    /// The first so many, which the command runs as well, or the one that the environment variable `SEED` names.
    fileprivate static func first(_ count: UInt64) -> [UInt64] {
        let named = ProcessInfo.processInfo.environment["SEED"].flatMap { UInt64($0) }
        return named.map { [$0] } ?? Array(1...count)
    }

    /// The seeds of `seeds.txt`.
    fileprivate static var kept: [KeptSeed] {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "seeds.txt")
        // Without the file there are no arguments, which the test runner calls a failure.
        let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
        return text.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ")
            guard let seed = words.first.flatMap({ UInt64($0) }) else { return nil }
            return KeptSeed(seed: seed, scale: words.dropFirst().first == "small:" ? .small : .large)
        }
    }
}

struct KeptSeed {
    let seed: UInt64
    let scale: SeedRun.Scale
}
