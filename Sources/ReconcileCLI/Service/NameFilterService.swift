import NameFilter
import ServiceLifecycle

/// Runs the DNS filter for as long as the daemon runs, by the last configuration that came.
///
/// What the stream says is the whole of it each time: bridges, their gateways and their rules. One configuration is
/// applied after the other; those in between may be left out by whoever fills the stream.
struct NameFilterService: Service {
    let server: FilterServer
    let configurations: AsyncStream<FilterConfiguration>

    func run() async throws {
        await cancelWhenGracefulShutdown {
            for await configuration in configurations { await server.apply(configuration) }
            // A stream that ends leaves its last word in force. A cancelled sleep is the end of the daemon.
            while !Task.isCancelled { try? await Task.sleep(for: .seconds(3_600)) }
        }
        await server.stop()
    }
}
