import Foundation
import ReconcileTesting
import Reconciler
import Specs
import Testing

@testable import Storage

struct AuditLogTests {
    private func open(_ scratch: ScratchState, _ limits: AuditLog.Limits = .init()) throws -> AuditLog {
        try AuditLog(path: scratch.audit, now: testMoment, limits: limits)
    }

    private func entry(_ number: Int) -> AuditEntry {
        AuditEntry(
            time: testMoment, actor: "reconcile", action: "start", object: "Workload/web/\(number)",
            detail: "number \(number)", revision: number % 2 == 0 ? nil : "3f2c9e1")
    }

    private func bytes(_ scratch: ScratchState) throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: scratch.audit))
    }

    @Test("lines are JSON, numbered, and chained; a new run goes on where the last one ended")
    func chain() throws {
        let scratch = try ScratchState()
        try open(scratch).append([entry(1), entry(2)])
        let log = try open(scratch)
        try log.append([])
        try log.append([entry(3)], isSynced: false)
        let verdict = try AuditLog.verify(scratch.audit)
        #expect(verdict == AuditVerdict(goodLines: 3, finding: nil, head: log.head, unfinishedBytes: 0))
        struct Line: Decodable {
            var seq: Int
            var time, actor, action, object, detail: String
            var revision: String?
            var prev, hash: String
        }
        let lines = try bytes(scratch).split(separator: AuditFile.newline)
            .map { try JSONDecoder().decode(Line.self, from: $0) }
        #expect(lines.map(\.seq) == [1, 2, 3])
        #expect(lines.map(\.object) == ["Workload/web/1", "Workload/web/2", "Workload/web/3"])
        #expect(lines.map(\.revision) == ["3f2c9e1", nil, "3f2c9e1"])
        #expect(lines[0].time == "2026-11-21T13:25:00Z")
        #expect(lines[0].prev == AuditLine.origin)
    }

    @Test(
        "a text stays on its line and comes back from JSON as it was",
        arguments: [
            "two\nlines", "\"quoted\" \\ ", "esc \u{1B}[31m", "bidi \u{202E}", "\u{0}\u{7F}\u{9F}", "ü 🦊 \u{E000}",
        ])
    func escapes(text: String) throws {
        let scratch = try ScratchState()
        try open(scratch).append([AuditEntry(time: testMoment, actor: text, action: "a", detail: text)])
        let line = try bytes(scratch).dropLast()
        #expect(
            String(decoding: line, as: UTF8.self).unicodeScalars.allSatisfy { $0.value >= 32 && $0.value != 0x202E })
        let object = try JSONSerialization.jsonObject(with: line) as? [String: Any]
        #expect(object?["actor"] as? String == text)
        #expect(object?["detail"] as? String == text)
    }

    @Test("a text without end is cut")
    func longText() throws {
        let scratch = try ScratchState()
        let long = String(repeating: "\u{1F98A}\u{1}", count: 100_000)
        try open(scratch).append([AuditEntry(time: testMoment, actor: long, action: long, object: long, detail: long)])
        #expect(try bytes(scratch).count < 1 << 15)
        try open(scratch).append([entry(2)])
        #expect(try AuditLog.verify(scratch.audit).goodLines == 2)
    }

    @Test("the chain can be checked with nothing but sed and sha256sum")
    func byHand() async throws {
        let scratch = try ScratchState()
        try open(scratch).append((1...3).map(entry))
        let script = """
            set -eu
            for line in 1 2 3; do
                text=$(sed -n "${line}p" "$0")
                hash=$(printf %s "$text" | sed 's/,"hash":"[0-9a-f]*"}$/}/' | sha256sum | cut -c 1-64)
                case $text in *",\\"prev\\":\\"${prev:-\(AuditLine.origin)}\\",\\"hash\\":\\"$hash\\"}") ;; *) exit 1 ;; esac
                prev=$(printf %s "$text" | sha256sum | cut -c 1-64)
            done
            """
        try await TestCommand.run("sh", ["-c", script, scratch.audit])
    }

    @Test("a crash at any byte of the last line loses that line, leaves a note, and breaks nothing")
    func tornLine() throws {
        let original = try ScratchState()
        try open(original).append([entry(1), entry(2)])
        let whole = try bytes(original)
        let lastLine = (whole.dropLast().lastIndex(of: AuditFile.newline) ?? 0) + 1
        for length in lastLine..<whole.count {
            let scratch = try ScratchState()
            try whole.prefix(length).write(to: URL(fileURLWithPath: scratch.audit))
            let torn = length - lastLine
            #expect(try AuditLog.verify(scratch.audit).unfinishedBytes == torn)
            let log = try open(scratch)
            try log.append([entry(3)])
            let verdict = try AuditLog.verify(scratch.audit)
            #expect(verdict.finding == nil)
            #expect(verdict.goodLines == (torn == 0 ? 2 : 3))
            let text = String(decoding: try bytes(scratch), as: UTF8.self)
            #expect(text.contains("\"repair-audit-log\"") == (torn > 0))
            #expect(torn == 0 || text.contains("bytes: \(torn)\""))
        }
    }

    @Test("a torn first line leaves an empty log with a note")
    func tornFirstLine() throws {
        let scratch = try ScratchState()
        try Data("{\"seq\":1,".utf8).write(to: URL(fileURLWithPath: scratch.audit))
        #expect(try open(scratch).head.number == 1)
        #expect(try AuditLog.verify(scratch.audit).goodLines == 1)
    }

    @Test("a last line that somebody spoilt is noted, and stays to be found", arguments: ["nonsense", "{\"seq\":2,}"])
    func spoiltLastLine(text: String) throws {
        let scratch = try ScratchState()
        try open(scratch).append([entry(1)])
        try (bytes(scratch) + Data((text + "\n").utf8)).write(to: URL(fileURLWithPath: scratch.audit))
        let log = try open(scratch)
        #expect(log.head.number == 3)
        let verdict = try AuditLog.verify(scratch.audit)
        #expect(verdict.goodLines == 1)
        #expect(verdict.finding?.kind == .altered)
        #expect(verdict.finding?.line == 2)
    }

    @Test("a full file is set aside, the next carries on the chain, and the oldest go")
    func rotation() throws {
        let scratch = try ScratchState()
        var limits = AuditLog.Limits()
        (limits.fileBytes, limits.files) = (1_500, 2)
        for number in 1...30 {
            let log = try open(scratch, limits)
            try log.append([entry(number)])
            let verdict = try AuditLog.verify(scratch.audit, expecting: log.head)
            #expect(verdict.finding == nil, "after \(number) lines")
            #expect(verdict.head == log.head)
            #expect(log.head.number == UInt64(number))
        }
        let names = try scratch.names
        #expect(names.count == 3)
        #expect(names.last == "audit.jsonl")
        #expect(try bytes(scratch).count <= 1_500)
        // A crash after the file was set aside and before the next one was there.
        try FileManager.default.removeItem(atPath: scratch.audit)
        let log = try open(scratch, limits)
        try log.append([entry(31)])
        #expect(try AuditLog.verify(scratch.audit).finding == nil)
    }

    @Test("a batch that does not fit one file goes into one file all the same")
    func largeBatch() throws {
        let scratch = try ScratchState()
        var limits = AuditLog.Limits()
        limits.fileBytes = 1_000
        let log = try open(scratch, limits)
        for _ in 1...2 { try log.append((1...20).map(entry)) }
        #expect(try scratch.names == ["audit-000000000001.jsonl", "audit.jsonl"])
        #expect(try AuditLog.verify(scratch.audit).goodLines == 40)
    }

    @Test("many writers leave one chain")
    func concurrent() throws {
        let scratch = try ScratchState()
        let log = try open(scratch)
        let entry = entry(1)
        DispatchQueue.concurrentPerform(iterations: 50) { _ in
            // A write that fails shows in the count.
            try? log.append([entry, entry], isSynced: false)
        }
        #expect(try AuditLog.verify(scratch.audit).goodLines == 100)
    }
}
