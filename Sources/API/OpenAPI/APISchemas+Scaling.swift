import Reconciler
import Specs

/// Autoscalers, as they are answered.
extension APISchemas {
    static let scaling = [
        object("AutoscalerList", "Autoscalers by name.", ["items": list("Autoscaler")]),
        object(
            "Autoscaler", "An autoscaler as of its last evaluation, and why it decided on its number.",
            ["autoscaler": reference("ObjectID"), "target": reference("ObjectID"), "why": string],
            [
                "status": reference("ScalingStatus"), "size": integer, "problem": string, "evaluatedAt": moment,
                "lastScaleUp": moment, "lastScaleDown": moment,
            ]),
        object(
            "ScalingStatus", "What was decided, and everything that led to it.",
            [
                "current": integer, "desired": integer, "bounds": reference("ScalingBounds"),
                "recommendations": list("MetricRecommendation"), "conditions": list("ScalingCondition"),
            ]),
        object(
            "ScalingBounds", "Between which numbers may be chosen, and the schedules that say so now.",
            ["min": integer, "max": integer, "schedules": strings]),
        object(
            "MetricRecommendation", "What one metric asks for.",
            ["metric": string, "reading": string, "missing": integer, "unready": integer],
            ["value": number, "replicas": integer, "problem": string]),
        object(
            "WindowOverride", "A person's word that no window holds anything for some time.",
            ["reason": string, "by": string, "since": moment, "until": moment], ["object": reference("ObjectID")]),
        object(
            "ScalingCondition", "What is true of an autoscaler, in the words of Kubernetes.",
            [
                "kind": words(ScalingCondition.Kind.allCases.map(\.rawValue)), "status": boolean, "reason": string,
                "message": string,
            ]),
    ]
}
