import Reconciler
import Specs

/// Rollouts as a person reads them.
enum RolloutRenderer {
    /// All of them, a line each.
    static func list(_ reports: [RolloutReport]) -> String {
        if reports.isEmpty { return "Nothing is rolled out on this host." }
        let rows = reports.map { report in
            [
                report.object.name, report.revision.description, report.phase.rawValue, report.cause.rawValue,
                report.counts.map { "\($0.updated)/\($0.desired)" } ?? "",
                report.counts.map { "\($0.available)" } ?? "", report.message,
            ]
        }
        let head = ["NAME", "REVISION", "PHASE", "CAUSE", "UPDATED", "AVAILABLE", "MESSAGE"]
        return Table.lines([head] + rows).joined(separator: "\n")
    }

    /// One, as far as it is.
    static func text(_ report: RolloutReport) -> String {
        var rows = [
            ["  revision", report.revision.description], ["  phase", report.phase.rawValue],
            ["  cause", report.cause.rawValue],
        ]
        if let counts = report.counts {
            let members =
                "\(counts.updated) of \(counts.desired) updated, \(counts.available) available, \(counts.total) in all"
            rows.append(["  members", members])
        }
        if let stage = report.stage { rows.append(["  stage", stage]) }
        if let analysis = report.analysis { rows.append(["  analysis", analysis]) }
        rows += [["  started", "\(report.started)"], ["  progress", "\(report.lastProgress)"]]
        if let seconds = report.secondsLeft {
            rows.append(["  fails in", "\(Duration.seconds(seconds).goText) without progress"])
        }
        if let good = report.lastGood { rows.append(["  last good", good.description]) }
        if !report.message.isEmpty { rows.append(["  message", report.message]) }
        return ([report.object.description] + Table.lines(rows)).joined(separator: "\n")
    }

    /// Those that are over, oldest first.
    static func history(_ reports: [RolloutReport]) -> String {
        let rows = reports.flatMap { report in
            report.history.map { entry in
                [
                    report.object.name, entry.revision.description, entry.outcome.rawValue, entry.cause.rawValue,
                    "\(entry.started)", "\(entry.ended)", entry.message,
                ]
            }
        }
        if rows.isEmpty { return "No rollout is over yet." }
        let head = ["NAME", "REVISION", "OUTCOME", "CAUSE", "STARTED", "ENDED", "MESSAGE"]
        return Table.lines([head] + rows).joined(separator: "\n")
    }
}
