import Glibc
import Synchronization

/// The other end of `NOTIFY_SOCKET`: what a supervisor hears.
package final class NotifyListener: Sendable {
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    /// As the environment of the service has it.
    package let address: String
    private let descriptor: Int32
    private let heard = Mutex<[String]>([])

    /// - Parameter address: a path, or `@name` in the abstract namespace.
    package init(_ address: String) throws {
        self.address = address
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        var bytes = Array(address.utf8)
        if bytes.first == UInt8(ascii: "@") { bytes[0] = 0 }
        withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: bytes) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count)
        let isBound = withUnsafePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) == 0 }
        }
        guard isBound else { throw Failure(description: "\(address): \(String(cString: strerror(errno)))") }
    }

    deinit { close(descriptor) }

    /// Every line of every message so far, in the order of their arrival.
    package var lines: [String] {
        heard.withLock { lines in
            var buffer = [UInt8](repeating: 0, count: 8192)
            while true {
                let count = recv(descriptor, &buffer, buffer.count, 0)
                guard count > 0 else { return lines }
                lines += String(decoding: buffer[..<count], as: UTF8.self).split(separator: "\n").map { String($0) }
            }
        }
    }

    /// How often a line was heard.
    package func count(_ line: String) -> Int { lines.count { $0 == line } }
}
