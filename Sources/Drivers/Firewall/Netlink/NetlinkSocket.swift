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
    /// The type of the message after the last one of a list.
    private static let done: UInt16 = 3
    private static let headerBytes = 16
    /// What comes before the attributes of a message of netfilter: a family, a version and a number.
    private static let netfilterBytes = 4

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
        while left > 0 {
            try receive { message throws(Refusal) in
                guard message.type == Self.answer, batch.answered.contains(message.sequence) else { return }
                if let refusal = message.refusal { throw refusal }
                left -= 1
            }
        }
    }

    /// Asks for all of something, and shows each message of the answer with its attributes.
    func dump(_ request: [UInt8], _ show: (_ type: UInt16, NetlinkAttributes) -> Void) throws(Refusal) {
        guard send(descriptor, request, request.count, 0) == request.count else { throw Refusal(number: errno) }
        var isComplete = false
        while !isComplete {
            try receive { message throws(Refusal) in
                switch message.type {
                case Self.answer: throw message.refusal ?? Refusal(number: EPROTO)
                case Self.done:
                    // What could not be listed to its end is told of here.
                    if let refusal = message.refusal { throw refusal }
                    isComplete = true
                default: show(message.type, NetlinkAttributes(bytes: message.body.dropFirst(Self.netfilterBytes)))
                }
            }
        }
    }

    private struct Message {
        var type: UInt16
        var sequence: UInt32
        var body: ArraySlice<UInt8>

        /// What an answer says no with; nil for one that says yes.
        var refusal: Refusal? {
            let code = Int32(truncatingIfNeeded: NetlinkSocket.number(body.prefix(4)))
            return code == 0 ? nil : Refusal(number: -code)
        }
    }

    /// Waits for messages, and hands over each of those that came at once.
    private func receive(_ take: (Message) throws(Refusal) -> Void) throws(Refusal) {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        guard count > 0 else { throw Refusal(number: errno) }
        var bytes = buffer[..<count]
        while bytes.count >= Self.headerBytes {
            let length = Int(Self.number(bytes.prefix(4)))
            guard length >= Self.headerBytes, length <= bytes.count else { break }
            let header = bytes.prefix(Self.headerBytes)
            try take(
                Message(
                    type: UInt16(Self.number(header.dropFirst(4).prefix(2))),
                    sequence: UInt32(Self.number(header.dropFirst(8).prefix(4))),
                    body: bytes.prefix(length).dropFirst(Self.headerBytes)))
            bytes = bytes.dropFirst((length + 3) & ~3)
        }
    }

    /// In the byte order of the machine, the little one.
    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}
