import Reconciler
import Specs

/// The values of the API as JSON Schemas, by the names that the OpenAPI document has them under.
enum APISchemas {
    static func reference(_ name: String) -> JSON { ["$ref": .string("#/components/schemas/" + name)] }

    static let kind = words(ResourceKind.allCases.map(\.rawValue))
    static let conditionType = words(Condition.ConditionType.allCases.map(\.rawValue))
    static let severity = words(EventRecord.Severity.allCases.map(\.rawValue))
    static let moment: JSON = ["type": "string", "format": "date-time"]
    static let objectText: JSON = ["type": "string", "pattern": objectPattern, "examples": ["Workload/web"]]
    private static let objectPattern: JSON = .string(
        "^(\(ResourceKind.allCases.map(\.rawValue).joined(separator: "|")))/[^/]+$")

    static func count(upTo most: Int64, default usual: Int64) -> JSON {
        ["type": "integer", "minimum": 1, "maximum": .integer(most), "default": .integer(usual)]
    }

    private static func flag(_ type: JSON, _ mayBeNull: Bool, _ description: JSON) -> JSON {
        ["type": type, "enum": mayBeNull ? ["true", "false", .null] : ["true", "false"], "description": description]
    }

    /// A field of a command.
    ///
    /// - Parameter mayBeNull: null is as good as no such field.
    static func field(_ name: String, mayBeNull: Bool) -> JSON {
        let type: JSON = mayBeNull ? ["string", "null"] : "string"
        switch name {
        case "reason":
            return [
                "type": type, "minLength": 1, "maxLength": 500, "pattern": "^[^\\u0000-\\u001f\\u007f-\\u009f]+$",
                "description": "Why, for whoever finds it so: one line of plain text.",
            ]
        case "digest":
            return [
                "type": type, "pattern": "^[0-9a-fA-F]{8}$",
                "description": "Of what is to be removed, as the plan and the status show it.",
            ]
        case "revision":
            return [
                "type": type, "pattern": "^([0-9a-fA-F]{7,64}|previous)$",
                "description": "The beginning of a commit id; previous is the one before the revision in force.",
            ]
        case "for", "deadline":
            return ["type": type, "description": "A time such as 2h.", "examples": ["2h"]]
        case "force": return flag(type, mayBeNull, "What is left at the deadline goes in spite of budgets and claims.")
        case "full": return flag(type, mayBeNull, "All steps of a canary that are left are passed over.")
        default: return ["type": type, "pattern": objectPattern, "examples": ["Workload/web"]]
        }
    }

    static let all: JSON = .object(
        [
            object("Message", "A sentence for a person.", ["message": string]),
            .init("Document", ["type": "object", "description": "An OpenAPI document."]),
            object("Revision", "A commit.", ["id": string, "reference": string]),
            object("ObjectID", "The key of an object.", ["kind": kind, "name": string]),
            object("Position", "A place in a file.", ["file": string, "line": integer, "column": integer]),
            object(
                "Condition", "What is true of an object or the host, in Kubernetes' terms.",
                [
                    "type": conditionType, "status": words(Condition.State.allCases.map(\.rawValue)),
                    "reason": string, "message": string,
                ], ["lastTransitionTime": moment, "observedRevision": string]),
        ] + status + overview + objects + plan + sizing + events + claims + scaling + draining
            + rollouts + tasks + logs)

    private static let status = [
        object(
            "Status", "The host as the daemon knows it.",
            ["host": string, "engine": reference("Engine"), "objects": list("ObjectStatus")],
            [
                "revision": reference("Revision"), "source": reference("Source"), "pauses": list("Pause"),
                "conditions": list("Condition"), "pools": list("PoolStatus"), "overrides": list("WindowOverride"),
                "drains": list("DrainReport"), "tasks": list("Task"),
            ]),
        object(
            "Engine", "The Docker engine.", ["reachable": boolean, "version": string, "apiVersion": string],
            ["message": string]),
        object(
            "Source", "How the repository is doing.",
            ["state": string, "message": string, "diagnostics": list("Diagnostic")],
            ["candidate": string, "signers": strings]),
        object(
            "Diagnostic", "A finding about the specs.",
            [
                "severity": words(Diagnostic.Severity.allCases.map(\.rawValue)), "code": string,
                "position": reference("Position"), "message": string, "related": list("RelatedPlace"),
            ], ["hint": string]),
        object("RelatedPlace", "Another place of a finding.", ["position": reference("Position"), "note": string]),
        object(
            "Pause", "Nothing is changed, of one object or of the host.",
            ["reason": string, "by": string, "since": moment], ["object": reference("ObjectID")]),
    ]

