package import Reconciler

/// What checking the chain of an audit log came to.
package struct AuditVerdict: Hashable, Sendable {
    package struct Finding: Hashable, Sendable {
        package enum Kind: String, Hashable, Sendable { case altered, removed, inserted, reordered }

        package var kind: Kind
        package var file: String
        /// Within the file, from 1. What was removed stood before this line.
        package var line: Int
    }

    /// How many lines are good, in all files, before the first that is not.
    package var goodLines: Int
    /// The first line that is not as it was written; nil when all are.
    package var finding: Finding?
    /// The end of the chain as far as it is good; nil for an empty log.
    package var head: AuditLog.Head?
    /// What a crash, or a write that is under way, left after the last line.
    package var unfinishedBytes: Int
}

extension AuditLog {
    /// Checks every line of the log and of the files that were set aside; a daemon may go on writing meanwhile.
    ///
    /// - Parameter known: the end of the chain as it was kept somewhere else: finds lines that were removed from the
    ///   end, and a log that was written anew.
    /// - Throws: `StateStoreError` when a file cannot be read.
    package static func verify(_ path: String, expecting known: Head? = nil) throws(StateStoreError) -> AuditVerdict {
        let folder = AuditFolder(path: path)
        var older = try folder.older()
        while true {
            var chain = AuditChain()
            for file in older { try chain.add(file.path, first: file.number) }
            try chain.add(path, first: nil)
            // A file that was set aside while we read would be missing.
            let now = try folder.older()
            if now.map(\.number) == older.map(\.number) { return chain.verdict(expecting: known) }
            older = now
        }
    }
}

/// The lines of all files of one log, and the rules that bind them.
private struct AuditChain {
    private struct Place {
        var file: String
        var line: Int
        var bytes: ArraySlice<UInt8>
    }

    private var places: [Place] = []
    private var unfinishedBytes = 0
    /// The number that the first line must have: older files may have been dropped, and the name of the oldest tells.
    private var firstNumber: UInt64 = 1
    /// What each line turned out to be, as far as the check has come; nil for one that is not as it was written.
    private var lines: [AuditLine?] = []

    /// - Parameter first: the number in the file's name; nil for the file that is being written.
    mutating func add(_ path: String, first: UInt64?) throws(StateStoreError) {
        if places.isEmpty, let first { firstNumber = first }
        let bytes = try AuditFile.contents(of: path)
        var rest = bytes[...]
        var count = 0
        while let end = rest.firstIndex(of: AuditFile.newline) {
            count += 1
            places.append(Place(file: path, line: count, bytes: rest[..<end]))
            rest = rest[(end + 1)...]
        }
        if rest.isEmpty { return }
        // A file that was set aside had ended.
        if first != nil { places.append(Place(file: path, line: count + 1, bytes: rest)) }
        if first == nil { unfinishedBytes = rest.count }
    }

    func verdict(expecting known: AuditLog.Head?) -> AuditVerdict {
        var chain = self
        var number = firstNumber
        for index in places.indices {
            chain.lines.append(AuditLine(places[index].bytes))
            if let (kind, bad) = chain.problem(at: index, expecting: number) {
                return verdict(chain, good: bad, finding(kind, at: bad))
            }
            number += 1
        }
        return verdict(chain, good: places.count, missing(chain, known))
    }

    private func verdict(_ chain: AuditChain, good: Int, _ finding: AuditVerdict.Finding?) -> AuditVerdict {
        let last = good > 0 ? chain.lines[good - 1] : nil
        return AuditVerdict(
            goodLines: good, finding: finding,
            head: last.map { AuditLog.Head(number: $0.number, digest: $0.digest) }, unfinishedBytes: unfinishedBytes)
    }

    private func finding(_ kind: AuditVerdict.Finding.Kind, at index: Int) -> AuditVerdict.Finding {
        guard index < places.count else {
            return AuditVerdict.Finding(kind: kind, file: places.last?.file ?? "", line: (places.last?.line ?? 0) + 1)
        }
        return AuditVerdict.Finding(kind: kind, file: places[index].file, line: places[index].line)
    }

    /// What is wrong with a line, given that all lines before it seemed right; it may be the one before that is.
    private func problem(
        at index: Int, expecting number: UInt64
    ) -> (kind: AuditVerdict.Finding.Kind, index: Int)? {
        guard let line = lines[index] else { return (isInserted(index) ? .inserted : .altered, index) }
        if follows(line, index) {
            if line.number == number { return nil }
            return index == 0 ? disorder(line, index, expecting: number) : (.altered, index)
        }
        guard index > 0 else { return line.number == number ? (.altered, 0) : disorder(line, 0, expecting: number) }
        if places[index].bytes == places[index - 1].bytes { return (.inserted, index) }
        // It was written after the same line as the one before it, which somebody put in between.
        if line.previous == lines[index - 1]?.previous { return (.inserted, index - 1) }
        return line.number == number ? (.altered, index - 1) : disorder(line, index, expecting: number)
    }

    /// Whether a line is chained to the one before this place. What was before an older file is taken on trust.
    private func follows(_ line: AuditLine, _ index: Int) -> Bool {
        if index > 0 { return line.previous == lines[index - 1]?.digest }
        return firstNumber != 1 || line.previous == AuditLine.origin
    }

    /// Whether the line after this place follows the one before it, as if this one were not there.
    private func isInserted(_ index: Int) -> Bool {
        guard index + 1 < places.count, let next = AuditLine(places[index + 1].bytes) else { return false }
        return (index > 0 || firstNumber == 1) && follows(next, index)
    }

    private func disorder(
        _ line: AuditLine, _ index: Int, expecting number: UInt64
    ) -> (kind: AuditVerdict.Finding.Kind, index: Int) {
        if line.number < number { return (.inserted, index) }
        let isLater = places[index...].contains { AuditLine.number($0.bytes) == number }
        return (isLater ? .reordered : .removed, index)
    }

    /// What is known of the end of the chain and is not there.
    private func missing(_ chain: AuditChain, _ known: AuditLog.Head?) -> AuditVerdict.Finding? {
        guard let known, known.number >= firstNumber else { return nil }
        let offset = known.number - firstNumber
        guard offset < UInt64(chain.lines.count) else { return finding(.removed, at: places.count) }
        let index = Int(offset)
        return chain.lines[index]?.digest == known.digest ? nil : finding(.altered, at: index)
    }
}
