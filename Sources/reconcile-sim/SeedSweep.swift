import Foundation
import Invariants
import Simulation
import Synchronization

/// Runs consecutive seeds on all cores.
struct SeedSweep: Sendable {
    let from: UInt64
    /// nil runs seeds until the time is over.
    let count: UInt64?
    let duration: Duration

    /// What the workers share.
    private final class Shared: Sendable {
        let tally: Mutex<Tally>

        init(from seed: UInt64) { tally = Mutex(Tally(next: seed)) }
    }

    private struct Tally: Sendable {
        var next: UInt64
        var seeds = 0
        var failures = 0
        var figures = Figures()
        var slowest = (seed: UInt64(0), took: Duration.zero)
        /// Of the seed that had the fewest of each.
        var fewest = (objects: Int.max, containers: Int.max, ticks: Int.max, faults: Int.max)
    }

    /// - Returns: whether every invariant held.
    func run() async -> Bool {
        let shared = Shared(from: from)
        let clock = ContinuousClock()
        let begun = clock.now
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<ProcessInfo.processInfo.activeProcessorCount {
                group.addTask { work(shared, until: count == nil ? begun + duration : nil) }
            }
        }
        let took = begun.duration(to: clock.now) / .seconds(1)
        return shared.tally.withLock { tally in
            report(tally, took)
            return tally.failures == 0
        }
    }

    private func work(_ shared: Shared, until end: ContinuousClock.Instant?) {
        while end.map({ ContinuousClock.now < $0 }) ?? true {
            guard let seed = shared.tally.withLock({ take(&$0) }) else { return }
            var run = SeedRun(seed: seed)
            var violations: [Violation] = []
            let took = ContinuousClock().measure { violations = run.run() }
            shared.tally.withLock { note(seed, violations, run.world.figures, took, in: &$0) }
        }
    }

    private func take(_ tally: inout Tally) -> UInt64? {
        if let count, tally.next >= from + count { return nil }
        defer { tally.next += 1 }
        return tally.next
    }

    private func note(
        _ seed: UInt64, _ violations: [Violation], _ figures: Figures, _ took: Duration, in tally: inout Tally
    ) {
        tally.seeds += 1
        if took > tally.slowest.took { tally.slowest = (seed, took) }
        tally.figures += figures
        tally.fewest.objects = min(tally.fewest.objects, figures.mostObjects)
        tally.fewest.containers = min(tally.fewest.containers, figures.mostContainers)
        tally.fewest.ticks = min(tally.fewest.ticks, figures.ticks)
        tally.fewest.faults = min(tally.fewest.faults, figures.faults)
        if let first = violations.first {
            tally.failures += 1
            print("seed \(seed): \(first)\n  see it with: scripts/sim \(seed)")
        } else if !figures.isEnough {
            tally.failures += 1
            print("seed \(seed) has less than it must: \(figures)")
        }
    }

    private func report(_ tally: Tally, _ seconds: Double) {
        func rate(_ count: Int) -> String { String(format: "%.0f", Double(count) / seconds) }
        let figures = tally.figures
        print(
            """
            \(tally.seeds) seeds in \(String(format: "%.1f", seconds)) s, \(tally.failures) failed
            each with at least \(tally.fewest.objects) objects, \(tally.fewest.containers) containers, \
            \(tally.fewest.ticks) ticks of trouble and \(tally.fewest.faults) faults
            the slowest was seed \(tally.slowest.seed) with \(tally.slowest.took)
            per second: \(rate(figures.steps)) steps, \(rate(figures.reads)) looks, \(rate(figures.inputs)) inputs
            in all: \(figures.steps) steps, \(figures.faults) faults, \(figures.handEdits) edits by hand, \
            \(figures.crashes) crashes, \(figures.revisions) revisions, \(figures.disruptions) disruptions
            """)
    }
}
