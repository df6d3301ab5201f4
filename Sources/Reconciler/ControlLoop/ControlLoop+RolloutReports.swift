import Specs

/// What is said of rollouts.
extension ControlLoop {
    /// How all rollouts stand, in the order of the objects' names.
    var rolloutReports: [RolloutReport] {
        let context = context
        return rollouts.sorted { $0.key < $1.key }.map { id, watch in
            var report = RolloutReport(id, watch.state)
            report.counts = informer.isCurrent ? context?.view(id).turns.counts : nil
            report.stage = desired?.objects[id].flatMap { order(for: watch, $0)?.blueGreen }.flatMap { order in
                watch.state.isOpen ? order.sentence(hasAsked: watch.state.blueGreen?.hasAsked == true) : nil
            }
            if report.stage == nil { report.stage = desired?.objects[id].flatMap { canarySentence(watch, $0) } }
            report.analysis = watch.state.canary == nil ? nil : watch.canary.judgement?.sentence
            if watch.state.phase == .progressing, case .forever = mode, let object = desired?.objects[id] {
                let left = watch.progressAt + object.strategy.progressDeadline - now.uptime
                report.secondsLeft = Int(max(.zero, left) / .seconds(1))
            }
            return report
        }
    }

    /// Rollouts that have failed, as stalls of their objects.
    var failedRollouts: [Key: Stall] {
        Dictionary(
            uniqueKeysWithValues: rollouts.filter { $0.value.state.phase == .failed }.map { id, watch in
                (Key.object(id), Stall(watch.state.failureCode, watch.state.message))
            })
    }
}
