import Foundation
import Glibc

/// Small files of the host that the API depends on.
enum HostFile {
    private static let largest = 1 << 20

    /// - Parameters:
    ///   - purpose: what the file is for, in messages.
    ///   - isSecret: only its owner may read it then.
    /// - Throws: `APISettingsError` when it cannot be read, or others than root and we may change it.
    static func text(_ path: String, of purpose: String, isSecret: Bool) throws(APISettingsError) -> String {
        // A pipe would let us wait for ever.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else {
            throw wrong(path, purpose, "cannot be read: \(String(cString: strerror(errno)))")
        }
        let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        // The descriptor is asked, not the path: what is checked is then what is read.
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw wrong(path, purpose, "is not a regular file")
        }
        guard status.st_uid == 0 || status.st_uid == geteuid() else {
            throw wrong(
                path, purpose,
                "belongs to user \(status.st_uid): it must belong to root or to user \(geteuid()), that we run as")
        }
        let forbidden: mode_t = isSecret ? 0o077 : 0o022
        if status.st_mode & forbidden != 0 {
            let right = isSecret ? "read it: chmod 600 '\(path)'" : "change it: chmod go-w '\(path)'"
            throw wrong(path, purpose, "must not let others \(right)")
        }
        let bytes: Data
        do {
            bytes = try file.read(upToCount: largest + 1) ?? Data()
        } catch {
            throw wrong(path, purpose, "cannot be read: \(error)")
        }
        guard bytes.count <= largest, let text = String(data: bytes, encoding: .utf8) else {
            throw wrong(path, purpose, "is no text of up to 1 MiB")
        }
        return text
    }

    private static func wrong(_ path: String, _ purpose: String, _ what: String) -> APISettingsError {
        APISettingsError("the file of \(purpose) '\(path)' \(what)")
    }
}
