import FoundationEssentials
package import Reconciler
import Specs

/// One line of the audit log, as somebody reads it.
package struct AuditRecord: Hashable, Sendable {
    /// Counts from 1, over all files.
    package var number: UInt64
    package var entry: AuditEntry
    /// The SHA-256 of the line without its last member, as the line itself says it.
    package var hash: String
    package var file: String
    /// Within the file, from 1.
    package var line: Int
}

/// What reading an audit log brings.
package struct AuditReading: Hashable, Sendable {
    /// In the order of the files.
    package var records: [AuditRecord] = []
    /// Lines that nobody can make sense of; whether the others are as they were written is another question.
    package var unreadable: [Place] = []

    package struct Place: Hashable, Sendable {
        package var file: String
        package var line: Int
    }
}

extension AuditLog {
    /// Everything that the log and the files that were set aside hold; a daemon may go on writing meanwhile.
    ///
    /// Nothing is checked but that lines can be read: that is what `verify` is for.
    /// - Throws: `StateStoreError` when a file cannot be read.
    package static func read(_ path: String) throws(StateStoreError) -> AuditReading {
        let folder = AuditFolder(path: path)
        var older = try folder.older()
        while true {
            var reading = AuditReading()
            for file in older { try reading.add(file.path) }
            try reading.add(path)
            // A file that was set aside while we read would be missing.
            let now = try folder.older()
            if now.map(\.number) == older.map(\.number) { return reading }
            older = now
        }
    }
}

extension AuditReading {
    fileprivate mutating func add(_ path: String) throws(StateStoreError) {
        let bytes = try AuditFile.contents(of: path)
        // What follows the last line break is being written, or was cut off by a crash.
        let whole = bytes.prefix((bytes.lastIndex(of: AuditFile.newline) ?? -1) + 1).dropLast()
        if whole.isEmpty { return }
        for (index, text) in whole.split(separator: AuditFile.newline, omittingEmptySubsequences: false).enumerated() {
            if let record = AuditRecord(text, file: path, line: index + 1) {
                records.append(record)
            } else {
                unreadable.append(Place(file: path, line: index + 1))
            }
        }
    }
}

extension AuditRecord {
    /// nil for a line that is not JSON with the members of an entry.
    fileprivate init?(_ bytes: ArraySlice<UInt8>, file: String, line: Int) {
        // Said by the place where the line is, and by `verify`.
        guard let written = try? JSONDecoder().decode(Written.self, from: Data(bytes)),
            let time = try? Instant.parse(written.time)
        else { return nil }
        number = written.seq
        entry = AuditEntry(
            time: time, actor: written.actor, action: written.action, object: written.object, detail: written.detail,
            revision: written.revision)
        hash = written.hash
        self.file = file
        self.line = line
    }

    private struct Written: Decodable {
        var seq: UInt64
        var time: String
        var actor: String
        var action: String
        var object: String
        var detail: String
        var revision: String?
        var hash: String
    }
}
