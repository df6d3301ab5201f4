import Drivers
import Reconciler

/// Shows how far a controller is for as long as it runs.
struct ProgressWatch {
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
            // A cancelled sleep ends the loop by its condition.
            try? await Task.sleep(for: StatusLine.pause(after: asked.duration(to: .now)))
        }
        line.show("")
    }
}
