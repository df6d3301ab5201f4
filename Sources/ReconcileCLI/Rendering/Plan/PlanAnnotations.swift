import Reconciler
import Specs

/// A plan as workflow commands of GitHub Actions: one annotation for each thing that is done, at the line that asks for it.
///
/// GitHub shows ten of a kind for each step, so what matters most comes first.
enum PlanAnnotations {
    static func text(_ documents: [PlanDocument]) -> String {
        let several = documents.count > 1
        let remarks = documents.flatMap { document in
            PlanRemark.all(of: document).map { remark in
                var remark = remark
                if several, let host = document.host { remark.title = "\(host): \(remark.title)" }
                return remark
            }
        }
        let order: [PlanRemark.Level] = [.warning, .notice]
        let commands = order.flatMap { level in remarks.filter { $0.level == level }.map(command) }
        let total = several ? ["In total on \(documents.count) hosts: \(PlanCounts(documents).words)"] : []
        return (commands + documents.flatMap(log) + total).joined(separator: "\n")
    }

    /// What is at no line of a file, for the log of the job: how much is done, and whose numbers and revisions are not git's.
    private static func log(_ document: PlanDocument) -> [String] {
        let place = document.place
        return ["\(document.subject): \(PlanCounts(document).words)"]
            + (document.autoscaled ?? []).map {
                "\(place)\($0.object): replicas \($0.replicas) (autoscaled, bounds \($0.bounds.description))".onOneLine
            } + document.pinnedObjects.map { "\(place)\($0.pin.object): \($0)".onOneLine }
    }

    private static func command(_ remark: PlanRemark) -> String {
        var properties: [(String, String)] = []
        if let position = remark.position {
            properties = [
                ("file", position.file), ("line", String(position.line)), ("col", String(position.column)),
            ]
        }
        return WorkflowCommands.command(
            remark.level == .warning ? "warning" : "notice", properties + [("title", remark.title.shortened)],
            remark.message.shortened)
    }
}

extension PlanDocument {
    /// What a remark begins with where nothing else says whose plan it is: `host-a: `.
    var place: String {
        let trust = snapshot?.isVerified == false ? ", by a snapshot that nobody vouches for" : ""
        return host.map { "\($0)\(trust): " } ?? ""
    }
}

/// One thing that a plan says about one place.
struct PlanRemark {
    enum Level { case notice, warning }

    var level: Level
    /// A word that stays the same, such as `plan-replace` or `NoReadyMember`.
    var rule: String
    var title: String
    var message: String
    /// nil for what is written nowhere.
    var position: SourcePosition?

    /// Both in one, each of them shortened.
    var text: String { "\(title.shortened): \(message.shortened)" }

    /// Warnings, then what is done, held and stalled, then what changes about flows and calls.
    static func all(of document: PlanDocument) -> [PlanRemark] {
        let warnings = (document.warnings ?? []).map { warning in
            PlanRemark(
                level: .warning, rule: warning.code.rawValue,
                title: (warning.object.map { "\($0): " } ?? "") + warning.code.rawValue, message: warning.message,
                position: warning.position)
        }
        let lines = FoldedPlan(document).lines.map { line in
            let entry = line.entry
            let rule = entry.stalled != nil ? stalled : entry.held != nil ? held : "plan-\(entry.verb)"
            let drift = entry.origin == .drift ? " (drift)" : ""
            return PlanRemark(
                level: entry.stalled != nil ? .warning : .notice, rule: rule,
                title: "\(line.subject): \(line.words)\(drift)", message: line.reason, position: line.position)
        }
        let flows = (document.policies ?? []).flatMap { entry in
            entry.lines.map { line in
                PlanRemark(
                    level: .notice, rule: policy, title: "\(entry.object): \(line.effect.rawValue) flows",
                    message: "\(line.effect.rawValue) \(line.flow)", position: line.position)
            }
        }
        let calls = (document.systemCalls ?? []).map { entry in
            PlanRemark(
                level: .notice, rule: systemCalls, title: "\(entry.object): system calls", message: entry.description,
                position: entry.position)
        }
        return warnings + lines + flows + calls
    }

    static let held = "plan-held"
    static let stalled = "plan-stalled"
    static let policy = "plan-policy"
    static let systemCalls = "plan-system-calls"

    /// Every rule that there may be, with what it means.
    static let rules: [(id: String, meaning: String)] =
        [
            ("plan-create", "something is created"), ("plan-update", "something is changed in place"),
            ("plan-replace", "a container is replaced by another"), ("plan-remove", "something is removed"),
            ("plan-start", "what stopped is started again"), ("plan-restart", "what is unhealthy is restarted"),
            ("plan-stop", "a run of a task is ended"), ("plan-pause", "what waits for a claim is frozen"),
            ("plan-unpause", "what was frozen goes on"), ("plan-rename", "a container gets its own name again"),
            ("plan-pull", "an image is looked for"), (held, "a gate holds a change"),
            (stalled, "only a person or a commit can help"),
            (policy, "who may reach whom changes"), (systemCalls, "which system calls are let through changes"),
        ]
        + Risk.Code.allCases.map { ($0.rawValue, "a plan that a person should look at twice") }
}
