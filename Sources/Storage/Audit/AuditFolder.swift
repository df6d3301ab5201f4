import Foundation
import Reconciler

#if canImport(Glibc)
    import Glibc
#endif

/// The files that belong to one audit log: `audit.jsonl`, and `audit-000000000001.jsonl` and so on beside it, each
/// named after the number of its first line.
struct AuditFolder {
    private static let suffix = ".jsonl"
    let path: String

    private var folder: String { (path as NSString).deletingLastPathComponent }
    private var stem: String {
        let name = (path as NSString).lastPathComponent
        return name.hasSuffix(Self.suffix) ? String(name.dropLast(Self.suffix.count)) : name
    }

    /// Where a file goes that begins with this line.
    func path(from number: UInt64) -> String {
        let digits = String(number)
        let padding = String(repeating: "0", count: max(0, 12 - digits.count))
        return "\(folder)/\(stem)-\(padding)\(digits)\(Self.suffix)"
    }

    /// The files that were set aside, oldest first, with the numbers of their first lines.
    func older() throws(StateStoreError) -> [(number: UInt64, path: String)] {
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: folder.isEmpty ? "." : folder)
        } catch {
            throw StateStoreError(
                .unavailable, "audit log '\(path)': its folder cannot be read: \(error.localizedDescription)")
        }
        return names.compactMap { name in
            guard name.hasPrefix(stem + "-"), name.hasSuffix(Self.suffix),
                let number = UInt64(name.dropFirst(stem.count + 1).dropLast(Self.suffix.count))
            else { return nil }
            return (number, "\(folder)/\(name)")
        }.sorted { $0.number < $1.number }
    }

    /// The file that was set aside last; nil when there is none.
    var newest: String? {
        get throws(StateStoreError) { try older().last?.path }
    }

    /// Removes the oldest files that were set aside.
    func drop(allBut kept: Int) throws(StateStoreError) {
        for file in try older().dropLast(max(0, kept)) { unlink(file.path) }
    }
}
