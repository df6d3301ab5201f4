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
            context.caller = try caller(of: request)
        } catch {
            return error.response
        }
        return try await next(request, context)
    }

    private func caller(of request: Request) throws(Refusal) -> Caller {
        guard case .network(let address, let tokens) = door else { return .peer }
        // A page in a browser on this machine can send requests here under a name of its own.
        if address.isLoopback, !address.isOwnName(request.head.authority ?? "") {
            throw Refusal(.misdirectedRequest, "the Host header must name this machine: \(address)")
        }
        if request.headers[.origin] != nil { throw Refusal(.forbidden, "requests of web pages are not taken") }
        guard let header = request.headers[.authorization] else { return .nobody }
        let words = header.split(separator: " ", maxSplits: 1)
        guard words.count == 2, words[0].lowercased() == "bearer" else {
            throw Self.unauthorized("the Authorization header must be 'Bearer TOKEN'")
        }
        guard let tokens else { throw Self.unauthorized("this daemon knows no tokens: see api.tokenFile") }
        switch tokens.verdict(on: String(words[1]), now: now()) {
        case .known(let name, let role): return .token(name: name, role)
        case .expired(let name): throw Self.unauthorized("the token of '\(name)' has expired")
        case .unknown: throw Self.unauthorized("the token is not known here")
        }
    }

    private static func unauthorized(_ message: String) -> Refusal {
        Refusal(.unauthorized, message, headers: [.wwwAuthenticate: "Bearer"])
    }
}
