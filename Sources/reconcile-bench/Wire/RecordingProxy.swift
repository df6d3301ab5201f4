import Foundation
import Glibc
import Synchronization

/// Stands between a client and the engine, passes everything on, and keeps a copy of the requests.
///
/// Counting on the wire misses nothing: the engine's own events say nothing of writes that failed or changed nothing.
final class RecordingProxy: Sendable {
    private let listener: CInt
    private let upstreamPath: String
    private let recorded = Mutex<[Message]>([])

    init(listeningAt path: String, for upstreamPath: String) throws(BenchError) {
        self.upstreamPath = upstreamPath
        listener = try UnixSocket.listen(at: path)
        Thread.detachNewThread { [self] in acceptAll() }
    }

    /// Ends the listening; connections that are open live as long as their ends.
    func stop() { shutdown(listener, CInt(SHUT_RDWR)) }

    /// What was asked since the last call of this function.
    func takeRequests() -> [Message] {
        recorded.withLock { requests in
            defer { requests = [] }
            return requests
        }
    }

    private func acceptAll() {
        while true {
            let client = accept(listener, nil, nil)
            guard client >= 0 else { break }
            _ = fcntl(client, F_SETFD, FD_CLOEXEC)
            do throws(BenchError) {
                let pair = Pair(client: client, upstream: try UnixSocket.connect(to: upstreamPath))
                Thread.detachNewThread { self.passRequests(of: pair) }
                Thread.detachNewThread { pair.passAnswers() }
            } catch {
                // The client sees a closed connection, as it would of an engine that is away.
                close(client)
            }
        }
        close(listener)
    }

    private func passRequests(of pair: Pair) {
        var reader = MessageReader(pair.client)
        while let request = reader.next() {
            recorded.withLock { $0.append(request) }
            guard UnixSocket.send(request.bytes, to: pair.upstream) else { break }
        }
        shutdown(pair.upstream, CInt(SHUT_RDWR))
    }

    /// Two connections, closed when nobody passes anything on any more.
    private final class Pair: Sendable {
        let client: CInt
        let upstream: CInt

        init(client: CInt, upstream: CInt) {
            self.client = client
            self.upstream = upstream
        }

        deinit {
            close(client)
            close(upstream)
        }

        func passAnswers() {
            var bytes: [UInt8] = []
            while UnixSocket.receive(from: upstream, into: &bytes) {
                guard UnixSocket.send(bytes, to: client) else { break }
                bytes.removeAll(keepingCapacity: true)
            }
            shutdown(client, CInt(SHUT_RDWR))
        }
    }
}

extension [Message] {
    /// Requests that may change something.
    var writes: [Message] { filter { !$0.startLine.hasPrefix("GET ") && !$0.startLine.hasPrefix("HEAD ") } }

    /// What was written how often: `41 POST start, 41 POST stop`.
    var kindsOfWrites: String {
        let kinds = writes.map { message in
            let path = message.words.dropFirst().first?.prefix { $0 != "?" } ?? ""
            return "\(message.words.first ?? "") \(path.split(separator: "/").last ?? "")"
        }
        return Dictionary(grouping: kinds) { $0 }.sorted { $0.key < $1.key }.map { "\($1.count) \($0)" }
            .joined(separator: ", ")
    }

    func count(_ prefix: String) -> Int { count { $0.startLine.hasPrefix(prefix) } }
}
