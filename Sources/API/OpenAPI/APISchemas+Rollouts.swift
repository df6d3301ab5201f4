import Reconciler

/// Rollouts, as they are answered.
extension APISchemas {
    static let rollouts = [
        object("RolloutList", "Rollouts by object.", ["items": list("Rollout")]),
        object(
            "Rollout", "How the rollout of one Workload stands, and those before it.",
            [
                "object": reference("ObjectID"), "phase": words(RolloutState.Phase.allCases.map(\.rawValue)),
                "cause": words(RolloutState.Cause.allCases.map(\.rawValue)), "revision": reference("Revision"),
                "message": string, "started": moment, "lastProgress": moment, "history": list("RolloutEntry"),
            ],
            [
                "counts": reference("RolloutCounts"), "secondsLeft": integer, "lastGood": reference("Revision"),
                "stage": string, "analysis": string,
            ]),
        object(
            "RolloutCounts", "How far a rollout has come, in members.",
            ["desired": integer, "total": integer, "updated": integer, "available": integer, "ready": integer]),
        object(
            "RolloutEntry", "A rollout that is over.",
            [
                "revision": reference("Revision"), "cause": words(RolloutState.Cause.allCases.map(\.rawValue)),
                "outcome": words(RolloutState.Entry.Outcome.allCases.map(\.rawValue)), "started": moment,
                "ended": moment, "message": string,
            ]),
    ]
}
