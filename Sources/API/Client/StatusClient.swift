import Foundation
package import Reconciler

/// Asks a running daemon how things are.
package enum StatusClient {
    /// - Throws: `ClientFailure` when no daemon listens there or it does not answer within 10 s.
    package static func status(socketPath: String) async throws(ClientFailure) -> HostStatus {
        try await SocketClient(socketPath: socketPath).send("/v1/status") { answer in
            guard answer.isOK else { throw ClientFailure(description: "it answered \(answer.status)") }
            return try JSONDecoder().decode(HostStatus.self, from: answer.body)
        }
    }
}
