/// How members with changed fields give way to their successors.
package struct RolloutStrategy: Hashable, Sendable {
    package enum Kind: String, CaseIterable, Hashable, Sendable {
        /// Some at a time, the new one ready before the old one stops.
        case rolling
        /// The old one is removed before the new one is created.
        case recreate
        /// All new ones beside all old ones, then a switch.
        case blueGreen
        /// A few new ones first, judged before more follow.
        case canary
    }

    package var type: Kind
    /// Members beyond `replicas` while a rollout is under way.
    package var maxSurge: CountOrPercent
    /// Members that may be missing while a rollout is under way.
    package var maxUnavailable: CountOrPercent
    /// How long a new member must be ready before it counts.
    package var minHealthyTime: Duration
    /// How long a rollout may make no progress before it has failed.
    package var progressDeadline: Duration
    /// Whether a failed rollout goes back to the last good template by itself.
    package var autoRollback: Bool
    package var blueGreen: BlueGreen?
    package var canary: Canary?

    package init(_ type: Kind) {
        self.type = type
        maxSurge = .count(1)
        maxUnavailable = .count(0)
        minHealthyTime = .seconds(0)
        progressDeadline = .seconds(600)
        autoRollback = false
    }

    /// The switch of a blue-green rollout.
    package struct BlueGreen: Hashable, Sendable {
        /// Whether the switch is made as soon as all new members are ready, or waits for a person.
        package var promotion = Promotion.automatic
        /// How long the old members are kept after the switch, for a quick way back.
        package var hold = Duration.seconds(600)

        package init() {}
    }

    package enum Promotion: String, CaseIterable, Hashable, Sendable { case automatic, manual }

    /// The steps of a canary rollout and what they are judged by.
    package struct Canary: Hashable, Sendable {
        package var steps: [Step] = []
        package var analysis = Analysis()

        package init() {}
    }

    /// So many new members, for so long.
    package struct Step: Hashable, Sendable {
        /// The share of members, and of new connections where a port is published.
        package var weight: Percentage?
        package var count: Int?
        /// nil waits for a person.
        package var pause: Duration?

        package init() {}
    }

    /// What a canary is judged by; it fails when any of these fails.
    package struct Analysis: Hashable, Sendable {
        package var interval = Duration.seconds(30)
        /// From when the new members of a step are available to its first judgement.
        package var initialDelay = Duration.zero
        /// So many failed judgements in a row end the rollout.
        package var failureLimit = 3
        package var metrics: [MetricCheck] = []
        package var errorBudget: ErrorBudget?

        package init() {}
    }

    /// A metric that must stay within bounds.
    package struct MetricCheck: Hashable, Sendable {
        package var name = ""
        package var query: MetricQuery = MetricQuery(query: "")
        package var min: Double?
        package var max: Double?

        package init() {}
    }

    /// How fast failures may use up what an objective leaves, as in the SRE workbook's burn rates.
    package struct ErrorBudget: Hashable, Sendable {
        /// The share of requests that must succeed.
        package var objective = Percentage(99)
        /// How many times faster than the objective allows.
        package var burnRate = 14.4
        package var window = Duration.seconds(300)
        /// The share of failed requests, 0 to 1.
        package var query: MetricQuery = MetricQuery(query: "")

        package init() {}
    }
}
