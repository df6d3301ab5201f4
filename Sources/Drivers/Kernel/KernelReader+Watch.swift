import Reconciler

extension KernelReader {
    /// Between two checks: ten seconds, and with more than 60 containers less often, so that they never take more than a
    /// thousandth of a processor; with 200 and more thirty.
    static func pause(containers count: Int) -> Duration { .milliseconds(min(30_000, max(10_000, 150 * count))) }

    /// The event of a hint that a limit is not what it was.
    package static var hint: String { "limits" }

    /// Looks at the limits of all containers again and again, and tells of those that somebody changed behind the engine's
    /// back, which tells nobody. Ends when the task is cancelled.
    func watch(_ tell: @Sendable (ChangeHint) -> Void) async {
        while !Task.isCancelled {
            // A cancelled sleep ends the loop by its condition.
            try? await Task.sleep(for: Self.pause(containers: count))
            if Task.isCancelled { return }
            for id in check(now: begun.duration(to: .now)) { tell(ChangeHint(containerID: id, event: Self.hint)) }
        }
    }
}
