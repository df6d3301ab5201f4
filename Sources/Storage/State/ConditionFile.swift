import Foundation
package import Reconciler

/// Since when conditions hold, in a file of the state directory.
///
/// Nothing depends on it but what people read: a file that is missing or cannot be read is an empty one, and it is not
/// waited for until it is on the disk.
package struct ConditionFile: Sendable {
    private let path: String

    package init(path: String) { self.path = path }

    package func read() -> ConditionLedger {
        guard let data = FileManager.default.contents(atPath: path) else { return ConditionLedger() }
        // One of another version says nothing to us; conditions are dated from now on then.
        return (try? JSONDecoder().decode(ConditionLedger.self, from: data)) ?? ConditionLedger()
    }

    /// Replaces the file by way of a new one.
    ///
    /// - Throws: when there is no space, or the folder cannot be written.
    package func write(_ ledger: ConditionLedger) throws {
        let draft = path + ".new"
        try JSONEncoder().encode(ledger).write(to: URL(fileURLWithPath: draft))
        guard rename(draft, path) == 0 else { throw CocoaError(.fileWriteUnknown) }
    }
}
