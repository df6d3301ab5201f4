import Drivers
import ReconcileTesting
import Reconciler
import Testing

@Suite("every driver keeps the contract", .timeLimit(.minutes(2)))
struct ConformanceTests {
    @Test("the twin in memory", arguments: DriverConformance.checks)
    func fake(_ check: ConformanceCheck) async throws {
        let environment = ConformanceEnvironment(image: "busybox:local", prefix: "fake")
        let driver = FakeDriver(images: [environment.image])
        await driver.setMissingPaths([environment.missingPath])
        try await check.run(on: driver, in: environment)
    }

    @Test("the real engine", arguments: DriverConformance.checks)
    func real(_ check: ConformanceCheck) async throws {
        let engine = try await EngineUnderTest.shared()
        let place = try ClaimPlace()
        defer { place.remove() }
        let environment = ConformanceEnvironment(
            image: engine.image, missingImage: "localhost:1/reconcile/missing:1", prefix: "conformance",
            claimRoot: place.root)
        try await check.run(on: engine.driver(members: place.members), in: environment)
    }
}
