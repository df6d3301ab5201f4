import Glibc

/// A file of the kernel could not be read.
struct KernelFileError: Error {
    /// An error number of the C library.
    let code: Int32

    /// The process that it is about has ended.
    var isGone: Bool { code == ENOENT || code == ESRCH }
}

/// Files that the kernel makes up when they are read: they have no size, and are read to their end.
enum KernelFile {
    /// More than any of them has; a longer one is cut.
    private static let mostBytes = 1 << 20

    static func read(_ path: String) throws(KernelFileError) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw KernelFileError(code: errno) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while bytes.count < mostBytes {
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            if count < 0 {
                if errno == EINTR { continue }
                throw KernelFileError(code: errno)
            }
            if count == 0 { break }
            bytes += chunk[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// What this kernel has to confine programs with.
package enum KernelSecurity {
    /// Compiled in and switched on. What the kernel's configuration lists proves nothing.
    package static let hasAppArmor: Bool = {
        // Without the file there is no such module.
        guard let text = try? KernelFile.read("/sys/module/apparmor/parameters/enabled") else { return false }
        return text.hasPrefix("Y")
    }()
}
