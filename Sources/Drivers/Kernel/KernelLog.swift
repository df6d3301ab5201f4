import FoundationEssentials
import Glibc

/// The kernel's log, line by line, from now on: `/dev/kmsg`, which every reader reads for itself.
package struct KernelLog: ~Copyable {
    private let descriptor: Int32

    /// - Throws: why it cannot be read; most often only root may.
    package init() throws(KernelLogError) {
        descriptor = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { throw KernelLogError(code: errno) }
        lseek(descriptor, 0, Int32(SEEK_END))
    }

    deinit { close(descriptor) }

    /// The next line; nil when none came in time.
    ///
    /// What was overwritten before it was read is passed over.
    package func next(within milliseconds: Int32) throws(KernelLogError) -> String? {
        var buffer = [UInt8](repeating: 0, count: 8192)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count > 0 { return String(decoding: buffer[..<count], as: UTF8.self) }
            switch errno {
            case EPIPE, EINTR: continue
            case EAGAIN: break
            default: throw KernelLogError(code: errno)
            }
            var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            if poll(&waiting, 1, milliseconds) == 0 { return nil }
        }
    }
}

/// The kernel's log cannot be read.
package struct KernelLogError: Error, CustomStringConvertible {
    /// An error number of the C library.
    let code: Int32

    package var description: String { "/dev/kmsg cannot be read: \(String(cString: strerror(code)))" }
}

/// Finds the container that a process belongs to.
package enum ContainerOfProcess {
    /// Its id, 64 hex digits; nil for processes of none, and for those that have ended.
    package static func id(of pid: Int32) -> String? {
        // It ends whenever it likes.
        guard let text = try? KernelFile.read("/proc/\(pid)/cgroup") else { return nil }
        return text.split { !$0.isHexDigit }.first { $0.utf8.count == 64 }.map { String($0) }
    }
}
