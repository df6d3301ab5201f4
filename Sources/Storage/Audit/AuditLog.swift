package import Reconciler
package import Specs
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// Who did what, one JSON object a line, appended and never changed; each line carries the hash of the one before.
///
/// The chain shows what was altered, removed, inserted or reordered. It does not stop somebody who may write the file
/// from writing all of it anew: keep `head` somewhere else for that, such as in the journal of the machine.
package final class AuditLog: AuditTrail {
    /// The end of the chain.
    package struct Head: Hashable, Sendable {
        /// The number of the last line; 0 before the first.
        package var number: UInt64
        /// The SHA-256 of the last line in hex; 64 zeros before the first.
        package var digest: String

        package init(number: UInt64, digest: String) {
            self.number = number
            self.digest = digest
        }
    }

    package struct Limits: Hashable, Sendable {
        /// A file that would grow beyond is set aside, and a new one carries on the chain.
        package var fileBytes = 16 << 20
        /// How many files that were set aside are kept.
        package var files = 8

        package init() {}
    }

    private struct State {
        var file: AuditFile
        var size: Int
        var head: Head
        /// The number of the first line in the file; nil while it is empty.
        var first: UInt64?
    }

    private let path: String
    private let limits: Limits
    private let state: Mutex<State>

    /// Opens the log, or makes it. What a crash left behind of a line is cut off, and an entry says so.
    ///
    /// - Parameters:
    ///   - path: ends in `.jsonl`; only the holder of the lock of its directory may open it.
    ///   - now: the time of that entry.
    package init(path: String, now: Instant, limits: Limits = Limits()) throws(StateStoreError) {
        self.path = path
        self.limits = limits
        let file = try AuditFile(path: path)
        let end = try AuditEnd(of: file)
        var head = end.head
        if head == nil, let older = try AuditFolder(path: path).newest { head = try AuditEnd.head(of: older) }
        state = Mutex(
            State(
                file: file, size: try file.size(), head: head ?? Head(number: 0, digest: AuditLine.origin),
                first: try end.firstNumber(in: path)))
        if let note = end.note(at: now) { try append([note]) }
    }

    package var head: Head { state.withLock { $0.head } }

    /// Appends these entries in one write: all of them or none.
    ///
    /// - Parameter isSynced: whether they are on the disk when the call returns. What is written before an effect must
    ///   be; what tells of its end need not wait, and is on the disk with the next synced batch.
    /// - Throws: `StateStoreError` with `unavailable`; nothing of the batch is in the log then.
    package func append(_ entries: [AuditEntry], isSynced: Bool = true) throws(StateStoreError) {
        if entries.isEmpty { return }
        try state.withLock { state throws(StateStoreError) in
            var (bytes, head) = Self.lines(entries, after: state.head)
            if state.size > 0 && state.size + bytes.count > limits.fileBytes {
                try rotate(&state)
                (bytes, head) = Self.lines(entries, after: state.head)
            }
            try state.file.append(bytes, at: state.size, isSynced: isSynced)
            state.first = state.first ?? state.head.number + 1
            state.size += bytes.count
            state.head = head
        }
    }

    private static func lines(_ entries: [AuditEntry], after head: Head) -> ([UInt8], Head) {
        var bytes: [UInt8] = []
        var head = head
        for entry in entries {
            let line = AuditLine.bytes(entry, number: head.number + 1, previous: head.digest)
            bytes += line
            bytes.append(AuditFile.newline)
            head = Head(number: head.number + 1, digest: AuditLine.hash(of: line[...]))
        }
        return (bytes, head)
    }

    /// Sets the file aside under the number of its first line, and goes on in a new one.
    private func rotate(_ state: inout State) throws(StateStoreError) {
        try state.file.sync()
        let folder = AuditFolder(path: path)
        let aside = folder.path(from: state.first ?? state.head.number)
        guard rename(path, aside) == 0 else { throw AuditFile.failure("set aside", path) }
        do {
            state.file = try AuditFile(path: path)
        } catch {
            // The open descriptor still leads to it; the next append tries again.
            rename(aside, path)
            throw error
        }
        state.size = 0
        state.first = nil
        try folder.drop(allBut: limits.files)
    }
}
