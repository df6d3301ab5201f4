package import Specs

/// What only the world can say of one metric.
package enum MetricQuestion: Hashable, Sendable {
    /// What each of these containers uses, by its id.
    case members(Autoscaler.Metric.ResourceName, containers: [String])
    /// How full this host is, in percent.
    case host(Autoscaler.Metric.ResourceName)
    /// What a server answers, of samples that are not older than this.
    case prometheus(MetricQuery, maxAge: Duration)
    /// What a hook answers.
    case external(Autoscaler.ExternalSource)
    case queue(Autoscaler.QueueSource)
}

/// A number of hosts that an autoscaler asks for, for whoever buys and returns them.
package struct HostPoolOrder: Hashable, Codable, Sendable {
    package var hostPool: String
    package var desired: Int
    /// What was ordered before.
    package var current: Int
    package var min: Int
    package var max: Int
    /// For a person.
    package var reason: String

    package init(hostPool: String, desired: Int, current: Int, bounds: ScalingBounds, reason: String) {
        self.hostPool = hostPool
        self.desired = desired
        self.current = current
        min = bounds.min
        max = bounds.max
        self.reason = reason
    }
}

/// Measures what autoscalers go by, outside of the control loop.
package protocol MetricSource: Sendable {
    /// One reading for each question, in their order. Takes no longer than the longest timeout that is asked for.
    func measure(_ questions: [MetricQuestion]) async -> [MetricReading]

    /// Tells the provider of a HostPool how many hosts there should be; telling it twice equals once.
    ///
    /// - Returns: why it could not be told; nil when it was.
    func order(_ order: HostPoolOrder, from hook: String) async -> String?
}