    private static let objects = [
        object(
            "ObjectStatus", "One object in short.",
            [
                "id": reference("ObjectID"), "desired": integer, "present": integer, "ready": integer,
                "conditions": list("Condition"),
            ]),
        object(
            "ObjectList", "Objects by kind and name.", ["items": list("ObjectStatus")],
            ["revision": reference("Revision")]),
        object(
            "ObjectDetail", "One object in full.",
            [
                "id": reference("ObjectID"), "labels": ["type": "object", "additionalProperties": string],
                "desired": integer, "present": integer, "ready": integer, "conditions": list("Condition"),
                "members": list("Member"), "actions": list("Action"),
            ],
            [
                "declaredAt": reference("Position"), "revision": reference("Revision"), "hostPool": string,
                "hosts": reference("PoolHosts"), "image": string,
            ]),
        object(
            "PoolHosts", "Which hosts a HostPool selects, and what refers to it.",
            [
                "selector": string, "scope": words(HostPool.Scope.allCases.map(\.rawValue)),
                "includesThisHost": boolean, "objects": list("ObjectID"),
            ]),
        object(
            "Member", "One container of an object.",
            [
                "member": string, "slot": integer, "incarnation": integer, "containerID": string, "name": string,
                "image": string, "status": string, "exitCode": integer, "health": string, "ready": boolean,
                "startedAt": string, "retiring": boolean,
            ], ["claim": string, "holder": string]),
        object(
            "ConditionList", "Conditions of the host and of objects.", ["items": list("ConditionItem")]),
        object(
            "ConditionItem", "One condition, and whose it is; the host's without an object.",
            ["condition": reference("Condition")], ["object": reference("ObjectID")]),
    ]

    private static let plan = [
        object(
            "Plan", "What would be done now.",
            [
                "formatVersion": integer, "revision": reference("Revision"), "summary": reference("PlanSummary"),
                "actions": list("Action"), "elsewhere": ["type": "array", "items": string], "pinned": list("Pin"),
            ], ["autoscaled": list("AutoscaledObject"), "scheduled": list("PlannedRun")]),
        object(
            "PlannedRun", "When a task runs next.", ["task": string, "isSuspended": boolean], ["next": moment]),
        object(
            "AutoscaledObject", "An object whose number an Autoscaler decides.",
            ["object": string, "autoscaler": string, "replicas": integer, "bounds": reference("ScalingBounds")]),
        object(
            "PlanSummary", "A plan in numbers.",
            [
                "hasChanges": boolean, "changes": integer, "held": integer, "settled": integer, "outdated": integer,
            ]),
        object(
            "Action", "One change of one object or member.",
            [
                "key": string, "verb": string, "symbol": string, "description": string, "reason": string,
                "class": string,
            ],
            [
                "replacedFor": list("ReplacedField"), "position": reference("Position"), "held": reference("Hold"),
                "stalled": reference("Stall"), "waitsFor": string,
            ]),
        object(
            "ReplacedField", "A field that cannot be changed in place.", ["field": string], ["because": string]),
        object(
            "Hold", "The gate that holds an action.",
            ["gate": string, "message": string, "also": ["type": "array", "items": string]], ["until": string]),
        object("Stall", "Why only a person or a commit can help.", ["code": string, "message": string]),
        object(
            "Pin", "An object is kept as an earlier revision says.",
            [
                "object": reference("ObjectID"), "cause": string, "reason": string, "rejected": string,
                "since": moment,
            ], ["revision": reference("Revision")]),
    ]

    private static let sizing = [
        object(
            "RecommendationList", "Limits that would fit, by kind and name.", ["items": list("Recommendation")]),
        object(
            "Recommendation", "Limits that would fit what the members of one object used.",
            [
                "object": reference("ObjectID"), "usage": reference("Usage"), "confident": boolean,
                "memory": reference("RecommendedField"), "position": reference("Position"),
            ], ["cpus": reference("RecommendedField")]),
        object(
            "RecommendedField", "One limit, in the spelling of the specs.", ["suggested": string, "reason": string],
            ["declared": string]),
        object(
            "Usage", "What the members of one object used: bytes, and billionths of a CPU.",
            [
                "samples": integer, "seconds": integer, "memoryP95": integer, "memoryLargest": integer,
                "kills": integer,
            ],
            ["memoryPeak": integer, "cpuP95": integer, "cpuLargest": integer, "throttled": number]),
    ]

    private static let events = [
        object(
            "Event", "Something that happened.",
            ["time": moment, "severity": severity, "reason": string, "message": string],
            ["key": string, "revision": string]),
        object("EventList", "Events, oldest first.", ["items": list("Event")]),
        object(
            "RevisionRecord", "What became of one revision.",
            ["revision": reference("Revision"), "outcome": string, "message": string, "time": moment],
            ["commit": reference("Commit")]),
        object("Commit", "Who made a commit.", ["author": string, "time": moment, "subject": string]),
        object("RevisionList", "Revisions, newest first.", ["items": list("RevisionRecord")]),
    ]

    // MARK: Parts

    static let string: JSON = ["type": "string"]
    static let strings: JSON = ["type": "array", "items": string]
    static let integer: JSON = ["type": "integer"]
    static let number: JSON = ["type": "number"]
    static let boolean: JSON = ["type": "boolean"]

    static func words(_ words: [String]) -> JSON {
        ["type": "string", "enum": .array(words.map { .string($0) })]
    }

    static func list(_ name: String) -> JSON { ["type": "array", "items": reference(name)] }

    static func object(
        _ name: String, _ description: String, _ required: KeyValuePairs<String, JSON>,
        _ optional: KeyValuePairs<String, JSON> = [:]
    ) -> JSON.Member {
        let properties = (Array(required) + Array(optional)).map { JSON.Member($0.key, $0.value) }
        return JSON.Member(
            name,
            [
                "type": "object", "description": .string(description),
                "required": .array(required.map { .string($0.key) }), "properties": .object(properties),
            ])
    }
}
