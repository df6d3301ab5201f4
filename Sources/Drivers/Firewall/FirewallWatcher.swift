package import Reconciler
import Subprocess

/// Looks at the packet filter whenever the kernel says that somebody changed it, and on a timer where it says nothing.
struct FirewallWatcher: Sendable {
    let driver: FirewallDriver
    /// Between two looks without an event: the older of the kernel's two filters has none.
    let interval: Duration
    /// What several changes in a row are gathered for.
    static let settling = Duration.milliseconds(10)

    /// What is in force, each time it is not what was last known; runs until it is cancelled.
    func run(_ report: @escaping @Sendable (FirewallFacts) -> Void) async {
        // A host without policies has nothing to watch, and needs no process for it.
        if await !driver.isNeeded { for await _ in driver.needs { break } }
        let (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        await withDiscardingTaskGroup { group in
            group.addTask { await follow(wake) }
            group.addTask {
                while !Task.isCancelled {
                    // A cancelled sleep ends the loop by its condition.
                    try? await Task.sleep(for: interval)
                    wake.yield()
                }
            }
            for await _ in wakes {
                // A cancelled sleep is one look too many.
                try? await Task.sleep(for: Self.settling)
                guard let (before, facts) = await driver.factsNow() else { continue }
                // What is wrong is told until it is right: whoever was told before may not have listened.
                let isNews =
                    facts.inForce != before.inForce || facts.others != before.others
                    || facts.traffic != before.traffic
                if isNews || facts.drift != nil { report(facts) }
            }
            group.cancelAll()
        }
    }

    /// Wakes at each change of our table, by way of `nft monitor`.
    private func follow(_ wake: AsyncStream<Void>.Continuation) async {
        while !Task.isCancelled {
            await monitor(wake)
            // Whatever happened while nobody listened is found by a look.
            wake.yield()
            // A cancelled sleep ends the loop by its condition.
            try? await Task.sleep(for: .seconds(1))
        }
    }

    private func monitor(_ wake: AsyncStream<Void>.Continuation) async {
        let words = driver.command.prefix + ["nft", "monitor"]
        do {
            _ = try await Subprocess.run(
                .name(words[0]), arguments: Arguments(Array(words.dropFirst())),
                environment: .custom(FirewallCommand.variables), input: .none, output: .sequence, error: .discarded
            ) { execution in
                for try await line in execution.standardOutput.strings() where Self.isNews(line) { wake.yield() }
            }
        } catch {
            // No nft, or it was killed: the timer goes on.
        }
    }

    /// Elements come and go by themselves in sets that packets and the name filter fill; whose filter it was is no news.
    static func isNews(_ line: String) -> Bool {
        if line.hasPrefix("#") { return false }
        let words = line.split(separator: " ", maxSplits: 5)
        guard words.count > 4, words[1] == "element" else { return true }
        return !words[4].hasPrefix(NFTNames.dynamic)
    }
}

extension FirewallDriver {
    /// What is in force, whenever that has changed behind our back; ends with whoever listens.
    ///
    /// - Parameter interval: between two looks of which no event told.
    package nonisolated func changes(every interval: Duration = .seconds(5)) -> AsyncStream<FirewallFacts> {
        let (facts, report) = AsyncStream.makeStream(of: FirewallFacts.self, bufferingPolicy: .bufferingNewest(8))
        let watcher = FirewallWatcher(driver: self, interval: interval)
        let task = Task {
            await watcher.run { report.yield($0) }
            report.finish()
        }
        report.onTermination = { _ in task.cancel() }
        return facts
    }
}
