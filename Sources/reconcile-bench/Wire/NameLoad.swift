import Foundation
import Synchronization

/// Sends queries to a name server from one socket, and takes the time of each.
///
/// The id of a query is its number, so that replies may come in any order. A thread sends and another receives.
struct NameLoad {
    struct Result {
        /// Milliseconds.
        var latencies: [Double]
        var lost: Int
        var elapsed: Duration
    }

    let port: UInt16
    /// Sent one after the other; their ids are overwritten.
    let queries: [[UInt8]]

    /// Keeps so many queries under way.
    func asFastAsPossible(outstanding: Int, for time: Duration) throws -> Result {
        let socket = try UDPSocket(port: port)
        var sent = [ContinuousClock.Instant](repeating: .now, count: 65_536)
        var latencies: [Double] = []
        latencies.reserveCapacity(1_000_000)
        let begun = ContinuousClock.now
        var number = 0
        func send() {
            sent[number & 0xFFFF] = .now
            socket.send(queries[number % queries.count], id: UInt16(truncatingIfNeeded: number))
            number += 1
        }
        for _ in 0..<outstanding { send() }
        while let id = socket.receive() {
            latencies.append((ContinuousClock.now - sent[Int(id)]).milliseconds)
            guard ContinuousClock.now - begun < time else { break }
            send()
        }
        let elapsed = ContinuousClock.now - begun
        while latencies.count < number, let id = socket.receive() {
            latencies.append((ContinuousClock.now - sent[Int(id)]).milliseconds)
        }
        return Result(latencies: latencies, lost: number - latencies.count, elapsed: elapsed)
    }

    /// Sends at fixed times, whatever comes back; a latency counts from when its query was due.
    func paced(perSecond rate: Int, for time: Duration) throws -> Result {
        let socket = try UDPSocket(port: port)
        let total = Int(time.seconds * Double(rate))
        let begun = ContinuousClock.now
        let due: @Sendable (Int) -> ContinuousClock.Instant = {
            begun + .nanoseconds(Int64($0) * 1_000_000_000 / Int64(rate))
        }
        let queries = queries
        let received = Mutex<[Double]>([])
        let threads = Counter(2)
        try onThreads(2) { () throws(BenchError) in
            // A client that waits for a processor would measure itself.
            PromptThread.enter()
            if threads.next() == 0 {
                Self.send(queries, total, at: due, over: socket)
            } else {
                let latencies = Self.receive(total, rate: rate, since: begun, due: due, from: socket)
                received.withLock { $0 = latencies }
            }
        }
        let latencies = received.withLock { $0 }
        return Result(latencies: latencies, lost: total - latencies.count, elapsed: ContinuousClock.now - begun)
    }

    private static func send(
        _ queries: [[UInt8]], _ total: Int, at due: (Int) -> ContinuousClock.Instant, over socket: UDPSocket
    ) {
        for number in 0..<total {
            sleep(until: due(number), shortest: .microseconds(200))
            socket.send(queries[number % queries.count], id: UInt16(truncatingIfNeeded: number))
        }
    }

    private static func receive(
        _ total: Int, rate: Int, since begun: ContinuousClock.Instant, due: (Int) -> ContinuousClock.Instant,
        from socket: UDPSocket
    ) -> [Double] {
        var latencies: [Double] = []
        latencies.reserveCapacity(total)
        while latencies.count < total, let id = socket.receive() {
            let now = ContinuousClock.now
            // Ids come round every few seconds: the newest query with this id that can have been sent is meant. Some are sent
            // a little before they are due.
            let newest = min(total - 1, Int((now - begun) / .nanoseconds(1)) * rate / 1_000_000_000 + rate / 1_000)
            var number = newest & ~0xFFFF | Int(id)
            if number > newest { number -= 0x1_0000 }
            if number >= 0 { latencies.append(max(0, (now - due(number)).milliseconds)) }
        }
        return latencies
    }
}

/// A socket that is connected to a port of this machine. Sending and receiving touch nothing but the descriptor.
private final class UDPSocket: Sendable {
    private let descriptor: Int32

    init(port: UInt16) throws {
        descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue), 0)
        var size: Int32 = 1 << 22
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, 4)
        // More than hosts allow everybody, where we may: what is measured is not this end.
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &size, 4)
        // A reply that does not come within a second is lost.
        var limit = timeval(tv_sec: 1, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else { throw BenchError("no socket for 127.0.0.1:\(port): errno \(errno)") }
    }

    deinit { close(descriptor) }

    func send(_ query: [UInt8], id: UInt16) {
        var query = query
        (query[0], query[1]) = (UInt8(id >> 8), UInt8(id & 0xFF))
        _ = Glibc.send(descriptor, query, query.count, 0)
    }

    /// The id of the next reply; nil if none comes.
    func receive() -> UInt16? {
        withUnsafeTemporaryAllocation(byteCount: 2_048, alignment: 1) { buffer in
            recv(descriptor, buffer.baseAddress, buffer.count, 0) >= 12
                ? UInt16(buffer[0]) << 8 | UInt16(buffer[1]) : nil
        }
    }
}
