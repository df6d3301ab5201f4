import HTTPTypes
import Hummingbird
import Logging

/// The routes of one door: each is behind the check of who may use it, is counted, and says in JSON what went wrong.
struct Routes {
    typealias Handler = @Sendable (Request, CallContext) async throws -> Response

    let router: Router<CallContext>
    let meter: RequestMeter
    let logger: Logger

    func on(_ endpoint: Endpoint, _ handle: @escaping Handler) {
        let (meter, logger) = (meter, logger)
        router.on(RouterPath(endpoint.path), method: endpoint.method) { request, context in
            let begun = ContinuousClock.now
            let response = await Self.answer(endpoint, request, context, logger, handle)
            meter.count(endpoint, response.status, begun.duration(to: .now))
            return response
        }
    }

    private static func answer(
        _ endpoint: Endpoint, _ request: Request, _ context: CallContext, _ logger: Logger, _ handle: Handler
    ) async -> Response {
        do {
            try admit(context.caller, to: endpoint)
            return try await handle(request, context)
        } catch let refusal as Refusal {
            return refusal.response
        } catch {
            logger.error(
                "request failed",
                metadata: ["event": "api.request-failed", "path": "\(endpoint.path)", "message": "\(error)"])
            return .message(.internalServerError, "the request could not be carried out; the daemon's log says why")
        }
    }

    private static func admit(_ caller: Caller, to endpoint: Endpoint) throws(Refusal) {
        guard case .role(let needed) = endpoint.access else { return }
        guard let role = caller.role else {
            throw Refusal(
                .unauthorized, "this needs a token of role \(needed.rawValue): 'Authorization: Bearer TOKEN'",
                headers: [.wwwAuthenticate: "Bearer"])
        }
        guard role >= needed else {
            throw Refusal(.forbidden, "this needs role \(needed.rawValue), and the token has \(role.rawValue)")
        }
    }
}

/// What is asked for and not served: in JSON, and with the methods that are.
struct UnknownRoutes: RouterMiddleware {
    func handle(
        _ request: Request, context: CallContext, next: (Request, CallContext) async throws -> Response
    ) async throws -> Response {
        do {
            return try await next(request, context)
        } catch let error as HTTPError where error.status == .notFound {
            let path = request.uri.path
            let methods = Endpoint.methods(at: path).map(\.rawValue)
            if methods.isEmpty { return .message(.notFound, "nothing is served at this path; see /openapi.json") }
            let list = methods.joined(separator: ", ")
            return .message(.methodNotAllowed, "this path takes \(list)", headers: [.allow: list])
        }
    }
}
