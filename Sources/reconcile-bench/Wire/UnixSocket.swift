import Glibc

/// Blocking calls on Unix sockets, with the errors of the bench.
enum UnixSocket {
    /// An open connection to whoever listens at the path.
    static func connect(to path: String) throws(BenchError) -> CInt {
        let descriptor = try open()
        let result = try withAddress(path) { Glibc.connect(descriptor, $0, $1) }
        guard result == 0 else {
            close(descriptor)
            throw BenchError("nobody answers at '\(path)' (errno \(errno))")
        }
        return descriptor
    }

    /// A new socket at the path, ready for `accept`.
    static func listen(at path: String) throws(BenchError) -> CInt {
        let descriptor = try open()
        let result = try withAddress(path) { bind(descriptor, $0, $1) }
        guard result == 0, Glibc.listen(descriptor, 64) == 0 else {
            close(descriptor)
            throw BenchError("'\(path)' cannot be listened on (errno \(errno))")
        }
        return descriptor
    }

    /// Sends all bytes; false when the other side is gone.
    static func send(_ bytes: some Collection<UInt8>, to descriptor: CInt) -> Bool {
        let all = [UInt8](bytes)
        return all.withUnsafeBytes { buffer in
            var rest = buffer[...]
            while !rest.isEmpty {
                let start = UnsafeRawBufferPointer(rebasing: rest).baseAddress
                let count = Glibc.send(descriptor, start, rest.count, noSignal)
                if count <= 0 { return false }
                rest = rest.dropFirst(count)
            }
            return true
        }
    }

    /// Appends what has arrived, waiting for at least one byte; false at the end of the stream.
    static func receive(from descriptor: CInt, into bytes: inout [UInt8]) -> Bool {
        withUnsafeTemporaryAllocation(byteCount: 64 << 10, alignment: 16) { buffer in
            let count = recv(descriptor, buffer.baseAddress, buffer.count, 0)
            if count <= 0 { return false }
            bytes.append(contentsOf: buffer[..<count])
            return true
        }
    }

    private static var noSignal: CInt { CInt(MSG_NOSIGNAL) }

    private static func open() throws(BenchError) -> CInt {
        let descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw BenchError("no socket can be opened (errno \(errno))") }
        return descriptor
    }

    private static func withAddress(
        _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt
    ) throws(BenchError) -> CInt {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw BenchError("the path '\(path)' is too long for a Unix socket")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}
