import HTTPTypes
import Hummingbird
import NIOCore
import Reconciler

/// `GET /v1/claims/{id}/events`: the claim now and after each change, as server-sent events, until it is over.
struct ClaimStreamRoutes: Sendable {
    let host: any ServedHost
    let feed: ClaimFeed

    func add(to routes: Routes) {
        routes.on(.watchClaim) { _, context in
            let id = try ClaimRoutes.id(context)
            // Watched before it is looked up, so that no change is between the two.
            guard let watch = feed.watch(id) else {
                throw Refusal(.serviceUnavailable, "too many watch already: \(ClaimFeed.mostWatchers)")
            }
            guard let claim = await host.claim(id) else {
                feed.remove(watch)
                throw ClaimRoutes.unknown(id)
            }
            return stream(claim, watch, context)
        }
    }

    private func stream(_ claim: Claim, _ watch: ClaimWatch, _ context: CallContext) -> Response {
        let (feed, isAdmitted) = (feed, context.isAdmitted)
        // Also where nothing is ever written to it.
        context.channel.closeFuture.whenComplete { _ in feed.remove(watch) }
        let body = ResponseBody { writer in
            defer { feed.remove(watch) }
            try await writer.write(EventMessage.hello)
            var changes = [claim] + watch.take(after: claim)
            var wakes = watch.wakes.makeAsyncIterator()
            repeat {
                // Also where nothing happens: there is a sign of life every 15 seconds.
                guard isAdmitted() else {
                    try await writer.write(EventMessage.tokenEnded)
                    break
                }
                if changes.isEmpty { try await writer.write(EventMessage.keepAlive) }
                for change in changes { try await writer.write(try EventMessage.claim(change)) }
                if changes.contains(where: { !$0.isOpen }) { break }
                let isOver = await wakes.next() == nil
                changes = watch.take()
                if isOver && changes.isEmpty { break }
            } while true
            try await writer.finish(nil)
        }
        return Response(
            status: .ok, headers: [.contentType: "text/event-stream", .cacheControl: "no-store"], body: body)
    }
}

extension EventMessage {
    /// The whole claim; one that comes again gets it anew, so that there is no id.
    static func claim(_ claim: Claim) throws -> ByteBuffer {
        var message = ByteBuffer(string: "data: ")
        message.writeImmutableBuffer(try JSONBody.encode(ClaimDocument(claim)))
        message.writeString("\n")
        return message
    }
}
