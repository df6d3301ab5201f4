import HTTPTypes
import Hummingbird
import NIOCore
import Reconciler
import ServiceLifecycle

/// What happened: events as a list and as a stream, and the history of revisions.
struct EventRoutes: Sendable {
    /// How long a listener that was cut off may take to read that it was.
    private static let grace = TimeAmount.seconds(5)
    /// As many are in JSON sooner than somebody else could be asked to do it.
    private static let fewEvents = 100
    private static let filters = ["object", "severity", "reason", "since"]

    let host: any ServedHost
    let hub: EventHub

    func add(to routes: Routes) {
        routes.on(.events) { request, _ in
            let fields = try QueryFields(request, Self.filters + ["limit"])
            let limit = try fields.count("limit", in: 1...10_000, default: 100)
            let query = try Self.query(fields)
            let newest = query.isEverything ? hub.newest(limit) : nil
            if let newest, newest.count <= Self.fewEvents {
                return .json(try JSONBody.encode(EventList(items: newest.map(EventDocument.init))))
            }
            // What is looked for may be far back.
            return .json(
                try await Aside.run {
                    if let newest { return try JSONBody.encode(EventList(items: newest.map(EventDocument.init))) }
                    let events = try Self.read { () throws(StateStoreError) in
                        try host.events(limit: query.isEverything ? limit : 10_000)
                    }
                    let items = events.filter(query.matches).suffix(limit).map(EventDocument.init)
                    return try JSONBody.encode(EventList(items: items))
                })
        }
        routes.on(.history) { request, _ in
            let limit = try QueryFields(request, ["limit"]).count("limit", in: 1...1_000, default: 20)
            return .json(
                try await Aside.run {
                    let records = try Self.read { () throws(StateStoreError) in try host.history(limit: limit) }
                    return try JSONBody.encode(RevisionList(items: records.reversed()))
                })
        }
        routes.on(.eventStream) { request, context in
            let query = try Self.query(try QueryFields(request, Self.filters))
            guard let subscription = hub.subscribe(to: query, after: request.headers[.lastEventID]) else {
                throw Refusal(.serviceUnavailable, "too many listen already: \(EventHub.mostSubscribers)")
            }
            return stream(subscription, context)
        }
    }

    /// Those of the hub, or of the state file where the hub has not so many.
    static func newest(_ count: Int, of host: any ServedHost, _ hub: EventHub) throws(Refusal) -> [EventRecord] {
        if let newest = hub.newest(count) { return newest }
        return try read { () throws(StateStoreError) in try host.events(limit: count) }
    }

    private static func query(_ fields: QueryFields) throws(Refusal) -> EventQuery {
        EventQuery(
            object: try fields.object("object"), severity: try fields.severity("severity"),
            reason: fields.text("reason"), since: try fields.moment("since"))
    }

    private static func read<Value>(_ body: () throws(StateStoreError) -> Value) throws(Refusal) -> Value {
        do throws(StateStoreError) {
            return try body()
        } catch {
            throw Refusal(.serviceUnavailable, "the state file cannot be read: \(error)")
        }
    }

    private func stream(_ subscription: EventSubscription, _ context: CallContext) -> Response {
        let (hub, channel, isAdmitted) = (hub, context.channel, context.isAdmitted)
        // Also where nothing is ever written to it.
        channel.closeFuture.whenComplete { _ in hub.remove(subscription) }
        // Whoever does not even read that it was cut off is in a write that ends with the connection.
        subscription.whenCutOff {
            channel.eventLoop.scheduleTask(in: Self.grace) {
                if !subscription.isWritten { channel.close(promise: nil) }
            }
        }
        let body = ResponseBody { writer in
            defer {
                subscription.isWritten = true
                hub.remove(subscription)
            }
            try await writer.write(EventMessage.hello)
            for numbered in subscription.missed { try await writer.write(hub.message(numbered)) }
            for await message in subscription.messages {
                // Also where nothing happens: there is a sign of life every 15 seconds.
                guard isAdmitted() else {
                    try await writer.write(EventMessage.tokenEnded)
                    break
                }
                try await writer.write(message)
            }
            if subscription.wasCutOff { try await writer.write(EventMessage.cutOff) }
            try await writer.finish(nil)
        }
        return Response(
            status: .ok, headers: [.contentType: "text/event-stream", .cacheControl: "no-store"], body: body)
    }
}

extension HTTPField.Name {
    // A valid name by RFC 9110, so that there is always one.
    static let lastEventID = HTTPField.Name("Last-Event-ID") ?? .eTag
}
