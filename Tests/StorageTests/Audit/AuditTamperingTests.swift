import Foundation
import Reconciler
import Specs
import Testing

@testable import Storage

/// One way to change a log of six lines, and what is said of it.
struct Tampering: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var kind: AuditVerdict.Finding.Kind
    /// The first bad line, from 1.
    var line: Int
    var change: @Sendable (inout [String]) -> Void

    init(
        _ description: String, _ kind: AuditVerdict.Finding.Kind, _ line: Int,
        _ change: @escaping @Sendable (inout [String]) -> Void
    ) {
        testDescription = description
        self.kind = kind
        self.line = line
        self.change = change
    }

    /// A line that the log could have written itself.
    private static func forged(_ number: UInt64, after line: String?) -> String {
        let digest = line.map { AuditLine.hash(of: Array($0.utf8)[...]) } ?? AuditLine.origin
        let entry = AuditEntry(time: testMoment, actor: "mallory", action: "start")
        return String(decoding: AuditLine.bytes(entry, number: number, previous: digest), as: UTF8.self)
    }

    static let all = everywhere + odd

    /// The same done to every line.
    private static let everywhere = (0..<6).flatMap { index in
        var all = [
            Tampering("one character of line \(index + 1) altered", .altered, index + 1) { lines in
                lines[index] = lines[index].replacing("number", with: "Number")
            }
        ]
        // Of the last line, nobody can tell without its hash kept elsewhere.
        guard index < 5 else { return all }
        all += [
            Tampering("line \(index + 1) removed", .removed, index + 1) { lines in lines.remove(at: index) },
            Tampering("lines \(index + 1) and \(index + 2) swapped", .reordered, index + 1) { lines in
                lines.swapAt(index, index + 1)
            },
            Tampering("line \(index + 1) replaced by one with hashes in order", .altered, index + 1) { lines in
                lines[index] = forged(UInt64(index + 1), after: index > 0 ? lines[index - 1] : nil)
            },
            Tampering("a line with hashes in order inserted before line \(index + 1)", .inserted, index + 1) { lines in
                lines.insert(forged(UInt64(index + 1), after: index > 0 ? lines[index - 1] : nil), at: index)
            },
        ]
        return all
    }

    private static let odd = [
        Tampering("two lines removed", .removed, 3) { $0.removeSubrange(2...3) },
        Tampering("the first line moved to the end", .reordered, 1) { $0.append($0.removeFirst()) },
        Tampering("the last line moved to the front", .reordered, 1) { $0.insert($0.removeLast(), at: 0) },
        Tampering("line 2 moved behind line 5", .reordered, 2) { $0.insert($0.remove(at: 1), at: 4) },
        Tampering("line 2 written twice", .inserted, 3) { $0.insert($0[1], at: 2) },
        Tampering("line 2 copied behind line 5", .inserted, 6) { $0.insert($0[1], at: 5) },
        Tampering("nonsense between lines 3 and 4", .inserted, 4) { $0.insert("nonsense", at: 3) },
        Tampering("an empty line between lines 3 and 4", .inserted, 4) { $0.insert("", at: 3) },
        Tampering("nonsense at the end", .altered, 7) { $0.append("nonsense") },
        Tampering("nonsense at the front", .inserted, 1) { $0.insert("nonsense", at: 0) },
        Tampering("line 4 emptied", .altered, 4) { $0[3] = "" },
        Tampering("a blank at the end of line 4", .altered, 4) { $0[3] += " " },
        Tampering("line 4 with the hash of another line", .altered, 4) {
            $0[3] = String($0[3].dropLast(66) + $0[2].suffix(66))
        },
        Tampering("line 3 and all of the rest gone but the last", .removed, 3) { $0.removeSubrange(2...4) },
    ]
}

struct AuditTamperingTests {
    private func log(_ scratch: ScratchState, lines: Int = 6, _ limits: AuditLog.Limits = .init()) throws -> AuditLog {
        let log = try AuditLog(path: scratch.audit, now: testMoment, limits: limits)
        for number in 1...lines {
            try log.append([
                AuditEntry(
                    time: testMoment, actor: "reconcile", action: "start", object: "Workload/web/\(number)",
                    detail: "number \(number)")
            ])
        }
        return log
    }

