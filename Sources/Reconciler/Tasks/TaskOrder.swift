package import Specs

/// What the agenda of one task came to: what the planner follows until it is asked again.
///
/// Decided by the control loop and not by the planner, since a run that begins is written down before anything follows
/// from it.
package struct TaskOrder: Hashable, Sendable {
    package var wishes: [TaskAttempt: TaskAgenda.Wish]
    /// What is due and is kept from beginning by a gate.
    package var held: Instant?

    package init(_ agenda: TaskAgenda, isHeld: Bool = false) {
        wishes = agenda.wishes
        held = isHeld ? agenda.waiting : nil
    }

    func wish(for container: ObservedContainer) -> TaskAgenda.Wish? { wishes[TaskAttempt(container.instance)] }

    /// Slots of which something is to be.
    var slots: Set<Int> { Set(wishes.keys.map(\.slot) + [held].compactMap { $0.map { Int($0.secondsSince1970) } }) }

    /// The attempt of a slot whose container is to be made where there is none.
    func attempt(of slot: Int) -> TaskAttempt? { wishes.first { $0.key.slot == slot && $0.value == .run }?.key }
}

/// A task as the planner sees it.
package struct DesiredTask: Sendable {
    package var spec: ScheduledTask
    package var schedule: TaskSchedule
}

/// When a task runs next, for a plan.
package struct PlannedRun: Hashable, Sendable, CustomStringConvertible {
    package var task: ResourceID
    /// nil where it never does, or is suspended.
    package var next: Instant?
    package var isSuspended: Bool
    private var zone: TimeZoneRules

    init(_ id: ResourceID, _ task: DesiredTask, now: Instant) {
        self.task = id
        isSuspended = task.spec.suspend
        next = task.spec.suspend ? nil : task.schedule.next(after: now)
        zone = task.schedule.zone
    }

    /// `next run Sun 2026-12-20 02:00 Asia/Tokyo`.
    package var description: String {
        if isSuspended { return "suspended: no run is begun" }
        return next.map { "next run \(WindowText.moment($0, in: zone))" } ?? "its schedule names no time to come"
    }
}
