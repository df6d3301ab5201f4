import Reconciler
import Specs

extension SARIFLog {
    /// A plan as results, each with the line that asks for it; what is written nowhere has no result.
    init(_ documents: [PlanDocument], version: String) {
        let rules = PlanRemark.rules.map { Rule(plan: $0.id, $0.meaning) }
        let indices = Dictionary(rules.enumerated().map { ($1.id, $0) }) { first, _ in first }
        let results = documents.flatMap { document in
            PlanRemark.all(of: document).compactMap { remark -> Result? in
                guard let position = remark.position else { return nil }
                return Result(
                    ruleId: remark.rule, ruleIndex: indices[remark.rule] ?? 0,
                    level: remark.level == .warning ? .warning : .note,
                    message: .init(text: document.place + remark.text), locations: [Location(position)])
            }
        }
        let snapshots = documents.compactMap { document in document.snapshot.map { (document.host ?? "", $0) } }
        let properties = Properties(snapshots: Dictionary(snapshots) { $1 })
        runs = [
            Run(
                tool: .init(driver: Driver(version: version, rules: rules)), results: results,
                properties: snapshots.isEmpty ? nil : properties)
        ]
    }
}

extension SARIFLog.Rule {
    fileprivate init(plan id: String, _ meaning: String) {
        let words = id.split(separator: "-").map { $0.prefix(1).uppercased() + $0.dropFirst() }
        self.init(
            id: id, name: words.joined(), shortDescription: .init(text: meaning), fullDescription: .init(text: meaning),
            help: .init(text: "\(meaning); `reconcile --dry-run` shows the whole plan"),
            defaultConfiguration: .init(level: id.hasPrefix("plan-") ? .note : .warning))
    }
}
