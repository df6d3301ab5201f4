import Reconciler

/// Tasks, as they are answered.
extension APISchemas {
    static let tasks = [
        object("TaskList", "Tasks by name.", ["items": list("Task")]),
        object(
            "Task", "When a ScheduledTask runs, and how its runs stand.",
            [
                "task": reference("ObjectID"), "schedule": string, "concurrencyPolicy": string, "isSuspended": boolean,
                "open": list("TaskRun"), "history": list("TaskResult"), "figures": reference("TaskFigures"),
            ],
            [
                "next": moment, "waiting": moment, "waitsFor": string, "lastScheduled": moment,
                "last": reference("TaskResult"),
            ]),
        object(
            "TaskRun", "A run that is under way, or about to be.",
            ["scheduled": moment, "attempt": integer, "container": string], ["begun": moment, "retriesAt": moment]),
        object(
            "TaskResult", "A run that is over.",
            [
                "scheduled": moment, "attempts": integer,
                "outcome": words(["Succeeded", "Failed", "DeadlineExceeded", "Replaced", "Lost"]), "ended": moment,
            ], ["exitCode": integer]),
        object(
            "TaskFigures", "What was counted since the daemon began.",
            ["succeeded": integer, "failed": integer, "missed": integer, "retried": integer]),
    ]
}
