import Foundation
import Hummingbird
import NIOCore
import Reconciler

/// `POST /v1/pause` and its like: a JSON object of texts in, `{"message": ...}` out.
///
/// 200 when the word holds, 400 for a request that says something that can never be, 404 for an object or a revision
/// that is not known, 409 for an approval of another set than the present one, 503 when it cannot be written down.
struct CommandRoutes: Sendable {
    typealias CarryOut = @Sendable (CommandRequest, String) async throws(CommandRefusal) -> String

    private static let largestBody = 64 << 10

    let carryOut: CarryOut

    func add(to router: Router<PeerContext>) {
        for verb in CommandVerb.allCases {
            router.post(RouterPath(verb.path)) { request, context in
                await answer(verb, request, context)
            }
        }
    }

    private func answer(
        _ verb: CommandVerb, _ request: Request, _ context: PeerContext
    ) async -> EditedResponse<CommandReply> {
        do throws(CommandRefusal) {
            let command = try CommandRequest(verb, fields: try await fields(request.body))
            let message = try await carryOut(command, await context.peerName())
            return EditedResponse(status: .ok, response: CommandReply(message: message))
        } catch {
            return EditedResponse(status: status(of: error.code), response: CommandReply(message: error.message))
        }
    }

    /// - Returns: the fields of the body; none of an empty one.
    private func fields(_ body: RequestBody) async throws(CommandRefusal) -> [String: String] {
        let bytes: ByteBuffer
        do {
            bytes = try await body.collect(upTo: Self.largestBody)
        } catch {
            throw CommandRefusal(.invalid, "the body could not be read; it may have up to \(Self.largestBody) bytes")
        }
        if bytes.readableBytes == 0 { return [:] }
        do {
            let fields = try JSONDecoder().decode([String: String?].self, from: Data(bytes.readableBytesView))
            return fields.compactMapValues(\.self)
        } catch DecodingError.typeMismatch(_, let context) where !context.codingPath.isEmpty {
            let field = context.codingPath.map(\.stringValue).joined(separator: ".")
            throw CommandRefusal(.invalid, "'\(field)' must be a string")
        } catch {
            throw CommandRefusal(.invalid, #"the body must be a JSON object of strings, such as {"reason": "..."}"#)
        }
    }

    private func status(of code: CommandRefusal.Code) -> HTTPResponse.Status {
        switch code {
        case .invalid: .badRequest
        case .notFound: .notFound
        case .conflict: .conflict
        case .unavailable: .serviceUnavailable
        }
    }
}

extension CommandReply: ResponseCodable {}
