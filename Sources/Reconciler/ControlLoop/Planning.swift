import Specs

/// What turns are planned from, one after the other, as long as nothing changes: members of one object share a view of it.
struct Planning {
    /// nil before there is a revision.
    private let context: PlanContext?
    private var views: [ResourceID: ObjectView] = [:]

    init(_ context: PlanContext?) { self.context = context }

    /// The first action of the key that could go on, or else the first at all.
    mutating func nextAction(of key: Key) -> Action? {
        guard let context else { return nil }
        let actions = Planner.actions(of: key, in: context, key.object.map { view(of: $0, in: context) })
        return actions.first { $0.verdict == .go } ?? actions.first
    }

    private mutating func view(of object: ResourceID, in context: PlanContext) -> ObjectView {
        if let known = views[object] { return known }
        let view = context.view(object)
        views[object] = view
        return view
    }
}
