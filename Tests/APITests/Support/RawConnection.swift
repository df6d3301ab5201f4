import Glibc
import Testing

/// A connection to a Unix socket that sends and reads what a test says, and nothing by itself.
final class RawConnection: Sendable {
    private let descriptor: CInt

    init(_ path: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else { throw Refused() }
    }

    struct Refused: Error {}

    /// Whether somebody accepts connections; a socket has a file a moment before it listens.
    static func isAccepted(_ path: String) -> Bool { (try? RawConnection(path)) != nil }

    deinit { close(descriptor) }

    func send(_ text: String) throws {
        let bytes = Array(text.utf8)
        try #require(write(descriptor, bytes, bytes.count) == bytes.count)
    }

    /// Everything that comes until it is enough, or the other end closes the connection.
    func read(until isEnough: (String) -> Bool = { _ in false }) -> String {
        var text: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = Glibc.read(descriptor, &piece, piece.count)
            if count <= 0 { break }
            text += piece[..<count]
            // Only the end is looked at: there may be megabytes.
            if isEnough(String(decoding: text.suffix(4_096), as: UTF8.self)) { break }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