    private func change(_ file: String, _ body: (inout [String]) -> Void) throws {
        let url = URL(fileURLWithPath: file)
        var lines = try String(contentsOf: url, encoding: .utf8).split(separator: "\n").map(String.init)
        body(&lines)
        try Data(lines.map { $0 + "\n" }.joined().utf8).write(to: url)
    }

    @Test("tampering is found at the first line that is not as it was written", arguments: Tampering.all)
    func tampering(_ tampering: Tampering) throws {
        let scratch = try ScratchState()
        _ = try log(scratch)
        try change(scratch.audit, tampering.change)
        let verdict = try AuditLog.verify(scratch.audit)
        #expect(verdict.finding?.kind == tampering.kind)
        #expect(verdict.finding?.line == tampering.line)
        #expect(verdict.goodLines == tampering.line - 1)
    }

    @Test("a changed byte is found, whichever it is")
    func everyByte() throws {
        let scratch = try ScratchState()
        _ = try log(scratch, lines: 3)
        let url = URL(fileURLWithPath: scratch.audit)
        let good = try Data(contentsOf: url)
        for index in good.indices {
            var bad = good
            bad[index] ^= 1
            try bad.write(to: url)
            let verdict = try AuditLog.verify(scratch.audit)
            #expect(verdict.finding != nil || verdict.unfinishedBytes > 0, "byte \(index)")
            let line = good[..<index].count { $0 == AuditFile.newline }
            #expect(verdict.goodLines <= line, "byte \(index)")
        }
    }

    @Test("what is missing at the end is found by who kept the end of the chain")
    func missingEnd() throws {
        let scratch = try ScratchState()
        let head = try log(scratch).head
        #expect(try AuditLog.verify(scratch.audit, expecting: head).finding == nil)
        try change(scratch.audit) { $0.removeLast(2) }
        #expect(try AuditLog.verify(scratch.audit).finding == nil)
        let verdict = try AuditLog.verify(scratch.audit, expecting: head)
        #expect(verdict.finding?.kind == .removed)
        #expect(verdict.finding?.line == 5)
    }

    @Test("a log that was written anew is found by who kept the end of the chain")
    func writtenAnew() throws {
        let (first, second) = (try ScratchState(), try ScratchState())
        let head = try log(first).head
        try AuditLog(path: second.audit, now: testMoment).append(
            (1...8).map { AuditEntry(time: testMoment, actor: "mallory", action: "a\($0)") })
        let verdict = try AuditLog.verify(second.audit, expecting: head)
        #expect(verdict.finding?.kind == .altered)
        #expect(verdict.finding?.line == 6)
    }

    @Test("files that were set aside are checked as well, and none may be missing but the oldest")
    func files() throws {
        let scratch = try ScratchState()
        var limits = AuditLog.Limits()
        limits.fileBytes = 900
        _ = try log(scratch, lines: 12, limits)
        let older = try AuditFolder(path: scratch.audit).older()
        try #require(older.count == 3)
        try change(older[1].path) { $0[0] = $0[0].replacing("number", with: "Number") }
        let verdict = try AuditLog.verify(scratch.audit)
        #expect(verdict.finding == .init(kind: .altered, file: older[1].path, line: 1))
        try FileManager.default.removeItem(atPath: older[1].path)
        #expect(try AuditLog.verify(scratch.audit).finding?.kind == .removed)
        try FileManager.default.removeItem(atPath: older[0].path)
        #expect(try AuditLog.verify(scratch.audit).finding == nil)
        try change(older[2].path) { $0.removeFirst() }
        #expect(try AuditLog.verify(scratch.audit).finding?.kind == .removed)
        try FileManager.default.removeItem(atPath: older[2].path)
        #expect(try AuditLog.verify(scratch.audit).finding?.kind == .removed)
    }
}
