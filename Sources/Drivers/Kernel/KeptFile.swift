import Glibc
import Synchronization

/// A small file of the kernel's that is read again and again: opening one costs ten times what reading it does.
///
/// What stays open is closed with the value. A group or process that is gone answers with an error, never with the
/// contents of another one.
final class KeptFile {
    private let descriptor: CInt
    private static let count = Atomic(0)
    /// Half of what the program may have open: the rest is for connections and everything else.
    private static let most: Int = {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 0 }
        return Int(min(limit.rlim_cur, 1 << 20) / 2)
    }()

    /// Whether there is room for those of another container.
    static var hasRoom: Bool { count.load(ordering: .relaxed) + 32 < most }

    /// - Parameter folder: where the path begins.
    /// - Returns: nil where there is no such file, or none for us.
    init?(_ path: String, in folder: KeptFile? = nil) {
        descriptor = openat(folder?.descriptor ?? AT_FDCWD, path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0 { return nil }
        Self.count.add(1, ordering: .relaxed)
    }

    deinit {
        close(descriptor)
        Self.count.subtract(1, ordering: .relaxed)
    }

    /// The whole of a file of one record, as most are; nil when what it is about is gone.
    ///
    /// - Parameter buffer: as large as the longest file may be; what does not fit is cut off.
    func text(_ buffer: UnsafeMutableRawBufferPointer) -> String? {
        bytes(buffer).map { String(decoding: $0, as: UTF8.self) }
    }

    /// As `text`, where it was read to.
    func bytes(_ buffer: UnsafeMutableRawBufferPointer) -> UnsafeRawBufferPointer? {
        let count = read(buffer, at: 0)
        return count < 0 ? nil : UnsafeRawBufferPointer(rebasing: buffer[..<count])
    }

    /// The whole of a table, such as that of the mounts, of which the kernel shows a page of memory at a time; nil when
    /// what it is about is gone.
    func table(_ buffer: UnsafeMutableRawBufferPointer) -> String? {
        var bytes: [UInt8] = []
        while true {
            let count = read(buffer, at: bytes.count)
            if count < 0 { return nil }
            if count == 0 { return String(decoding: bytes, as: UTF8.self) }
            bytes += buffer[..<count]
        }
    }

    private func read(_ buffer: UnsafeMutableRawBufferPointer, at offset: Int) -> Int {
        pread(descriptor, buffer.baseAddress, buffer.count, offset)
    }
}
