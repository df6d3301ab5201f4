import AsyncHTTPClient
import Glibc
import NIOCore
import NIOHTTP1
import Reconciler

/// Why no answer came, in terms of what that says about the request.
enum TransportFailure: Error, Hashable {
    /// Nothing was sent: the socket is missing, or nobody listens on it.
    case notConnected(String)
    /// The request was sent, perhaps, and nothing (more) came within the deadline.
    case deadlineExceeded(Duration)
    /// The connection broke after the request was sent.
    case replyLost(String)
    case bodyTooLarge
    /// Not HTTP.
    case malformed(String)
    /// Our own caller gave up.
    case cancelled

    /// Sorts what AsyncHTTPClient and NIO throw. The path of the socket goes into the message.
    init(_ error: any Error, socketPath: String = "the socket") {
        switch error {
        case let failure as TransportFailure: self = failure
        case let deadline as DeadlineExceeded: self = .deadlineExceeded(deadline.limit)
        case is CancellationError: self = .cancelled
        case let error as HTTPClientError where error == .cancelled: self = .cancelled
        case let error as HTTPClientError where error == .connectTimeout:
            self = .notConnected("nobody accepts connections at '\(socketPath)'")
        case ChannelError.connectTimeout:
            self = .notConnected("nobody accepts connections at '\(socketPath)'")
        case let error as IOError where Self.connectFailures[error.errnoCode] != nil:
            self = .notConnected((Self.connectFailures[error.errnoCode] ?? "") + " '\(socketPath)'")
        case is NIOTooManyBytesError, is ResponseAccumulator.ResponseTooBigError: self = .bodyTooLarge
        case is HTTPParserError: self = .malformed("\(error)")
        default: self = .replyLost("\(error)")
        }
    }

    /// What `connect` on a Unix socket can say, and no read or write on a connected one does.
    private static let connectFailures: [CInt: String] = [
        ENOENT: "there is no socket at",
        ENOTSOCK: "there is no socket at",
        EPROTOTYPE: "there is another kind of socket at",
        ECONNREFUSED: "nobody listens on",
        EAGAIN: "too many are waiting for",
        EACCES: "permission denied on",
        EPERM: "permission denied on",
    ]
}
