import Foundation
import Glibc

/// Sends back what comes, on a thread for each connection: the least that a server can do.
final class EchoServer: Sendable {
    let path: String
    private let descriptor: CInt

    /// - Parameter isPrompt: whether its threads are scheduled before all others, where that is allowed.
    init(at path: String, isPrompt: Bool) throws(BenchError) {
        self.path = path
        let descriptor = try UnixSocket.listen(at: path)
        self.descriptor = descriptor
        Thread.detachNewThread {
            while true {
                let connection = accept(descriptor, nil, nil)
                if connection < 0 { return }
                Thread.detachNewThread {
                    if isPrompt { PromptThread.enter() }
                    Self.serve(connection)
                }
            }
        }
    }

    func stop() {
        shutdown(descriptor, CInt(SHUT_RDWR))
        close(descriptor)
    }

    private static func serve(_ connection: CInt) {
        var bytes: [UInt8] = []
        while UnixSocket.receive(from: connection, into: &bytes), UnixSocket.send(bytes, to: connection) {
            bytes.removeAll(keepingCapacity: true)
        }
        close(connection)
    }
}
