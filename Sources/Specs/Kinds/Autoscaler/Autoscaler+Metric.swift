extension Autoscaler {
    /// One thing that is measured, and what number of members it asks for.
    package struct Metric: Hashable, Sendable {
        package enum Source: String, CaseIterable, Hashable, Sendable {
            case resource = "Resource"
            case poolUtilization = "PoolUtilization"
            case poolExhausted = "PoolExhausted"
            case claimRate = "ClaimRate"
            case hostResource = "HostResource"
            case prometheus = "Prometheus"
            case external = "External"
            case queue = "Queue"
        }

        package enum Strategy: String, CaseIterable, Hashable, Sendable {
            case target, threshold, passThrough
        }

        package enum ResourceName: String, CaseIterable, Hashable, Sendable { case cpu, memory, disk }

        package var type: Source
        package var strategy: Strategy
        /// For `Resource` and `HostResource`.
        package var name: ResourceName?
        package var target: Target?
        /// For `threshold`: more members when the value is above.
        package var above: Bound?
        /// For `threshold`: fewer members when the value is below.
        package var below: Bound?
        /// For `threshold`: how many members more or fewer.
        package var step: Int
        /// For `PoolExhausted`: claims in a row that found the pool empty.
        package var times: Int
        package var prometheus: MetricQuery?
        package var external: ExternalSource?
        package var queue: QueueSource?
        /// An older value counts as missing.
        package var maxAge: Duration

        package init(type: Source) {
            self.type = type
            strategy = .target
            step = 1
            times = 3
            maxAge = .seconds(60)
        }
    }

    /// A limit of a threshold, in the unit of its metric.
    package enum Bound: Hashable, Sendable {
        case percent(Percentage)
        case number(Double)
    }

    /// What a metric should be.
    package enum Target: Hashable, Sendable {
        /// The average over all members, in percent of what they asked for.
        case averageUtilization(Int)
        /// The average over all members.
        case averageValue(Double)
        /// The metric as a whole.
        case value(Double)
    }

    /// A hook that the hosts' own configuration names and that answers with one number.
    package struct ExternalSource: Hashable, Sendable {
        package var hook = ""
        /// Where the number is in an answer in JSON, as a pointer of RFC 6901; nil for the whole answer.
        package var pointer: String?
        package var timeout = Duration.seconds(5)

        package init() {}
    }

    /// How many jobs wait.
    package struct QueueSource: Hashable, Sendable {
        package var name = ""
        /// The hook that knows the queue's length.
        package var hook = ""
        package var timeout = Duration.seconds(5)

        package init() {}
    }
}
