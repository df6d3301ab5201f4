import Drivers
import ReconcileTesting

/// The engine that tests of the real driver run on: the one engine of the test run.
struct EngineUnderTest: Sendable {
    var socketPath: String
    var image = TestImage.reference

    static func shared() async throws -> EngineUnderTest {
        EngineUnderTest(socketPath: try await PrivateEngine.shared().socketPath)
    }

    func client() -> DockerClient<UnixSocketTransport> {
        DockerClient(UnixSocketTransport(EngineAddress(socketPath: socketPath)))
    }

    func driver(members: MemberFolders? = nil) -> DockerDriver<UnixSocketTransport> {
        DockerDriver(
            client(), preflight: members.map { _ in LocalPreflight(EngineAddress(socketPath: socketPath)) },
            kernel: KernelReader(), members: members)
    }
}
