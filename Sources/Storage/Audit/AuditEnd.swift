import Reconciler
import Specs

/// What opening the log finds at its end.
struct AuditEnd {
    /// The last whole line; nil in an empty file.
    private(set) var head: AuditLog.Head?
    private var cutBytes = 0
    private var isLastLineIntact = true

    /// Cuts off what has no line break: a crash in the middle of a write. Nobody was ever told that it was written.
    init(of file: AuditFile) throws(StateStoreError) {
        let tail = try AuditFile.tail(of: file.path)
        let whole = (tail.lastIndex(of: AuditFile.newline) ?? -1) + 1
        cutBytes = tail.count - whole
        if cutBytes > 0 { try file.cut(to: try file.size() - cutBytes) }
        guard let line = tail[..<whole].dropLast().split(separator: AuditFile.newline).last else { return }
        isLastLineIntact = AuditLine(line) != nil
        head = try Self.head(of: file.path)
    }

    /// The chain goes on from the bytes that are there, so that whatever is wrong with them stays to be found.
    static func head(of path: String) throws(StateStoreError) -> AuditLog.Head? {
        let lines = try AuditFile.tail(of: path).split(separator: AuditFile.newline)
        guard let line = lines.last else { return nil }
        if let number = AuditLine.number(line) {
            return AuditLog.Head(number: number, digest: AuditLine.hash(of: line))
        }
        // Somebody spoilt the last line: count on from the last one that has a number.
        let all = try AuditFile.contents(of: path).split(separator: AuditFile.newline)
        let index = all.lastIndex { AuditLine.number($0) != nil }
        let number = index.flatMap { AuditLine.number(all[$0]) } ?? 0
        let spoilt = all.count - 1 - (index ?? -1)
        return AuditLog.Head(number: number + UInt64(spoilt), digest: AuditLine.hash(of: line))
    }

    /// The number of the first line in the file, as its first whole line says; nil in an empty file.
    func firstNumber(in path: String) throws(StateStoreError) -> UInt64? {
        guard head != nil else { return nil }
        return AuditLine.number(try AuditFile.opening(of: path, count: 64)[...])
    }

    /// What the log itself says about it; nil when all was well.
    func note(at time: Instant) -> AuditEntry? {
        if cutBytes == 0 && isLastLineIntact { return nil }
        var detail: [String] = []
        if cutBytes > 0 { detail.append("a last line without an end was cut off, bytes: \(cutBytes)") }
        if !isLastLineIntact { detail.append("the last whole line is not as it was written") }
        return AuditEntry(
            time: time, actor: "reconcile", action: "repair-audit-log", detail: detail.joined(separator: "; "))
    }
}
