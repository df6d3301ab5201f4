import Hummingbird
import Logging
import Reconciler

/// The newest entries of the daemon's own log: `GET /v1/logs`.
struct LogRoutes: Sendable {
    let host: any ServedHost

    func add(to routes: Routes) {
        routes.on(.logs) { request, _ in
            let fields = try QueryFields(request, ["since", "until", "level", "event", "text", "limit", "after"])
            let limit = try fields.count("limit", in: 1...100_000, default: 100)
            let query = try Self.query(fields)
            let cursor = fields.text("after")
            // What is kept may have to be looked through to its end.
            return .json(try await Aside.run { try JSONBody.encode(host.logPage(query, limit: limit, after: cursor)) })
        }
    }

    private static func query(_ fields: QueryFields) throws(Refusal) -> LogQuery {
        var query = LogQuery()
        query.since = try fields.moment("since")
        query.until = try fields.moment("until")
        query.level = try fields.choice("level", among: Logger.Level.allCases.map(\.rawValue))
            .flatMap { Logger.Level(rawValue: $0) }
        query.event = fields.text("event")
        query.text = fields.text("text")
        return query
    }
}
