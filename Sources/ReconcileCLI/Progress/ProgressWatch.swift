import Drivers
import Reconciler

/// Shows how far a controller is for as long as it runs.
struct ProgressWatch {
    private static let interval = Duration.milliseconds(250)

    let line: StatusLine
    let controller: Controller
    let pulls: PullBoard

    /// Until it is cancelled; then nothing of it is left on the terminal.
    func run() async {
        var convergence = Convergence()
        let begun = ContinuousClock.now
        while !Task.isCancelled {
            let asked = ContinuousClock.now
            if let plan = await controller.currentPlan() {
                convergence.note(Convergence.Sight(plan), at: begun.duration(to: .now))
            }
            line.show(ProgressText.line(convergence, pulls: pulls.underWay, width: StatusLine.width))
            // Whoever waits for the plan of a large host waits for it a twentieth of the time.
            let pause = max(Self.interval, asked.duration(to: .now) * 20)
            // A cancelled sleep ends the loop by its condition.
            try? await Task.sleep(for: pause)
        }
        line.show("")
    }
}
