import Glibc

/// A socket to the kernel's packet filter, for one caller at a time.
package final class NetlinkSocket: Sendable {
    /// What the kernel says no with: a number of errno(3).
    package struct Refusal: Error, Hashable, Sendable, CustomStringConvertible {
        package var number: Int32

        package init(number: Int32) { self.number = number }

        package var description: String { String(cString: strerror(number)) }
    }

    private let descriptor: Int32

    /// AF_NETLINK and NETLINK_NETFILTER, which the C library's modules do not name.
    private static let (family, netfilter): (Int32, Int32) = (16, 12)
    /// The type of a message that answers another: 0, or an error.
    private static let answer: UInt16 = 2
    private static let headerBytes = 16

    /// A socket in the network namespace of the thread that calls.
    package init() throws(Refusal) {
        descriptor = socket(Self.family, Int32(SOCK_RAW.rawValue | SOCK_CLOEXEC.rawValue), Self.netfilter)
        guard descriptor >= 0 else { throw Refusal(number: errno) }
        var bytes: Int32 = 1 << 21
        setsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &bytes, socklen_t(MemoryLayout<Int32>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &bytes, socklen_t(MemoryLayout<Int32>.size))
        // The kernel has answered when `send` returns; this is for a kernel that does not.
        var limit = timeval(tv_sec: 5, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(descriptor) }

    /// Returns when the whole transaction is in force; if it throws, nothing of it is.
    package func carryOut(_ batch: SetElementBatch) throws(Refusal) {
        guard send(descriptor, batch.bytes, batch.bytes.count, 0) == batch.bytes.count else {
            throw Refusal(number: errno)
        }
        var left = batch.answered.count
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while left > 0 {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { throw Refusal(number: errno) }
            left -= try Self.acknowledgements(buffer[..<count], of: batch.answered)
        }
    }

    /// How many messages are acknowledged; answers to earlier batches are skipped.
    private static func acknowledgements(
        _ bytes: ArraySlice<UInt8>, of messages: Range<UInt32>
    ) throws(Refusal) -> Int {
        func number(_ place: Int, _ count: Int) -> UInt32 {
            (0..<count).reduce(0) { $0 | UInt32(bytes[place + $1]) << UInt32(8 * $1) }
        }
        var acknowledged = 0
        var place = bytes.startIndex
        while bytes.endIndex - place >= headerBytes + 4 {
            let length = Int(number(place, 4))
            guard length >= headerBytes else { break }
            if number(place + 4, 2) == answer, messages.contains(number(place + 8, 4)) {
                let code = Int32(bitPattern: number(place + headerBytes, 4))
                guard code == 0 else { throw Refusal(number: -code) }
                acknowledged += 1
            }
            place += (length + 3) & ~3
        }
        return acknowledged
    }
}
