package import Specs

/// What a person may tell the control loop.
package enum Command: Hashable, Sendable {
    case pause(Pause)
    /// nil resumes the whole host.
    case resume(ResourceID?, by: String)
    case approve(Approval)
    case pin(Pin, by: String)
    case unpin(ResourceID, by: String)
    case override(WindowOverride)
    /// nil ends that of the whole host.
    case endOverride(ResourceID?, by: String)
    case drain(Drain)
    /// Ends the drain of the host.
    case uncordon(by: String)
    /// All members of the object are replaced by new ones; its rollout stands like this then.
    case restart(ResourceID, RolloutState, by: String)
    /// The rollout that waited for a person goes on; it stands like this then.
    case promote(ResourceID, RolloutState, by: String)
    /// The task is run once more; this is what is remembered of it then.
    case runTask(ResourceID, TaskMemory, by: String)
    /// These objects are brought to what git says now, where windows let persons through.
    case syncManually(Set<ResourceID>, by: String)

    func auditEntry(at time: Instant, _ revision: String?) -> AuditEntry {
        let (actor, action, object, detail) =
            switch self {
            case .pause(let pause): (pause.by, "pause", pause.object?.description ?? "", pause.reason)
            case .resume(let object, let by): (by, "resume", object?.description ?? "", "")
            case .approve(let approval):
                (approval.by, "approve", approval.revision, approval.removals.joined(separator: " "))
            case .pin(let pin, let by):
                (by, "pin", pin.object.description, "to \(pin.revision?.id ?? "nothing"): \(pin.reason)")
            case .unpin(let object, let by): (by, "unpin", object.description, "")
            case .override(let override):
                (
                    override.by, "override", override.object?.description ?? "",
                    "until \(override.until): \(override.reason)"
                )
            case .endOverride(let object, let by): (by, "end-override", object?.description ?? "", "")
            case .drain(let drain): (drain.by, "drain", "", drain.announcement)
            case .uncordon(let by): (by, "uncordon", "", "")
            case .restart(let object, _, let by): (by, "rollout-restart", object.description, "")
            case .promote(let object, let state, let by):
                (by, "rollout-promote", object.description, "\(state.revision)")
            case .runTask(let task, let memory, let by):
                (by, "task-run", task.description, memory.requested.map { "at \($0)" } ?? "")
            case .syncManually(let objects, let by):
                (by, "manual-sync", "", objects.sorted().map(\.description).joined(separator: " "))
            }
        return AuditEntry(
            time: time, actor: actor, action: action, object: object, detail: detail, revision: revision)
    }
}
