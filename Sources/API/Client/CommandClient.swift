import Foundation
package import Reconciler

/// Tells a running daemon what a person asks for.
package enum CommandClient {
    /// - Returns: what holds now, as a sentence for a person.
    /// - Throws: `ClientFailure` with the daemon's own words when it refuses, and when no daemon answers within 10 s.
    package static func send(_ request: CommandRequest, socketPath: String) async throws(ClientFailure) -> String {
        try await send(request.verb, fields: request.fields, socketPath: socketPath)
    }

    static func send(
        _ verb: CommandVerb, fields: [String: String], socketPath: String
    ) async throws(ClientFailure) -> String {
        let body: Data
        do {
            body = try JSONEncoder().encode(fields)
        } catch {
            throw ClientFailure(description: "the request cannot be written as JSON: \(error)")
        }
        return try await SocketClient(socketPath: socketPath).send(
            verb.path, body: body, reading: DaemonClient.message)
    }
}
