import Logging
import ServiceLifecycle

/// Writes a snapshot of this host on an interval.
struct SnapshotService: Service {
    let publisher: SnapshotPublisher
    let path: String
    let interval: Duration
    let logger: Logger

    func run() async throws {
        await cancelWhenGracefulShutdown {
            while !Task.isCancelled {
                await write()
                // A cancelled sleep ends the loop by its condition.
                try? await Task.sleep(for: interval)
            }
        }
    }

    /// What went wrong may pass: the one before stays, and shows its age to whoever reads it.
    private func write() async {
        do {
            try SnapshotFile.write(try await publisher.bytes(), to: path)
            logger.debug("snapshot", metadata: ["event": "snapshot.written", "path": "\(path)"])
        } catch {
            if Task.isCancelled { return }
            logger.warning(
                "the snapshot of this host is not written",
                metadata: ["event": "snapshot.failed", "path": "\(path)", "message": "\(error)"])
        }
    }
}
