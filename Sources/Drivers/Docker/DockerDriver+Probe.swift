import Reconciler
import Specs

extension DockerDriver {
    /// Runs the health check's command once; a command that fails is an answer, not an error.
    ///
    /// The answer is in the result alone; remembering it is the caller's business.
    func probe(_ container: ContainerReference, _ check: HealthCheck) async throws(DriverError) -> StepResult {
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
        guard case .container(let id, var observed?) = try await readBack(container.id, owner: container.owner) else {
            return .container(id: container.id, nil)
        }
        observed.probed = hasSucceeded
        return .container(id: id, observed)
    }
}
