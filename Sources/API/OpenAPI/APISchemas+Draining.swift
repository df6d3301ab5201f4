import Reconciler

/// Drains, as they are answered.
extension APISchemas {
    static let draining = [
        object(
            "DrainReport", "How far a drain has come, and what is in its way.",
            ["drain": reference("Drain"), "left": integer, "blockers": list("DrainBlocker")]),
        object(
            "Drain", "Empties this host, or what one pool has on it.",
            [
                "reason": string, "by": string, "since": moment, "force": boolean,
                "stage": words(Drain.Stage.allCases.map(\.rawValue)), "overdue": boolean,
            ], ["pool": string, "deadline": moment]),
        object(
            "DrainBlocker", "What keeps members of one object here, or one member that somebody has.",
            ["object": reference("ObjectID"), "gate": string, "message": string, "members": integer],
            ["needed": integer, "healthy": integer, "claim": string, "holder": string]),
    ]
}
