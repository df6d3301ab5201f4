import Reconciler
import Specs

/// One operation of the OpenAPI document.
struct Operation {
    /// What is particular about it; the rest follows from its endpoint.
    struct Facts {
        var id: String
        var summary: String
        var parameters: [JSON] = []
        /// A schema by name, or text of a type.
        var answer: Answer = .schema("Message")
        var status = "200"
        /// Other statuses that it answers with on purpose, each with `Message`.
        var refusals: [(status: String, when: String)] = []
        var body: JSON?
    }

    enum Answer {
        case schema(String)
        case text(String)
    }

    let document: JSON

    init(_ endpoint: Endpoint) {
        let facts = Self.facts(of: endpoint)
        var members: [JSON.Member] = [
            .init("operationId", .string(facts.id)), .init("summary", .string(facts.summary)),
            .init("description", .string(Self.access(endpoint))),
        ]
        if endpoint.access == .anyone || endpoint.access == .signed { members.append(.init("security", [.object([])])) }
        if !facts.parameters.isEmpty { members.append(.init("parameters", .array(facts.parameters))) }
        if let body = facts.body { members.append(.init("requestBody", body)) }
        members.append(.init("responses", Self.responses(facts, endpoint)))
        document = .object(members)
    }

    private static func access(_ endpoint: Endpoint) -> String {
        switch endpoint.access {
        case .anyone: "For anyone who reaches the address."
        case .role(let role): "Needs role \(role.rawValue) on TCP."
        case .signed: "Needs the secret of the webhook; the body is authenticated and not read."
        }
    }

    private static func responses(_ facts: Facts, _ endpoint: Endpoint) -> JSON {
        var members = [JSON.Member(facts.status, answer(facts.answer, facts.summary))]
        var refusals = facts.refusals
        if case .role = endpoint.access {
            refusals += [("401", "Without a token, or with one that is not known or has expired; only on TCP.")]
            refusals += [("403", "The token has a lower role; only on TCP.")]
        }
        // Text for probes, a message for everything else.
        members += refusals.map { refusal in
            let isText = endpoint == .readiness && refusal.status == "503"
            return .init(refusal.status, answer(isText ? .text("text/plain") : .schema("Message"), refusal.when))
        }
        members.append(.init("default", answer(.schema("Message"), "Anything else that went wrong.")))
        return .object(members)
    }

    private static func answer(_ answer: Answer, _ description: String) -> JSON {
        switch answer {
        case .schema(let name):
            [
                "description": .string(description),
                "content": ["application/json": ["schema": APISchemas.reference(name)]],
            ]
        case .text(let type):
            [
                "description": .string(description),
                "content": .object([.init(type, ["schema": ["type": "string"]])]),
            ]
        }
    }

    // MARK: Each of them

