import HostFiles

/// Small files of the host that the API depends on.
enum HostFile {
    private static let largest = 1 << 20

    /// - Parameters:
    ///   - purpose: what the file is for, in messages.
    ///   - isSecret: only its owner may read it then.
    /// - Throws: `APISettingsError` when it cannot be read, or others than root and we may change it.
    static func text(_ path: String, of purpose: String, isSecret: Bool) throws(APISettingsError) -> String {
        do throws(TrustedFile.Failure) {
            let bytes = try TrustedFile(path, isSecret ? .secret : .open, largest: largest).read().bytes
            guard let text = String(validating: bytes, as: UTF8.self) else {
                throw TrustedFile.Failure(reason: "is not a text")
            }
            return text
        } catch {
            throw APISettingsError("the file of \(purpose) '\(path)' \(error.reason)")
        }
    }
}
