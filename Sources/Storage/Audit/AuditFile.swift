import Reconciler
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// A file that only grows, but for what a crash or a failed write left at its end.
final class AuditFile: Sendable {
    let path: String
    private let descriptor: Int32
    /// Whether nothing is left at its end of a write that failed.
    private let isCut = Mutex(true)

    /// Opens the file, or makes it for us alone.
    init(path: String) throws(StateStoreError) {
        self.path = path
        descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        if descriptor < 0 { throw Self.failure("opened", path) }
        FolderSync.sync(folderOf: path)
    }

    deinit { close(descriptor) }

    func size() throws(StateStoreError) -> Int {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Self.failure("read", path) }
        return Int(status.st_size)
    }

    /// Writes all of the bytes at the end, or none.
    ///
    /// - Parameters:
    ///   - size: how long the file is, and what it is cut to when the write fails.
    ///   - isSynced: whether they are on the disk when the call returns.
    func append(_ bytes: [UInt8], at size: Int, isSynced: Bool) throws(StateStoreError) {
        if !isCut.withLock({ $0 }) { try cut(to: size) }
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw takeBack(to: size) }
            written += count
        }
        if isSynced && fdatasync(descriptor) != 0 { throw takeBack(to: size) }
    }

    private func takeBack(to size: Int) -> StateStoreError {
        let error = Self.failure("written", path)
        // What cannot be cut off now is cut off before the next line, or when the log is opened.
        if ftruncate(descriptor, off_t(size)) != 0 { isCut.withLock { $0 = false } }
        return error
    }

    func cut(to size: Int) throws(StateStoreError) {
        guard ftruncate(descriptor, off_t(size)) == 0, fdatasync(descriptor) == 0 else {
            throw Self.failure("cut to its last whole line", path)
        }
        isCut.withLock { $0 = true }
    }

    func sync() throws(StateStoreError) {
        guard fdatasync(descriptor) == 0 else { throw Self.failure("written", path) }
    }

    /// The last lines, the unfinished one included: from some line's start to the end of the file.
    ///
    /// - Parameter enough: the fewest bytes that are read, if there are so many.
    static func tail(of path: String, atLeast enough: Int = 1 << 16) throws(StateStoreError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("opened", path) }
        defer { close(descriptor) }
        let size = lseek(descriptor, 0, SEEK_END)
        var length = min(Int(size), enough)
        while true {
            let bytes = try read(descriptor, path, from: Int(size) - length, count: length)
            if length == Int(size) { return bytes }
            // Two line breaks make sure that one line is there from its start to its end.
            if let first = bytes.firstIndex(of: newline), let last = bytes.lastIndex(of: newline), first < last {
                return Array(bytes[(first + 1)...])
            }
            length = min(Int(size), 2 * length)
        }
    }

    /// All of a file.
    static func contents(of path: String) throws(StateStoreError) -> [UInt8] { try tail(of: path, atLeast: .max) }

    /// The first bytes of a file, at most so many.
    static func opening(of path: String, count: Int) throws(StateStoreError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("opened", path) }
        defer { close(descriptor) }
        return try read(descriptor, path, from: 0, count: count)
    }

    static let newline = UInt8(ascii: "\n")

    private static func read(
        _ descriptor: Int32, _ path: String, from start: Int, count: Int
    ) throws(StateStoreError) -> [UInt8] {
        var isRead = true
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, done in
            while done < count {
                let part = pread(descriptor, buffer.baseAddress.map { $0 + done }, count - done, off_t(start + done))
                if part < 0 && errno == EINTR { continue }
                isRead = part >= 0
                if part <= 0 { break }
                done += part
            }
        }
        guard isRead else { throw failure("read", path) }
        return bytes
    }

    static func failure(_ verb: String, _ path: String) -> StateStoreError {
        StateStoreError(.unavailable, "audit log '\(path)' cannot be \(verb): \(String(cString: strerror(errno)))")
    }
}
