import Reconciler

/// How much a plan does, and how much it leaves as it is, in the words of every format.
struct PlanCounts {
    /// `2 to create, 1 to replace`; nil where nothing is done.
    let changes: String?
    /// `14 already right, 2 held`.
    let rest: String
    private let isStalled: Bool

    /// `2 to create, 1 to replace, 14 already right, 2 held`.
    var words: String { "\(changes ?? (isStalled ? "nothing can be done" : "no changes")), \(rest)" }

    /// The same as a sentence: `Plan: 2 to create, 14 already right.`
    var sentence: String {
        changes.map { "Plan: \($0), \(rest)." } ?? words.prefix(1).uppercased() + words.dropFirst() + "."
    }

    init(_ plan: Plan) {
        let actions = plan.actions.map { Part($0.verb, isHeld: $0.isHeld, isStalled: $0.isStalled) }
        self.init(actions, settled: plan.settled, outdated: plan.outdated)
    }

    init(_ document: PlanDocument) { self.init([document]) }

    /// Of several hosts together.
    init(_ documents: [PlanDocument]) {
        let actions = documents.flatMap(\.actions).compactMap { entry in
            Action.Verb(rawValue: entry.verb).map {
                Part($0, isHeld: entry.held != nil, isStalled: entry.stalled != nil)
            }
        }
        self.init(
            actions, settled: documents.reduce(0) { $0 + $1.summary.settled },
            outdated: documents.reduce(0) { $0 + $1.summary.outdated })
    }

    private struct Part {
        let verb: Action.Verb
        let isHeld: Bool
        let isStalled: Bool

        init(_ verb: Action.Verb, isHeld: Bool, isStalled: Bool) {
            (self.verb, self.isHeld, self.isStalled) = (verb, isHeld, isStalled)
        }

        /// What follows the number; nil where nothing on the host is changed by it.
        var group: String? {
            switch verb {
            case .create, .replace, .remove: verb.rawValue
            case .pull, .await: nil
            default: "change in place"
            }
        }
    }

    private init(_ actions: [Part], settled: Int, outdated: Int) {
        let going = actions.filter { !$0.isHeld && !$0.isStalled }
        let parts = ["create", "replace", "remove", "change in place"].compactMap { group -> String? in
            let count = going.count { $0.group == group }
            return count == 0 ? nil : "\(count) to \(group)"
        }
        changes = parts.isEmpty ? nil : parts.joined(separator: ", ")
        let stalled = actions.count(where: \.isStalled)
        isStalled = stalled > 0
        let others = [
            (outdated, "follow later"), (actions.count { $0.verb == .await }, "starting"),
            (actions.count(where: \.isHeld), "held"), (stalled, "stalled"),
        ]
        rest = (["\(settled) already right"] + others.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" })
            .joined(separator: ", ")
    }
}
