import HTTPTypes
import Hummingbird
import Specs

/// Finds out who sends a request, before any route sees it.
struct Admission: RouterMiddleware {
    /// By which of the daemon's addresses requests come in.
    enum Door: Sendable {
        /// Whoever may write to the file.
        case socket
        case network(ListenAddress, TokenStore?)
    }

    let door: Door
    let now: @Sendable () -> Instant

    func handle(
        _ request: Request, context: CallContext, next: (Request, CallContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        do throws(Refusal) {
            (context.caller, context.isAdmitted) = try admit(request)
        } catch {
            return error.response
        }
        return try await next(request, context)
    }

    private func admit(
        _ request: Request
    ) throws(Refusal) -> (Caller, isAdmitted: @Sendable () -> Bool) {
        guard case .network(let address, let tokens) = door else { return (.peer, { true }) }
        // A page in a browser on this machine can send requests here under a name of its own.
        if address.isLoopback, !address.isOwnName(request.head.authority ?? "") {
            throw Refusal(.misdirectedRequest, "the Host header must name this machine: \(address)")
        }
        if request.headers[.origin] != nil { throw Refusal(.forbidden, "requests of web pages are not taken") }
        guard let header = request.headers[.authorization] else { return (.nobody, { true }) }
        let words = header.split(separator: " ", maxSplits: 1)
        guard words.count == 2, words[0].lowercased() == "bearer" else {
            throw Self.unauthorized("the Authorization header must be 'Bearer TOKEN'")
        }
        guard let tokens else { throw Self.unauthorized("this daemon knows no tokens: see api.tokenFile") }
        let token = String(words[1])
        let verdict = tokens.verdict(on: token, now: now())
        switch verdict {
        case .known(let name, let role):
            let now = now
            // With another role it begins anew.
            return (.token(name: name, role), { tokens.verdict(on: token, now: now()) == verdict })
        case .expired(let name): throw Self.unauthorized("the token of '\(name)' has expired")
        case .unknown: throw Self.unauthorized("the token is not known here")
        }
    }

    private static func unauthorized(_ message: String) -> Refusal {
        Refusal(.unauthorized, message, headers: [.wwwAuthenticate: "Bearer"])
    }
}
