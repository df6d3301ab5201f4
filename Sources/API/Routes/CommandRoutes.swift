import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Reconciler

/// `POST /v1/pause` and its like: a JSON object of texts in, `{"message": ...}` out.
///
/// 200 when the word holds, 400 for a request that says something that can never be, 404 for an object or a revision
/// that is not known, 409 for an approval of another set than the present one, 503 when it cannot be written down.
struct CommandRoutes: Sendable {
    let host: any ServedHost
    let cache: ReportCache
    let bodyDeadline: Duration

    func add(to routes: Routes) {
        for verb in CommandVerb.allCases {
            routes.on(.command(verb)) { request, context in try await answer(verb, request, context) }
        }
        routes.on(.sync) { request, context in
            let fields = try Self.fields(try await body(of: request, context))
            if !fields.isEmpty { throw Refusal(.badRequest, "sync has no fields; send an empty body or {}") }
            let answer = await host.sync(by: try await context.callerName())
            cache.invalidate()
            return .message(Self.status(of: answer.outcome), answer.message)
        }
    }

    private func answer(_ verb: CommandVerb, _ request: Request, _ context: CallContext) async throws -> Response {
        let fields = try Self.fields(try await body(of: request, context))
        let name = try await context.callerName()
        do throws(CommandRefusal) {
            let command = try CommandRequest(verb, fields: fields)
            let message = try await host.carryOut(command, by: name)
            cache.invalidate()
            return .message(.ok, message)
        } catch {
            throw Refusal(Self.status(of: error.code), error.message)
        }
    }

    private func body(of request: Request, _ context: CallContext) async throws -> ByteBuffer {
        try await context.body.read(request, over: context.channel, within: bodyDeadline)
    }

    /// - Returns: the fields of the body; none of an empty one.
    private static func fields(_ bytes: ByteBuffer) throws(Refusal) -> [String: String?] {
        if bytes.readableBytes == 0 { return [:] }
        do {
            return try JSONDecoder().decode([String: String?].self, from: Data(bytes.readableBytesView))
        } catch DecodingError.typeMismatch(_, let context) where !context.codingPath.isEmpty {
            let field = context.codingPath.map(\.stringValue).joined(separator: ".")
            throw Refusal(.badRequest, "'\(field)' must be a string")
        } catch {
            throw Refusal(.badRequest, #"the body must be a JSON object of strings, such as {"reason": "..."}"#)
        }
    }

    private static func status(of code: CommandRefusal.Code) -> HTTPResponse.Status {
        switch code {
        case .invalid: .badRequest
        case .notFound: .notFound
        case .conflict: .conflict
        case .unavailable: .serviceUnavailable
        }
    }

    private static func status(of outcome: SyncAnswer.Outcome) -> HTTPResponse.Status {
        switch outcome {
        case .current: .ok
        case .refused: .conflict
        case .failed: .badGateway
        case .stopping: .serviceUnavailable
        }
    }
}
