import Reconciler
import Specs

extension DockerDriver {
    /// Runs the health check's command once; a command that fails is an answer, not an error.
    ///
    /// The answer is in the result alone; remembering it is the caller's business.
    func probe(_ container: ContainerReference, _ check: HealthCheck) async throws(DriverError) -> StepResult {
        let hasSucceeded: Bool
        do throws(DriverError) {
            hasSucceeded = try await runProbe(check, in: container.id)
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

    /// One probe of a container at a time, see `OpenProbes`.
    private func runProbe(_ check: HealthCheck, in container: String) async throws(DriverError) -> Bool {
        if let open = openProbes[container] {
            // What it may still come to is too late, as it would be for Docker's own health check.
            if try await client.isRunning(exec: open) { return false }
            openProbes[container] = nil
        }
        let result = try await client.exec(check.command, in: container, deadline: check.timeout, keeping: 0)
        if result.exitCode == nil { openProbes[container] = result.id }
        return result.exitCode == 0
    }
}
