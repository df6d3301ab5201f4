import Reconciler
import Specs

extension DockerDriver {
    /// Runs the health check's command once; a command that fails is an answer, not an error.
    ///
    /// Success counts for this start of the container, and only until it is probed again or Docker has a verdict.
    func probe(_ container: ContainerReference, _ check: HealthCheck) async throws(DriverError) -> StepResult {
        guard let before = try await observe(container: container.id, owner: container.owner) else {
            return .container(id: container.id, nil)
        }
        let hasSucceeded: Bool
        do throws(DriverError) {
            let result = try await client.exec(check.command, in: container.id, deadline: check.timeout, keeping: 0)
            hasSucceeded = result.exitCode == 0
        } catch {
            switch error.code {
            // The program is not there: Docker's own health check would fail as well.
            case .badRequest: hasSucceeded = false
            case .notFound: return try await readBack(container.id, owner: container.owner)
            default: throw error
            }
        }
        observer.probes.record(succeeded: hasSucceeded, id: container.id, startedAt: before.startedAt)
        return try await readBack(container.id, owner: container.owner)
    }
}
