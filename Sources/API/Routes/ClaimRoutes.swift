import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Reconciler
import Specs

/// `POST /v1/pools/{pool}/claims`, and all that can be done with a claim.
///
/// 201 with the claim, which is on the disk; 400 for a request that can never be carried out, 404 for a pool or a claim that
/// is not known, 409 for a key that belongs to another request and for a claim that is over, 429 when no member was ready
/// in time, 502 when a member could not be made ready for it, 503 when it cannot be written down.
struct ClaimRoutes: Sendable {
    /// Larger bodies are read beside the thread of the connections.
    private static let longestRead = 16 << 10

    let host: any ServedHost
    let bodyDeadline: Duration

    func add(to routes: Routes) {
        routes.on(.makeClaim) { request, context in try await make(request, context) }
        routes.on(.claims) { request, _ in
            let query = try ClaimQuery(try QueryFields(request, ClaimQuery.names))
            let claims = await host.claims()
            return .json(try await Aside.run { try JSONBody.encode(query.page(of: claims)) })
        }
        routes.on(.claim) { _, context in
            let id = try Self.id(context)
            guard let claim = await host.claim(id) else { throw Self.unknown(id) }
            return try Self.answer(claim)
        }
        routes.on(.renewClaim) { request, context in
            let id = try Self.id(context)
            let ttl = try ClaimBody.renewal(
                try await context.body.read(request, over: context.channel, within: bodyDeadline))
            let name = try await context.callerName()
            return try await Self.answer { () throws(ClaimRefusal) in try await host.renew(id, for: ttl, by: name) }
        }
        routes.on(.releaseClaim) { _, context in
            let id = try Self.id(context)
            let name = try await context.callerName()
            return try await Self.answer { () throws(ClaimRefusal) in try await host.release(id, by: name) }
        }
    }

    private func make(_ request: Request, _ context: CallContext) async throws -> Response {
        let pool = context.parameters.get("pool")?.removingPercentEncoding ?? ""
        let bytes = try await context.body.read(
            request, over: context.channel, within: bodyDeadline, upTo: ClaimBody.largest)
        let key = request.headers[.idempotencyKey]
        let wanted =
            bytes.readableBytes > Self.longestRead
            ? try await Aside.run { () throws(Refusal) in try ClaimBody.request(of: pool, bytes, key: key) }
            : try ClaimBody.request(of: pool, bytes, key: key)
        let name = try await context.callerName()
        let (outcome, isThere) = try await context.whileThere { [host] in
            do throws(ClaimRefusal) {
                return Result<Claim, ClaimRefusal>.success(try await host.claim(wanted, by: name))
            } catch {
                return .failure(error)
            }
        }
        switch outcome {
        case .failure(let refusal): throw Refusal(refusal)
        case .success(let claim):
            // Nobody will ever know of it; with a key they can ask again.
            if !isThere && key == nil {
                return try await Self.answer { () throws(ClaimRefusal) in try await host.release(claim.id, by: name) }
            }
            var response = try Self.answer(claim)
            response.status = .created
            response.headers[.location] = "/v1/claims/\(claim.id)"
            return response
        }
    }

    private static func answer(_ body: () async throws(ClaimRefusal) -> Claim) async throws -> Response {
        let claim: Claim
        do throws(ClaimRefusal) {
            claim = try await body()
        } catch {
            throw Refusal(error)
        }
        return try answer(claim)
    }

    private static func answer(_ claim: Claim) throws -> Response { .json(try JSONBody.encode(ClaimDocument(claim))) }

    static func id(_ context: CallContext) throws(Refusal) -> ClaimID {
        let text = context.parameters.get("id")?.removingPercentEncoding ?? ""
        guard let id = ClaimID(text) else {
            throw Refusal(
                .notFound,
                "\(Diagnostic.quote(text)) is no claim's id; it is such as \(ClaimID(number: 0x1f2e_3d4c_5b6a_7988))")
        }
        return id
    }

    static func unknown(_ id: ClaimID) -> Refusal {
        Refusal(.notFound, "there is no claim '\(id)', or it was over long ago; see /v1/claims")
    }
}

extension Refusal {
    init(_ refusal: ClaimRefusal) {
        let status: HTTPResponse.Status =
            switch refusal.code {
            case .invalid: .badRequest
            case .notFound: .notFound
            case .conflict: .conflict
            case .exhausted: .tooManyRequests
            case .failed: .badGateway
            case .unavailable: .serviceUnavailable
            }
        self.init(status, refusal.message)
        // Whole seconds are all that the header can say.
        if let pause = refusal.retryAfter {
            headers[.retryAfter] = String(max(1, Int((pause / .seconds(1)).rounded(.up))))
        }
    }
}

extension HTTPField.Name {
    // A valid name by RFC 9110, so that there is always one.
    static let idempotencyKey = HTTPField.Name("Idempotency-Key") ?? .eTag
}
