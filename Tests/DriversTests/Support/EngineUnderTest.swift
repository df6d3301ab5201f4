import Drivers
import FoundationEssentials

/// The engine that tests of the real driver run on: a private one, as `scripts/engine run` makes it.
struct EngineUnderTest: Sendable {
    var socketPath: String
    var image = "busybox:local"

    /// The folder of the private engine. Never `DOCKER_HOST` alone: that may be somebody's own engine.
    private static var folder: String? { ProcessInfo.processInfo.environment["RECONCILE_ENGINE"] }

    static var isPossible: Bool { folder != nil }

    static func shared() throws -> EngineUnderTest {
        struct Missing: Error {}
        guard let folder else { throw Missing() }
        return EngineUnderTest(socketPath: folder + "/docker.sock")
    }

    func client() -> DockerClient<UnixSocketTransport> {
        DockerClient(UnixSocketTransport(EngineAddress(socketPath: socketPath)))
    }

    func driver() -> DockerDriver<UnixSocketTransport> { DockerDriver(client()) }
}
