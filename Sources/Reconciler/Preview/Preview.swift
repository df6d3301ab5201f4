package import Specs

/// What a plan means, for whoever decides about it: what the commit does and what was so before, what becomes of members
/// on the way, of who may reach whom and of system calls, and what is risky about it.
///
/// The plan is the planner's own, and everything else is read off it and the states that it was made from.
package struct Preview: Sendable {
    /// Why an action is in the plan.
    package enum Origin: String, CaseIterable, Hashable, Codable, Sendable {
        /// The revision says something else than the one before.
        case commit
        /// The host is not as the revision before says either: somebody or something changed it.
        case drift
    }

    package struct Item: Sendable {
        package var action: Action
        /// nil where no revision is known to compare with.
        package var origin: Origin?
        /// Of an action for changed fields: those that are drift, of which the commit says nothing.
        package var driftedFields: Set<String> = []
        /// Where the revision before declares what this one does not.
        package var lastDeclared: SourcePosition?
    }

    package var plan: Plan
    /// The actions of the plan, in its order.
    package var items: [Item]
    /// The revision that was compared with.
    package var base: Revision?
    package var outlooks: [Outlook] = []
    package var policies: [PolicyChange] = []
    package var systemCalls: [SystemCallChange] = []
    package var risks: [Risk] = []

    /// A plan of which nothing more is known.
    package init(_ plan: Plan) {
        self.plan = plan
        items = plan.actions.map { Item(action: $0) }
    }

    /// Plans twice where there is a revision to compare with, and reads the rest off what the plan was made from.
    package init(_ input: PreviewInput) {
        let planned = input.planned(input.desired)
        self.init(planned.plan)
        let context = PlanContext(planned.desired, input.observed, planned.gates, Now(wall: input.now))
        outlooks = Outlook.all(in: context, planned.plan)
        if let base = input.base {
            let before = input.planned(base)
            self.base = base.revision
            let known = Dictionary(grouping: before.plan.actions, by: \.key)
            items = plan.actions.map { Item($0, known[$0.key] ?? [], before.desired, planned.desired) }
            policies = PolicyChange.all(from: before.desired, to: planned.desired)
            systemCalls = SystemCallChange.all(from: before.desired, to: planned.desired)
        }
        risks = Risk.all(in: self, context)
    }
}

extension Preview.Item {
    /// - Parameter before: what the revision before asks of the same key.
    init(_ action: Action, _ before: [Action], _ base: DesiredState, _ desired: DesiredState) {
        self.init(action: action)
        let same = before.filter { $0.verb == action.verb && $0.isAbout(action) }
        switch action.reason {
        case .changed(let changes):
            let known = before.flatMap { other in
                if case .changed(let changes) = other.reason { changes } else { [FieldChange]() }
            }
            func isDrift(_ change: FieldChange) -> Bool {
                known.contains(change) && (!change.isBare || action.isSame(change.field, in: base, desired))
            }
            driftedFields = Set(changes.filter(isDrift).map(\.field))
            origin = changes.allSatisfy(isDrift) ? .drift : .commit
        default: origin = same.contains { $0.reason == action.reason } ? .drift : .commit
        }
        if let object = action.key.object, action.position == nil { lastDeclared = base.objects[object]?.origin }
    }
}

extension FieldChange {
    /// It says that the field changes, and not from what to what.
    fileprivate var isBare: Bool { from == nil && to == nil }
}

extension Action {
    /// Whether two revisions ask for the same in a field of which a plan shows no value.
    fileprivate func isSame(_ field: String, in base: DesiredState, _ desired: DesiredState) -> Bool {
        guard let object = key.object else { return true }
        return base.objects[object]?.recreateHash.fields[field] == desired.objects[object]?.recreateHash.fields[field]
    }

    /// Whether both are about the same thing: an object has actions for its image, its network and its volumes.
    fileprivate func isAbout(_ other: Action) -> Bool {
        switch (steps.first, other.steps.first) {
        case (.applyFirewall(let mine)?, .applyFirewall(let theirs)?): mine == theirs
        case (.createContainer?, .createContainer?): true
        case (let mine?, let theirs?): mine.subject == theirs.subject
        case (nil, _), (_, nil): true
        }
    }
}
