import Reconciler
import Testing

/// The error of work that must fail.
func driverError<Value>(
    of work: () async throws(DriverError) -> Value, sourceLocation: SourceLocation = #_sourceLocation
) async -> DriverError? {
    do throws(DriverError) {
        _ = try await work()
        Issue.record("nothing was thrown", sourceLocation: sourceLocation)
        return nil
    } catch {
        return error
    }
}
