import Reconciler
import Specs

/// The plan as JSON, for programs. Fields are only ever added within a format version.
struct PlanDocument: Encodable {
    var formatVersion = 1
    var revision: Revision
    var summary: Summary
    var actions: [Entry]
    /// Objects whose HostPool does not select this host.
    var elsewhere: [String]
    /// Objects that a pin keeps.
    var pinned: [Pin]

    struct Summary: Encodable {
        var hasChanges: Bool
        var changes: Int
        var held: Int
        var settled: Int
        var leftAlone: Int
    }

    struct Entry: Encodable {
        var key: String
        var verb: String
        var symbol: String
        var description: String
        var reason: String
        var actionClass: String
        var position: SourcePosition?
        var held: Hold?
        var stalled: Stall?
        var waitsFor: String?

        enum CodingKeys: String, CodingKey {
            case key, verb, symbol, description, reason, position, held, stalled, waitsFor
            case actionClass = "class"
        }

        init(_ action: Action) {
            key = action.key.description
            verb = action.verb.rawValue
            symbol = PlanRenderer.symbol(of: action).filter { $0 != " " }
            description = PlanRenderer.wording(of: action)
            reason = action.reason.description
            actionClass = action.actionClass.rawValue
            position = action.position
            switch action.verdict {
            case .held(let hold): held = hold
            case .stalled(let stall): stalled = stall
            case .waitFor(let key): waitsFor = key.description
            case .go, .notBefore: break
            }
        }
    }

    init(_ plan: Plan, revision: Revision) {
        self.revision = revision
        summary = Summary(
            hasChanges: plan.hasChanges, changes: plan.actions.count { $0.isChange && !$0.isHeld },
            held: plan.held.count, settled: plan.settled, leftAlone: plan.leftAlone)
        actions = plan.actions.map(Entry.init)
        elsewhere = plan.elsewhere.map(\.description)
        pinned = plan.pinned.map(\.pin)
    }
}
