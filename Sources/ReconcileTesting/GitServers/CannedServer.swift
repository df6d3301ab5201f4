import Glibc

/// A listening socket on 127.0.0.1, on a port that the kernel picks.
final class LoopbackListener: Sendable {
    struct Failure: Error {
        let number: Int32
    }

    let descriptor: Int32
    let port: UInt16

    init() throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        let isListening =
            LoopbackPort.withAddress(0) { bind(descriptor, $0, $1) } == 0 && listen(descriptor, 16) == 0
        var address = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isNamed = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) }
        }
        guard isListening, isNamed == 0 else { throw Failure(number: errno) }
        self.descriptor = descriptor
        port = UInt16(bigEndian: address.sin_port)
    }

    func close() { Glibc.close(descriptor) }
}

/// A server that gives everybody the same bytes, or accepts and stays silent for ever.
package enum CannedServer {
    /// - Parameter response: nil for silence; otherwise sent once something was received, and the connection closed.
    @discardableResult
    package static func with<Value>(
        response: String?, _ body: (_ port: UInt16) async throws -> Value
    ) async throws -> Value {
        let listener = try LoopbackListener()
        defer {
            // Ends the thread that waits in `accept`; it closes the socket.
            shutdown(listener.descriptor, Int32(SHUT_RDWR))
        }
        var thread = pthread_t()
        let work = Unmanaged.passRetained(Work(listener: listener, response: response))
        let failure = pthread_create(
            &thread, nil,
            { raw in
                if let raw { Unmanaged<Work>.fromOpaque(raw).takeRetainedValue().serve() }
                return nil
            }, work.toOpaque())
        guard failure == 0 else {
            work.release()
            throw LoopbackListener.Failure(number: failure)
        }
        pthread_detach(thread)
        return try await body(listener.port)
    }

    private final class Work: Sendable {
        let listener: LoopbackListener
        let response: String?

        init(listener: LoopbackListener, response: String?) {
            self.listener = listener
            self.response = response
        }

        func serve() {
            var silent: [Int32] = []
            while true {
                let client = accept(listener.descriptor, nil, nil)
                guard client >= 0 else { break }
                if let response {
                    answer(client, Array(response.utf8))
                } else {
                    silent.append(client)
                }
            }
            silent.forEach { close($0) }
            listener.close()
        }

        private func answer(_ client: Int32, _ bytes: [UInt8]) {
            var request = [UInt8](repeating: 0, count: 4_096)
            _ = recv(client, &request, request.count, 0)
            _ = send(client, bytes, bytes.count, Int32(MSG_NOSIGNAL))
            close(client)
        }
    }
}
