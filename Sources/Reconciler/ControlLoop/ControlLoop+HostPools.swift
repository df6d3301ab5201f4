import Logging
import Specs

/// How many hosts the autoscaler of a HostPool asks for: published, and told to whoever provides hosts.
extension ControlLoop {
    /// The number to begin with, where nobody can count the hosts: the least.
    func firstHosts(for watch: ScalingWatch) -> Int? {
        guard watch.target.kind == .hostPool, let desired else { return nil }
        return ScalingBounds(of: watch.spec, at: now.wall, zones: desired.zones).min
    }

    /// Tells the provider, until it has heard.
    mutating func orderHosts(_ target: ResourceID) {
        guard var watch = autoscalers[target], watch.ordered == nil, let decision = watch.decision,
            let hook = desired?.hostPools[target.name]?.spec.provider, watch.confirmed != decision.desired
        else { return }
        let order = HostPoolOrder(
            hostPool: target.name, desired: decision.desired, current: watch.confirmed ?? decision.current,
            bounds: decision.bounds, reason: decision.why)
        let ticket = newTicket()
        watch.ordered = ticket
        watch.ordering = order.desired
        autoscalers[target] = watch
        ask(.order(ticket, order, hook: hook), for: .order(target))
    }

    mutating func ordered(_ ticket: Ticket, _ problem: String?) {
        guard case .order(let target)? = errands.removeValue(forKey: ticket), var watch = autoscalers[target],
            watch.ordered == ticket
        else { return }
        watch.ordered = nil
        if let problem {
            // The next evaluation tells it again. Said once: what is wrong may be put into other words each time.
            if watch.orderProblem == nil {
                note(event(.warning, .object(target), ScalingCondition.Reason.failedUpdateScale.rawValue, problem))
            }
            watch.decision = watch.decision?.unheard(because: problem)
        } else {
            watch.confirmed = watch.ordering
        }
        watch.orderProblem = problem
        autoscalers[target] = watch
        logger.info(
            "hosts ordered",
            metadata: [
                "event": problem == nil ? "hostpool.ordered" : "hostpool.order-failed", "object": "\(target)",
                "message": "\(problem ?? "\(watch.ordering ?? 0)")",
            ])
        // Another number may have been decided meanwhile.
        if problem == nil { orderHosts(target) }
    }
}
