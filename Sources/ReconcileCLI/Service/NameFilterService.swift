import Drivers
import NameFilter
import ServiceLifecycle

/// Runs the name filter for as long as the daemon runs, by the last configuration that came.
///
/// What the feed says is the whole of it each time: bridges, their gateways and their rules. One configuration is applied
/// after the other; those in between may be left out.
struct NameFilterService: Service {
    let server: FilterServer
    let feed: NameFeed
    let sets: any AddressSets

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask { for await _ in feed.renewals { await restore() } }
                group.addTask { for await configuration in feed.configurations { await server.apply(configuration) } }
            }
        }
        await server.stop()
    }

    /// Opens again what is open by the filter's book: somebody may have emptied the kernel's sets with the rules.
    private func restore() async {
        let engine = server.engine
        for bridge in engine.configuration.bridges.map(\.name) {
            let grants = engine.grants(of: bridge)
            engine.forgetGrants(of: bridge)
            // What cannot be opened is not in the book any more, and is opened by the next question for it.
            try? await sets.add(grants)
        }
    }
}