    private static func facts(of endpoint: Endpoint) -> Facts {
        if let verb = CommandVerb.allCases.first(where: { .command($0) == endpoint }) { return facts(of: verb) }
        if let provider = WebhookProvider.allCases.first(where: { .webhook($0) == endpoint }) {
            return facts(of: provider)
        }
        if let facts = claimFacts(of: endpoint) { return facts }
        switch endpoint {
        case .health: return Facts(id: "health", summary: "The daemon lives.", answer: .text("text/plain"))
        case .readiness:
            return Facts(
                id: "readiness", summary: "A revision is in force, and the engine answers.",
                answer: .text("text/plain"), refusals: [("503", "Not so; the text says why.")])
        case .document:
            return Facts(id: "openapi", summary: "This document.", answer: .schema("Document"))
        case .metrics:
            return Facts(id: "metrics", summary: "Metrics in Prometheus' text format.", answer: .text("text/plain"))
        case .status: return Facts(id: "status", summary: "The host as it is known.", answer: .schema("Status"))
        case .overview:
            return Facts(
                id: "overview", summary: "All that a person watches, at one glance: what `reconcile top` shows.",
                answer: .schema("Overview"))
        case .objects:
            return Facts(
                id: "objects", summary: "All objects in short.",
                parameters: [query("kind", "Only of this kind.", APISchemas.kind)], answer: .schema("ObjectList"),
                refusals: [badQuery])
        case .object:
            return Facts(
                id: "object", summary: "One object in full.",
                parameters: [
                    path("kind", APISchemas.kind), path("name", ["type": "string", "minLength": 1]),
                ], answer: .schema("ObjectDetail"), refusals: [("404", "Neither declared nor here.")])
        case .conditions:
            return Facts(
                id: "conditions", summary: "All conditions, those of the host first.",
                parameters: [query("type", "Only of this type.", APISchemas.conditionType)],
                answer: .schema("ConditionList"), refusals: [badQuery])
        case .plan:
            return Facts(
                id: "plan", summary: "What would be done now, and what holds it.", answer: .schema("Plan"),
                refusals: [("503", "No revision is in force, or the host was not seen yet.")])
        case .recommendations:
            return Facts(
                id: "recommendations", summary: "Limits that would fit what was used; nothing is changed by them.",
                parameters: [
                    query("kind", "Only of this kind.", APISchemas.kind),
                    query("object", "Only of this object.", APISchemas.objectText),
                ], answer: .schema("RecommendationList"), refusals: [badQuery])
        case .autoscalers:
            return Facts(
                id: "autoscalers", summary: "What autoscalers decided last, and why.",
                answer: .schema("AutoscalerList"))
        case .autoscaler:
            return Facts(
                id: "autoscaler", summary: "What one autoscaler decided last, and why.",
                parameters: [path("name", ["type": "string", "minLength": 1])], answer: .schema("Autoscaler"),
                refusals: [("404", "No such autoscaler is in force.")])
        case .rollouts:
            return Facts(
                id: "rollouts", summary: "How the rollouts of Workloads stand, and those before them.",
                answer: .schema("RolloutList"))
        case .tasks:
            return Facts(
                id: "tasks", summary: "When tasks run, what is under way, and how it ended.",
                answer: .schema("TaskList"))
        case .events:
            let limit = query("limit", "The newest so many.", APISchemas.count(upTo: 10_000, default: 100))
            return Facts(
                id: "events", summary: "What happened, oldest first.", parameters: filters + [limit],
                answer: .schema("EventList"), refusals: [badQuery, unreadable])
        case .eventStream:
            let last: JSON = [
                "name": "Last-Event-ID", "in": "header", "schema": ["type": "string"],
                "description": "The id of the last message that was read: the stream goes on after it.",
            ]
            return Facts(
                id: "eventStream", summary: "What happens from now on, as server-sent events.",
                parameters: filters + [last], answer: .text("text/event-stream"),
                refusals: [badQuery, ("503", "Too many listen already.")])
        case .snapshot:
            return Facts(
                id: "snapshot",
                summary: "What a dry-run elsewhere must know of this host: two lines of JSON, the second a signature.",
                answer: .text("application/x-ndjson"), refusals: [("503", "The host cannot be looked at now.")])
        case .history:
            return Facts(
                id: "history", summary: "What became of revisions, newest first.",
                parameters: [query("limit", "The newest so many.", APISchemas.count(upTo: 1_000, default: 20))],
                answer: .schema("RevisionList"), refusals: [badQuery, unreadable])
        case .logs:
            return Facts(
                id: "logs", summary: "The newest entries of the daemon's own log, oldest first.",
                parameters: logFilters, answer: .schema("LogPage"), refusals: [badQuery])
        default:
            return Facts(
                id: "sync", summary: "Looks at the source and the host now.",
                refusals: [
                    ("400", "There is something in the body."),
                    ("409", "The newest revision is not followed; the message says why."),
                    ("502", "The source could not be read."), ("503", "The daemon is being stopped."),
                ],
                body: body([], isRequired: false))
        }
    }

