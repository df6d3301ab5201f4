/// Sets the number of members of another object by metrics; Kubernetes' HorizontalPodAutoscaler (autoscaling/v2)
/// with schedules, staleness and further strategies.
package struct Autoscaler: Hashable, Sendable {
    /// A Workload, WarmPool or HostPool.
    package var target: ResourceID
    /// 0 needs `scaleToZero`.
    package var min: Int
    package var max: Int
    package var scaleToZero: Bool
    package var metrics: [Metric]
    package var behavior: Behavior
    package var schedules: [ScheduledBounds]
    /// Between two evaluations; pools are looked at with every claim and miss as well.
    package var interval: Duration

    package init(target: ResourceID, min: Int, max: Int, metrics: [Metric] = []) {
        self.target = target
        self.min = min
        self.max = max
        scaleToZero = false
        self.metrics = metrics
        behavior = Behavior()
        schedules = []
        interval = .seconds(15)
    }

    /// Other bounds from one time to another, again and again.
    package struct ScheduledBounds: Hashable, Sendable {
        package var name: String
        /// nil only before it was checked.
        package var interval: CronInterval?
        package var timeZone: String
        package var min: Int
        package var max: Int
    }

    /// How fast the number may change, with the fields and defaults of autoscaling/v2.
    package struct Behavior: Hashable, Sendable {
        package var scaleUp = Rules(
            window: 0,
            policies: [
                Policy(type: .pods, value: 4, periodSeconds: 15), Policy(type: .percent, value: 100, periodSeconds: 15),
            ])
        package var scaleDown = Rules(
            window: 300, policies: [Policy(type: .percent, value: 100, periodSeconds: 15)])

        package init() {}
    }

    /// The rules of one direction.
    package struct Rules: Hashable, Sendable {
        /// 0-3600 seconds.
        package var stabilizationWindowSeconds: Int
        package var selectPolicy: SelectPolicy
        package var policies: [Policy]
        /// The ratio by which a metric may be off without an effect.
        package var tolerance: Double
        /// After a change in this direction, none in it for so long; the target-tracking cooldown.
        package var cooldown: Duration

        package init(window: Int, policies: [Policy]) {
            stabilizationWindowSeconds = window
            selectPolicy = .max
            self.policies = policies
            tolerance = 0.1
            cooldown = .zero
        }
    }

    package enum SelectPolicy: String, CaseIterable, Hashable, Sendable {
        case max = "Max"
        case min = "Min"
        case disabled = "Disabled"
    }

    /// The most change within a time.
    package struct Policy: Hashable, Sendable {
        package enum Kind: String, CaseIterable, Hashable, Sendable {
            case pods = "Pods"
            case percent = "Percent"
        }

        package var type: Kind
        /// Members, or percent of them.
        package var value: Int
        /// 1-1800.
        package var periodSeconds: Int

        package init(type: Kind, value: Int, periodSeconds: Int) {
            self.type = type
            self.value = value
            self.periodSeconds = periodSeconds
        }
    }
}
