/// What is true of an autoscaler, with the types and reasons of Kubernetes'.
package struct ScalingCondition: Hashable, Codable, Sendable, CustomStringConvertible {
    package enum Kind: String, CaseIterable, Hashable, Codable, Sendable {
        /// Whether the number can be read and changed.
        case ableToScale = "AbleToScale"
        /// Whether metrics decide.
        case scalingActive = "ScalingActive"
        /// Whether bounds or rates keep it from what metrics ask for.
        case scalingLimited = "ScalingLimited"
    }

    package enum Reason: String, Hashable, Codable, Sendable {
        case succeededGetScale = "SucceededGetScale"
        case failedGetScale = "FailedGetScale"
        case succeededRescale = "SucceededRescale"
        case failedUpdateScale = "FailedUpdateScale"
        case readyForNewScale = "ReadyForNewScale"
        case scaleUpStabilized = "ScaleUpStabilized"
        case scaleDownStabilized = "ScaleDownStabilized"
        /// A cooldown is not over.
        case backoffUpscale = "BackoffUpscale"
        case backoffDownscale = "BackoffDownscale"
        case validMetricFound = "ValidMetricFound"
        case scalingDisabled = "ScalingDisabled"
        case invalidSelector = "InvalidSelector"
        case ambiguousSelector = "AmbiguousSelector"
        case invalidMetricSourceType = "InvalidMetricSourceType"
        case failedGetResourceMetric = "FailedGetResourceMetric"
        case failedGetObjectMetric = "FailedGetObjectMetric"
        case failedGetExternalMetric = "FailedGetExternalMetric"
        /// All that was measured is too old.
        case metricsStale = "MetricsStale"
        case desiredWithinRange = "DesiredWithinRange"
        case tooFewReplicas = "TooFewReplicas"
        case tooManyReplicas = "TooManyReplicas"
        case scaleUpLimit = "ScaleUpLimit"
        case scaleDownLimit = "ScaleDownLimit"
    }

    package var kind: Kind
    package var status: Bool
    package var reason: Reason
    package var message: String

    package init(_ kind: Kind, _ status: Bool, _ reason: Reason, _ message: String = "") {
        self.kind = kind
        self.status = status
        self.reason = reason
        self.message = message
    }

    /// `ScalingLimited=True (TooManyReplicas): the metrics ask for 12, and the most is 8`
    package var description: String {
        "\(kind.rawValue)=\(status ? "True" : "False") (\(reason.rawValue))" + (message.isEmpty ? "" : ": \(message)")
    }
}
