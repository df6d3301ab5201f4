import Reconciler

extension KernelReader {
    /// Between two checks: a few milliseconds of work for hundreds of containers.
    private static var interval: Duration { .seconds(10) }

    /// The event of a hint that a limit is not what it was.
    package static var hint: String { "limits" }

    /// Looks at the limits of all containers again and again, and tells of those that somebody changed behind the engine's
    /// back, which tells nobody. Ends when the task is cancelled.
    func watch(_ tell: @Sendable (ChangeHint) -> Void) async {
        while !Task.isCancelled {
            // A cancelled sleep ends the loop by its condition.
            try? await Task.sleep(for: Self.interval)
            if Task.isCancelled { return }
            for id in check(now: begun.duration(to: .now)) { tell(ChangeHint(containerID: id, event: Self.hint)) }
        }
    }
}
