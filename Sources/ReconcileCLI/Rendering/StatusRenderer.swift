import Reconciler
import Specs

/// The status as a person reads it.
enum StatusRenderer {
    static func text(_ status: HostStatus) -> String {
        (header(status) + [""] + Table.lines(rows(status)) + pools(status) + tasks(status) + notes(status)
            + findings(status))
            .joined(separator: "\n")
    }

    private static func pools(_ status: HostStatus) -> [String] {
        guard let pools = status.pools, !pools.isEmpty else { return [] }
        return [""] + PoolTable.lines(pools)
    }

    private static func tasks(_ status: HostStatus) -> [String] {
        guard let tasks = status.tasks, !tasks.isEmpty else { return [] }
        return [""] + TaskRenderer.lines(tasks)
    }

    private static func header(_ status: HostStatus) -> [String] {
        let engine =
            status.engine.reachable
            ? "Docker \(status.engine.version), API \(status.engine.apiVersion)"
            : "unreachable: \(status.engine.message ?? "not observed yet")"
        let revision = status.revision.map { "\($0) (\($0.reference))" } ?? "none yet"
        var lines = ["host      \(status.host)", "engine    \(engine)", "revision  \(revision)"]
        if let source = status.source {
            let signed = source.signers.map { "signed by \($0.joined(separator: ", "))" } ?? ""
            let message = source.message.isEmpty ? signed : source.message
            lines.append("source    \(source.state.rawValue)" + (message.isEmpty ? "" : ": \(message)"))
        }
        for override in status.overrides ?? [] {
            let what = override.object.map { " for \($0)" } ?? ""
            lines.append("windows   overridden\(what) by \(override.by) until \(override.until): \(override.reason)")
        }
        for report in status.drains ?? [] {
            lines.append("drain     \(report.drain.stage.rawValue): \(report.summary)")
            lines += report.blockers.map { "          in its way: \($0)" }
        }
        for pause in status.pauses ?? [] where pause.object == nil { lines.append("paused    \(pause)") }
        return lines
    }

    private static func rows(_ status: HostStatus) -> [[String]] {
        [ObjectTable.header] + status.objects.map(ObjectTable.row)
    }

    /// What people and git asked of single objects: it also counts where an object is ready.
    private static func notes(_ status: HostStatus) -> [String] {
        let notes = status.objects.flatMap { object in
            object.conditions.compactMap { condition -> String? in
                switch (condition.type, condition.reason) {
                // The header says it once.
                case (.paused, "HostPaused"): nil
                case (.paused, _): "paused  \(object.id): \(condition.message)"
                case (.pinned, _): "pinned  \(object.id): \(condition.message)"
                case (.scalingActive, let reason) where !condition.status:
                    "scaling \(object.id): \(reason): \(condition.message)"
                default: nil
                }
            }
        }
        return notes.isEmpty ? [] : [""] + notes
    }

    /// What is wrong with a refused revision, or worth a word about the one in force, place by place.
    private static func findings(_ status: HostStatus) -> [String] {
        guard let diagnostics = status.source?.diagnostics, !diagnostics.isEmpty else { return [] }
        return [""] + diagnostics.map(FindingsRenderer.line)
    }
}
