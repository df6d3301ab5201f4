import Reconciler
import Specs

/// The operations of pools and claims.
extension Operation {
    /// nil for any other endpoint.
    static func claimFacts(of endpoint: Endpoint) -> Facts? {
        switch endpoint {
        case .pools:
            Facts(id: "pools", summary: "How the pools of this host stand.", answer: .schema("PoolList"))
        case .pool:
            Facts(
                id: "pool", summary: "How one pool stands.", parameters: [pool], answer: .schema("PoolStatus"),
                refusals: [noPool])
        case .makeClaim: making
        case .claims:
            Facts(
                id: "claims", summary: "Claims in the order of their ids: open ones, and the newest that are over.",
                parameters: filters, answer: .schema("ClaimList"), refusals: [badQuery])
        case .claim:
            Facts(id: "claim", summary: "One claim.", parameters: [id], answer: .schema("Claim"), refusals: [noClaim])
        case .renewClaim:
            Facts(
                id: "renewClaim", summary: "Has a claim last its ttl from now on, or another one.", parameters: [id],
                answer: .schema("Claim"),
                refusals: [
                    badBody, noClaim, ("409", "It is over."), unwritten,
                ], body: body(["ttl": APISchemas.duration], required: []))
        case .releaseClaim:
            Facts(
                id: "releaseClaim", summary: "Ends a claim; its container is removed. One that is over stays so.",
                parameters: [id], answer: .schema("Claim"), refusals: [noClaim, unwritten])
        case .watchClaim:
            Facts(
                id: "watchClaim",
                summary: "The claim now and after each change, as server-sent events, until it is over.",
                parameters: [id], answer: .text("text/event-stream"),
                refusals: [noClaim, ("503", "Too many watch already.")])
        default: nil
        }
    }

    private static var making: Facts {
        let key: JSON = [
            "name": "Idempotency-Key", "in": "header",
            "schema": [
                "type": "string", "minLength": 1, "maxLength": .integer(Int64(ClaimBody.longestKey)),
                "pattern": "^[!-~]+$",
            ],
            "description": "A name for this request: sent again with the same key, the same claim is the answer.",
        ]
        return Facts(
            id: "makeClaim", summary: "Waits for a member of a pool, and makes it the caller's.",
            parameters: [pool, key], answer: .schema("Claim"), status: "201",
            refusals: [
                badBody, noPool, ("409", "The key belongs to another request, or its claim is over."),
                ("413", "More than 2 MiB."),
                ("429", "No member was ready in time; Retry-After says when to come again."),
                ("502", "A hook failed, or the member could not be made ready for it."), unwritten,
            ], body: body(APISchemas.claimFields, required: ["holder"]))
    }

    private static let pool = path("pool", ["type": "string", "minLength": 1])
    private static let id = path("id", ["type": "string", "pattern": "^c-[0-9a-f]{16}$"])
    private static let noPool = ("404", "No such WarmPool on this host.")
    private static let noClaim = ("404", "No such claim, or one that was over long ago.")
    private static let badBody = ("400", "A field is missing, unknown or wrong; the message names it.")
    private static let unwritten = ("503", "It cannot be written down now, or the host was not seen yet.")

    private static let filters = [
        query("pool", "Only of this pool.", APISchemas.string),
        query("holder", "Only of this holder.", APISchemas.string),
        query(
            "label", "Only with these labels: KEY=VALUE, several with commas.",
            ["type": "string", "pattern": "^[^=,]+=[^,]*(,[^=,]+=[^,]*)*$"]),
        query("phase", "Only in this phase; open is all but ended.", APISchemas.words(ClaimQuery.phases)),
        query("after", "Only with an id after this one.", ["type": "string", "pattern": "^c-[0-9a-f]{16}$"]),
        query("limit", "The first so many.", APISchemas.count(upTo: 10_000, default: 1_000)),
    ]

    private static func body(_ fields: KeyValuePairs<String, JSON>, required: [String]) -> JSON {
        [
            "required": .boolean(!required.isEmpty),
            "content": [
                "application/json": [
                    "schema": [
                        "type": "object",
                        "properties": .object(fields.map { JSON.Member($0.key, $0.value) }),
                        "additionalProperties": false, "required": .array(required.map { .string($0) }),
                    ]
                ]
            ],
        ]
    }
}
