import Reconciler
import Specs

/// Pools and claims, as they are asked for and answered.
extension APISchemas {
    /// null is as good as none, as everywhere.
    static let duration: JSON = [
        "type": ["string", "null"], "pattern": "^([0-9]+(\\.[0-9]+)?(h|m|s|ms|us|µs|μs|ns))+$", "examples": ["30m"],
    ]

    static let claimFields: KeyValuePairs<String, JSON> = [
        "holder": [
            "type": "string", "minLength": 1, "maxLength": .integer(Int64(ClaimBody.longestHolder)),
            "pattern": "^[^\\u0000-\\u001f\\u007f-\\u009f]+$", "description": "Who has it, in one line.",
        ],
        "labels": [
            "type": ["object", "null"], "maxProperties": .integer(Int64(ClaimBody.mostLabels)),
            "propertyNames": names(TextRule.labelKey),
            "additionalProperties": ["type": "string", "maxLength": .integer(Int64(ClaimBody.longestLabel))],
            "description": "Such as conversation_id and tenant_id, which logs show.",
        ],
        "ttl": described(duration, "How long it lasts from each renewal, 1s to 720h; the pool's without it."),
        "wait": described(duration, "How long to wait for a member, up to 10m; 0s without it."),
        "env": [
            "type": ["object", "null"], "maxProperties": .integer(Int64(ClaimBody.mostEntries)),
            "propertyNames": names(TextRule.environmentName), "additionalProperties": string,
            "description": "Variables, in /run/reconcile/env and env.json of the member.",
        ],
        "files": [
            "type": ["object", "null"], "maxProperties": .integer(Int64(ClaimBody.mostEntries)),
            "propertyNames": ["type": "string", "pattern": "^[A-Za-z0-9._-]{1,255}$"],
            "additionalProperties": [
                "oneOf": [
                    string,
                    [
                        "type": "object", "required": ["base64"], "additionalProperties": false,
                        "properties": ["base64": ["type": "string", "contentEncoding": "base64"]],
                    ],
                ]
            ],
            "description": "Files, in /run/reconcile/files of the member: text, or bytes in base64.",
        ],
        "limits": [
            "type": ["object", "null"], "additionalProperties": false,
            "properties": [
                "cpus": ["type": ["string", "number", "null"], "examples": ["500m"]],
                "memory": ["type": ["string", "integer", "null"], "examples": ["512Mi"]],
                "pids": ["type": ["string", "integer", "null"], "minimum": 1],
            ],
            "description": "Below those of the pool's template.",
        ],
    ]

    static let claims = [
        object(
            "PoolStatus", "How a WarmPool stands: its members by what they are good for.",
            [
                "pool": reference("ObjectID"), "size": integer, "ready": integer, "updatedReady": integer,
                "warming": integer, "claimed": integer, "stale": integer, "lost": integer, "retiring": integer,
                "waiting": integer, "consecutiveMisses": integer,
            ]),
        object("PoolList", "Pools by name.", ["items": list("PoolStatus")]),
        object(
            "Claim", "A container that somebody has for a while.",
            [
                "id": string, "pool": string, "holder": string,
                "labels": ["type": "object", "additionalProperties": string],
                "phase": words(Claim.Phase.allCases.map(\.rawValue)), "ports": strings,
                "source": words(Claim.Source.allCases.map(\.rawValue)), "durationMs": number, "recoveries": integer,
                "ttl": string, "created": moment, "expires": moment, "env": strings, "files": strings,
            ],
            [
                "reason": words(Claim.Ending.allCases.map(\.rawValue)), "message": string,
                "container": reference("ClaimedContainer"), "address": string, "notAfter": moment,
                "idempotencyKey": string, "limits": reference("ClaimLimits"),
            ]),
        object("ClaimedContainer", "The container of a claim.", ["id": string, "name": string]),
        object(
            "ClaimLimits", "Limits below those of the pool's template.", [:],
            ["cpus": string, "memory": string, "pids": integer]),
        object("ClaimList", "Claims by id.", ["items": list("Claim")], ["next": string]),
    ]

    private static func names(_ rule: TextRule) -> JSON {
        var members: [JSON.Member] = [.init("type", "string")]
        if let pattern = rule.pattern { members.append(.init("pattern", .string(pattern))) }
        return .object(members)
    }

    private static func described(_ schema: JSON, _ text: String) -> JSON {
        guard case .object(let members) = schema else { return schema }
        return .object(members + [.init("description", .string(text))])
    }
}
