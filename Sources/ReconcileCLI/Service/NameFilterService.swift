import NameFilter
import ServiceLifecycle

/// Runs the name filter for as long as the daemon runs, by the last configuration that came.
///
/// What a configuration says is the whole of it each time: bridges, their gateways and their rules. One configuration is applied
/// after the other; those in between may be left out.
struct NameFilterService: Service {
    let server: FilterServer
    let configurations: AsyncStream<FilterConfiguration>
    /// Rules were put in force anew, and sets that somebody had taken away with them are empty.
    let renewals: AsyncStream<Void>
    let sets: any AddressSets

    func run() async throws {
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask { for await _ in renewals { await restore() } }
                group.addTask { for await configuration in configurations { await server.apply(configuration) } }
                // A stream that ends leaves its last word in force. A cancelled sleep is the end of the daemon.
                while !Task.isCancelled { try? await Task.sleep(for: .seconds(3_600)) }
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
