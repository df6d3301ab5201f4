import HTTPTypes
import Hummingbird
import NIOCore
import Synchronization

/// How far the body of one request has come.
final class IncomingBody: Sendable {
    /// The most that a request may carry, unless its route says otherwise.
    static let largest = 1 << 20

    private let isRead = Atomic(false)
    private let isLate = Atomic(false)

    /// Whether all of it was read.
    var wasRead: Bool { isRead.load(ordering: .relaxed) }

    /// - Parameters:
    ///   - largest: the most bytes that it may have.
    ///   - budget: what bodies of strangers may take together; nil for whoever was let in.
    /// - Throws: `Refusal` when there is more than may be, when it comes too slowly, or ends early.
    func read(
        _ request: Request, over channel: any Channel, within deadline: Duration, upTo largest: Int = largest,
        budget: BodyBudget? = nil
    ) async throws -> ByteBuffer {
        let announced = request.headers[.contentLength].flatMap { Int($0) }
        guard announced ?? 0 <= largest else { throw Self.tooLarge(largest) }
        // The reader ends as at the end of the connection; there is still a way to say why.
        let alarm = channel.eventLoop.scheduleTask(in: TimeAmount(deadline)) {
            self.isLate.store(true, ordering: .relaxed)
            channel.close(mode: .input, promise: nil)
        }
        defer { alarm.cancel() }
        var (bytes, taken) = (ByteBuffer(), 0)
        defer { budget?.giveBack(taken) }
        do {
            for try await part in request.body {
                guard bytes.readableBytes + part.readableBytes <= largest else { throw Self.tooLarge(largest) }
                if let budget {
                    guard budget.take(part.readableBytes) else { throw Self.tooMuchAtOnce }
                    taken += part.readableBytes
                }
                bytes.writeImmutableBuffer(part)
            }
        } catch let refusal as Refusal {
            throw refusal
        } catch {
            throw isLate.load(ordering: .relaxed) ? Self.tooLate(deadline) : Self.cutShort
        }
        if isLate.load(ordering: .relaxed) { throw Self.tooLate(deadline) }
        guard announced ?? bytes.readableBytes == bytes.readableBytes else { throw Self.cutShort }
        isRead.store(true, ordering: .relaxed)
        return bytes
    }

    private static func tooLarge(_ largest: Int) -> Refusal {
        Refusal(.contentTooLarge, "the body may have up to \(largest) bytes")
    }
    private static func tooLate(_ deadline: Duration) -> Refusal {
        Refusal(.requestTimeout, "the body must come within \(deadline)")
    }
    private static let cutShort = Refusal(.badRequest, "the body ends before the length that was announced")
    private static let tooMuchAtOnce = Refusal(
        .serviceUnavailable, "too many requests at once; the repository is looked at anyhow",
        headers: [.retryAfter: "5"])
}

/// Bytes that bodies may take together while nobody knows whom they come from.
final class BodyBudget: Sendable {
    private let left: Mutex<Int>

    init(bytes: Int) { left = Mutex(bytes) }

    /// - Returns: false, and takes nothing, when there are not as many left.
    func take(_ count: Int) -> Bool {
        left.withLock { left in
            guard left >= count else { return false }
            left -= count
            return true
        }
    }

    func giveBack(_ count: Int) { left.withLock { $0 += count } }
}

/// Ends a connection on which the body of a request was answered before it was read: what is left of it is nothing that
/// anybody should wait for, and must never be taken for the next request.
struct UnreadBodies: RouterMiddleware {
    /// The answer may be on its way while the body still comes in; closed at once, it could be lost.
    private static let grace = TimeAmount.seconds(2)

    func handle(
        _ request: Request, context: CallContext, next: (Request, CallContext) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        guard Self.hasBody(request), !context.body.wasRead else { return response }
        response.headers[.connection] = "close"
        let channel = context.channel
        channel.eventLoop.scheduleTask(in: Self.grace) { channel.close(promise: nil) }
        return response
    }

    private static func hasBody(_ request: Request) -> Bool {
        if request.headers[.transferEncoding] != nil { return true }
        return request.headers[.contentLength].map { $0 != "0" } ?? false
    }
}
