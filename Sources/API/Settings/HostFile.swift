import Foundation

/// Small files of the host that the API depends on.
enum HostFile {
    private static let largest = 1 << 20

    /// - Parameters:
    ///   - purpose: what the file is for, in messages.
    ///   - isSecret: only its owner may read it then.
    /// - Throws: `APISettingsError` when it cannot be read or others may change it.
    static func text(_ path: String, of purpose: String, isSecret: Bool) throws(APISettingsError) -> String {
        var status = stat()
        guard stat(path, &status) == 0, let bytes = FileManager.default.contents(atPath: path) else {
            throw APISettingsError(
                "the file of \(purpose) '\(path)' cannot be read: \(String(cString: strerror(errno)))")
        }
        let forbidden: mode_t = isSecret ? 0o077 : 0o022
        if status.st_mode & forbidden != 0 {
            let right = isSecret ? "read it: chmod 600 '\(path)'" : "change it: chmod go-w '\(path)'"
            throw APISettingsError("the file of \(purpose) '\(path)' must not let others \(right)")
        }
        guard bytes.count <= largest, let text = String(data: bytes, encoding: .utf8) else {
            throw APISettingsError("the file of \(purpose) '\(path)' is no text of up to 1 MiB")
        }
        return text
    }
}
