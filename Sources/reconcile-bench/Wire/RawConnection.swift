import Foundation
import Glibc
import Synchronization

/// One kept connection to the engine that waits for each answer: the least that a client can do for a call.
struct RawConnection: ~Copyable {
    private let descriptor: CInt
    private var reader: MessageReader

    init(_ socketPath: String) throws(BenchError) {
        descriptor = try UnixSocket.connect(to: socketPath)
        reader = MessageReader(descriptor)
    }

    deinit { close(descriptor) }

    /// Sends a request and gives the body of its answer.
    ///
    /// - Throws: for every status but 2xx, and 304, with which the engine says that it was so already.
    ///
    /// - Parameter headers: more of them, each ended by CR LF.
    mutating func call(
        _ method: String, _ target: String, headers: String = "", body: [UInt8] = []
    ) throws(BenchError) -> [UInt8] {
        let head = "\(method) \(target) HTTP/1.1\r\nHost: docker\r\nContent-Type: application/json\r\n\(headers)"
        let request = Array("\(head)Content-Length: \(body.count)\r\n\r\n".utf8) + body
        guard UnixSocket.send(request, to: descriptor), let answer = reader.next() else {
            throw BenchError("\(method) \(target): the connection broke")
        }
        guard answer.words.count > 1, answer.words[1].hasPrefix("2") || answer.words[1] == "304" else {
            let text = String(decoding: answer.body, as: UTF8.self)
            throw BenchError("\(method) \(target): \(answer.startLine): \(text)")
        }
        return answer.body
    }
}

/// Hands out the numbers below `count` to whoever asks next, each once.
final class Counter: Sendable {
    private let taken = Atomic(0)
    private let count: Int

    init(_ count: Int) { self.count = count }

    func next() -> Int? {
        let number = taken.wrappingAdd(1, ordering: .relaxed).oldValue
        return number < count ? number : nil
    }
}

/// Runs the work on as many threads of its own and waits for all; throws the failure of one of them.
func onThreads(_ count: Int, _ work: @escaping @Sendable () throws(BenchError) -> Void) throws(BenchError) {
    let failure = Mutex<BenchError?>(nil)
    let group = DispatchGroup()
    for _ in 0..<count {
        group.enter()
        Thread.detachNewThread {
            do throws(BenchError) { try work() } catch { failure.withLock { $0 = error } }
            group.leave()
        }
    }
    group.wait()
    if let error = failure.withLock({ $0 }) { throw error }
}