    private static func facts(of verb: CommandVerb) -> Facts {
        let refusals = [
            ("400", "A field is missing, unknown or wrong."), ("404", "No such object or revision."),
            ("409", "It was decided for another state than the present one."),
            ("503", "It cannot be written down now; nothing has changed."),
        ]
        let summary =
            switch verb {
            case .pause: "Changes nothing of one object, or of the host."
            case .resume: "Ends a pause, of one object or of the host."
            case .approve: "Lets the revision in force remove one set of things."
            case .pin: "Keeps an object as an earlier revision says."
            case .unpin: "Lets an object follow the revision in force again."
            case .windowOverride: "Has no window hold anything of one object, or of the host, for some time."
            case .drain: "Empties the host, as budgets and claims let it."
            case .uncordon: "Ends the drain of the host."
            case .endOverride: "Ends an override of windows before its time."
            case .rolloutUndo: "Brings a Workload back to an earlier revision."
            case .rolloutRestart: "Replaces all members of a Workload by new ones of the same template."
            case .rolloutPromote: "Lets a rollout go on that waits for a person."
            case .taskRun: "Runs a ScheduledTask once, now."
            case .rolloutAbort: "Brings a Workload back to its last good revision in the middle of a rollout."
            }
        return Facts(
            id: verb.operationID, summary: summary, refusals: refusals,
            body: body(verb.fieldNames, required: verb.requiredFields, isRequired: !verb.requiredFields.isEmpty))
    }

    private static func facts(of provider: WebhookProvider) -> Facts {
        let proof: JSON = [
            "name": .string(provider.proofHeader), "in": "header", "schema": ["type": "string"],
            "description": .string(
                provider == .gitlab
                    ? "The secret itself." : "HMAC-SHA-256 of the body with the secret, in hexadecimal."),
        ]
        return Facts(
            id: provider.rawValue + "Webhook", summary: "A hint that the repository may hold something new.",
            parameters: [proof], status: "202",
            refusals: [
                ("200", "Nothing to do: no push, or a delivery that was heard before."),
                ("401", "No proof, or one that does not fit."), ("404", "This host takes no webhooks."),
                ("413", "More than 1 MiB."), ("429", "Too many."),
            ], body: ["content": ["application/json": ["schema": .boolean(true)]]])
    }

    // MARK: Parts

    static let badQuery = ("400", "A parameter is unknown or wrong; the message names it.")
    private static let unreadable = ("503", "The state file cannot be read.")

    private static let filters = [
        query("object", "Only of this object and its members.", APISchemas.objectText),
        query("severity", "Only of this severity.", APISchemas.severity),
        query("reason", "Only with this reason.", ["type": "string"]),
        query("since", "Only from this moment on.", APISchemas.moment),
    ]

    private static let logFilters = [
        query("since", "Only from this moment on.", APISchemas.moment),
        query("until", "Only up to this moment.", APISchemas.moment),
        query("level", "Only this level, and more severe ones.", APISchemas.logLevel),
        query("event", "Only with this field event.", ["type": "string"]),
        query("text", "Only where this text occurs in the message or in a field.", ["type": "string"]),
        query("limit", "The newest so many.", APISchemas.count(upTo: 100_000, default: 100)),
        query("after", "Only what came after this cursor of an earlier answer.", ["type": "string"]),
    ]

    static func query(_ name: String, _ description: String, _ schema: JSON) -> JSON {
        ["name": .string(name), "in": "query", "description": .string(description), "schema": schema]
    }

    static func path(_ name: String, _ schema: JSON) -> JSON {
        ["name": .string(name), "in": "path", "required": true, "schema": schema]
    }

    private static func body(_ fields: [String], required: [String] = [], isRequired: Bool) -> JSON {
        let properties = fields.map { name in
            JSON.Member(name, APISchemas.field(name, mayBeNull: !required.contains(name)))
        }
        return [
            "required": .boolean(isRequired),
            "content": [
                "application/json": [
                    "schema": [
                        "type": "object", "properties": .object(properties), "additionalProperties": false,
                        "required": .array(required.map { .string($0) }),
                    ]
                ]
            ],
        ]
    }
}

extension CommandVerb {
    /// `end-override` is `endOverride`.
    fileprivate var operationID: String {
        let words = rawValue.split(separator: "-")
        return words.prefix(1).joined() + words.dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }
}
