package import Specs

/// Everything that may be asked about a running controller, as of one moment: values that nobody changes any more.
///
/// Made with one plan for the whole host; what is shown of single objects is taken from here, without the controller.
package struct HostReport: Sendable {
    package var status: HostStatus
    /// nil before there is a revision and an observation.
    package let plan: Plan?
    /// Where in the plan the actions of each object stand: a question about one of many does not read them all.
    private let places: [ResourceID: [Int]]
    /// What the host is brought to, pins included.
    package var desired: DesiredState?
    package var observed: ObservedState
    /// Containers on their way out.
    package var retiring: Set<MemberInstance>
    package var figures: ControllerFigures
    /// What the members of objects use, where somebody measures it.
    package var usage: [ResourceID: UsageSummary] = [:]
    /// How the pools stand, in the order of their names.
    package var pools: [PoolStatus] = []
    /// Claims that are not over, in the order of their ids.
    package var claims: [Claim] = []
    /// How the autoscalers stand, in the order of their names.
    package var autoscalers: [AutoscalerReport] = []
    /// How the rollouts stand, in the order of the objects' names.
    package var rollouts: [RolloutReport] = []
    /// How the tasks stand, in the order of their names.
    package var tasks: [TaskReport] = []

    package init(
        status: HostStatus, plan: Plan? = nil, desired: DesiredState? = nil, observed: ObservedState = ObservedState(),
        retiring: Set<MemberInstance> = [], figures: ControllerFigures = ControllerFigures()
    ) {
        self.status = status
        self.plan = plan
        var places: [ResourceID: [Int]] = [:]
        for (place, action) in (plan?.actions ?? []).enumerated() {
            if let object = action.key.object { places[object, default: []].append(place) }
        }
        self.places = places
        self.desired = desired
        self.observed = observed
        self.retiring = retiring
        self.figures = figures
    }

    /// What would be done for the object, in the order of the plan.
    func actions(of object: ResourceID) -> [Action] {
        guard let plan else { return [] }
        return places[object, default: []].map { plan.actions[$0] }
    }

    /// The plan as a document; nil before there is one.
    package var planDocument: PlanDocument? {
        guard let plan, let revision = desired?.revision else { return nil }
        return PlanDocument(plan, revision: revision)
    }

    /// A revision is in force, and the host was seen: what the program is there for can be done.
    package var isReady: Bool { plan != nil && status.engine.reachable }
}

/// What the control loop counts, for metrics.
package struct ControllerFigures: Hashable, Sendable {
    package var queue = WorkQueueMetrics()
    package var stepsInFlight = 0
    /// How many steps may be in flight at once, as the engine bears them now.
    package var concurrencyLimit = 0
    package var stalledKeys = 0
    package var firewall = FirewallMeter()
    package var pools: [ResourceID: PoolMeter] = [:]
    /// Since the newest full observation was taken in; nil before the first.
    package var observationAge: Duration?
    /// How long the plan for the whole host took that the report was made with.
    package var planDuration = Duration.zero

    package init() {}
}
