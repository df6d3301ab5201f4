import HostFiles
import Reconciler

/// A file that says whom to trust, outside of every copy of the repository that it protects.
struct TrustFile {
    /// The setting that names it, such as `source.verify.keyringFile`.
    let setting: String
    let path: String
    private static let largest = 8 << 20

    /// - Throws: `SourceError` with `invalidConfiguration`, naming the setting, the file and what would be right.
    func read(protecting repository: ProtectedRepository) throws(SourceError) -> [UInt8] {
        guard path.hasPrefix("/") else { throw wrong("must be named by its full path, beginning with '/'") }
        let (bytes, folders): ([UInt8], [String])
        do throws(TrustedFile.Failure) {
            (bytes, folders) = try TrustedFile(path, .open, largest: Self.largest).read()
        } catch {
            throw wrong(error.reason)
        }
        for folder in folders.reversed() where repository.isWorkingCopy(folder) {
            throw wrong(
                "is in '\(folder)', a copy of the repository that it is to protect: whoever may commit there could "
                    + "let themselves in. Keep it outside, as in /etc/reconcile")
        }
        return bytes
    }

    func wrong(_ reason: String) -> SourceError {
        SourceError(.invalidConfiguration, "\(setting): the file '\(path)' \(reason)")
    }
}
