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

/// Threads of the bench that the kernel runs before all ordinary ones: whoever takes the time must not be late itself.
enum PromptThread {
    /// Root may, unless the control group of this process has no share of such threads.
    static let isAllowed: Bool = {
        let before = sched_getscheduler(0)
        defer { if before == SCHED_OTHER { set(SCHED_OTHER, 0) } }
        return set(SCHED_FIFO, 1)
    }()

    /// Has the thread of the caller run so for the rest of its life.
    static func enter() { set(SCHED_FIFO, 1) }

    @discardableResult
    private static func set(_ policy: CInt, _ priority: CInt) -> Bool {
        var parameters = sched_param(sched_priority: priority)
        return sched_setscheduler(0, policy, &parameters) == 0
    }
}
